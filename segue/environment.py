"""The environment: where settings come from, and the only place that reads it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from segue.errors import SettingsError


def surroundings() -> dict[str, str]:
    """The process's own environment, and what a `.env` file in the working folder adds. Raises SettingsError."""
    try:
        return {**_dotenv(Path(".env")), **os.environ}
    except UnicodeDecodeError as error:
        raise SettingsError("the file .env is not written in UTF-8: save it so.") from error
    except OSError as error:
        raise SettingsError(f"the file .env cannot be read ({error.strerror}).") from error


def value(environ: Mapping[str, str], name: str) -> str | None:
    """The value of `name`, or the content of the file that `name`_FILE points to; empty counts as unset."""
    if given := environ.get(name, "").strip():
        return given
    if path := environ.get(f"{name}_FILE", "").strip():
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise SettingsError(f"{name}_FILE names {path}, which cannot be read ({reason}).") from error
    return None


def slips(environ: Mapping[str, str], names: Collection[str]) -> Iterator[str]:
    """Sentences about what begins as our names do and is none of `names`: slips of the pen, as a rule."""
    for name in sorted(environ):
        if name.startswith("SEGUE_") and name.removesuffix("_FILE") not in names:
            meant = get_close_matches(name, names, n=1, cutoff=0.75)
            yield f"{name} is no setting of Segue's" + (f": is {meant[0]} meant?" if meant else ".")


def _dotenv(path: Path) -> dict[str, str]:
    """What a `.env` file says, if there is one. Raises SettingsError for a line that says nothing."""
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            for binding in parse_stream(file):
                if binding.error:
                    raise SettingsError(f"line {binding.original.line} of the file {path} is not NAME=value.")
    return {name: value for name, value in dotenv_values(path).items() if value is not None}
