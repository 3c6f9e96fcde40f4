"""The keys that sign cookies and forms: the newest signs, older ones are believed for as long as anybody may hold
something they signed.

They are kept in one file, a key a line, the newest first; behind an older one stands until when it is good, in seconds
since 1970.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

KEY_LENGTH = 32
"""Characters a key has at the least; ours have 64."""
OLD_SECONDS = 60 * 24 * 3600.0
"""How long a key is believed after a newer one took its place: as long as a browser stays signed in."""


def fresh() -> str:
    """A key nobody can guess."""
    return secrets.token_hex(32)


def long_enough(keys: Sequence[str]) -> bool:
    """Whether there is a key, and none that could be guessed."""
    return bool(keys) and all(len(key) >= KEY_LENGTH for key in keys)


def kept(path: Path) -> list[str]:
    """The keys in a file that are good now, the newest first; one is made where there is no file.

    Two processes that start together agree on one. Raises OSError.
    """
    if not path.exists():
        draft = written(path, [fresh()])
        try:
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
    return [line.split()[0] for line in _good(path)]


def rotate(path: Path, *, forget: bool = False) -> int:
    """Put a new key before those in a file; how many older ones are believed from now on. Raises OSError.

    forget: none of them is.
    """
    newest, *older = _good(path)
    lines = [fresh()] if forget else [fresh(), f"{newest.split()[0]} {time.time() + OLD_SECONDS:.0f}", *older]
    written(path, lines).replace(path)
    return len(lines) - 1


def written(path: Path, lines: Sequence[str]) -> Path:
    """A draft beside the file that holds those lines and is for its owner only. Raises OSError."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="latin-1") as file:
        file.write("\n".join(lines))
        file.flush()
        os.fsync(file.fileno())
    return draft


def _good(path: Path) -> list[str]:
    """The lines of those keys that are good now."""
    lines = [line for line in path.read_text(encoding="latin-1").splitlines() if line.strip()]
    return [line for number, line in enumerate(lines) if number == 0 or _until(line) > time.time()]


def _until(line: str) -> float:
    until = line.rsplit(maxsplit=1)[-1]
    return float(until) if until.isascii() and until.isdigit() else 0.0
