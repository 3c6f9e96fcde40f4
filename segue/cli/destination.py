"""Where a clip's file is to go: looked at before anything is paid for, written in one step."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

from segue.errors import SegueError

AUDIO = (".wav", ".flac", ".ogg", ".mp3")
PICTURES = (".png", ".jpg", ".webp")


class NotWritten(SegueError):
    """A file could not be written, though it looked possible at first."""


class Destination:
    """A file given as `option`, whose extension is one of `extensions` and chooses the format."""

    def __init__(self, path: Path, option: str, extensions: tuple[str, ...], force: bool) -> None:
        self.path = path
        self.extension = path.suffix.lower()
        self._option = option
        self._extensions = extensions
        self._force = force
        self._draft = path.with_name(f".segue-{os.getpid()}{self.extension}")

    def check(self) -> None:
        """Raises BadParameter, so that the command ends, unless the file can be written."""
        if self.extension not in self._extensions:
            raise self._refusal(
                f"{self.path} has to end in {', '.join(self._extensions[:-1])} or {self._extensions[-1]}."
            )
        try:
            if self.path.is_dir():
                raise self._refusal(f"{self.path} is a folder.")
            if self._taken():
                raise self._refusal(f"{self.path} is there already; --force replaces it.")
            self._draft.touch()
            self._draft.unlink()
        except OSError as error:
            raise self._refusal(f"{self.path} cannot be written: {error.strerror}.") from error

    def write(self, file: Path, kept: str, convert: Callable[[Path, str], bytes]) -> None:
        """Write what is in `file`: as it is, or converted where the extension asks for it. Raises NotWritten.

        kept: where it is kept, for people.
        """
        try:
            as_it_is = kept.endswith(self.extension)
            content = file.read_bytes() if as_it_is else convert(file, self.extension)
            if self._taken():
                raise NotWritten(f"{self.path} is there now, and was not replaced. The clip is kept as {kept}")
            try:
                self._draft.write_bytes(content)
                self._draft.replace(self.path)
            finally:
                with suppress(OSError):
                    self._draft.unlink(missing_ok=True)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotWritten(f"{self.path} could not be written: {reason}. The clip is kept as {kept}") from error

    def _taken(self) -> bool:
        return not self._force and os.path.lexists(self.path)

    def _refusal(self, message: str) -> click.BadParameter:
        return click.BadParameter(message, param_hint=repr(self._option))
