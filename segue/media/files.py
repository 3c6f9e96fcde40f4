"""What a kept file is, wherever it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from segue.errors import MediaError

KEY = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*\.[a-z0-9]+")
CHUNK = 256 * 1024


@dataclass(frozen=True)
class File:
    """A kept file: its size in bytes, when it was put there (seconds since the epoch), and how to read it.

    What `open` returns can be sought in; reading raises MediaError, or OSError from a disk.
    """

    key: str
    size: int
    changed: float
    open: Callable[[], BinaryIO]

    def chunks(self) -> Iterator[bytes]:
        """Its bytes; it is opened when the first are asked for."""
        with self.open() as file:
            while chunk := file.read(CHUNK):
                yield chunk


def checked(key: str) -> str:
    """The key. Keys are ours alone; anything else is a mistake."""
    if not KEY.fullmatch(key):
        raise MediaError("That is not the name of a kept file.")
    return key


def missing(key: str) -> MediaError:
    """What there is to say where a file should be."""
    return MediaError(f"The file {key} is not there.")
