"""Drafts: local files that are being written, before they are known to be good."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from segue.errors import MediaError

DRAFT_SECONDS = 3600.0
"""Nobody writes for longer; younger drafts may belong to a process that is alive."""

ROOM = 100 * 1024 * 1024
"""Bytes that have to be free before anything new is made: a clip's two files at their largest, and the database."""


class Drafts:
    """A folder of drafts on a disk of this machine."""

    def __init__(self, folder: Path, room: int = ROOM) -> None:
        self.folder = folder
        self._room = room

    def prepare(self) -> None:
        """Make the folder, and clear away what a process that died long ago left half written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for leftover in self.folder.iterdir():
            with suppress(FileNotFoundError):
                if time.time() - leftover.stat().st_mtime > DRAFT_SECONDS:
                    leftover.unlink()

    def room(self) -> int:
        """Bytes that may still be written to this disk."""
        try:
            return max(0, shutil.disk_usage(self.folder.parent).free - self._room)
        except OSError as error:
            raise MediaError(f"Segue cannot write its files: {error.strerror}.") from error

    def check_room(self) -> None:
        """Raise MediaError when the disk is too full for anything new, or cannot be asked."""
        if not self.room():
            raise MediaError("There is too little room on Segue's disk for anything new.")

    @contextmanager
    def draft(self) -> Iterator[BinaryIO]:
        """A file to write into; gone afterwards unless it was moved away."""
        try:
            file = tempfile.NamedTemporaryFile(dir=self.folder, delete=False)  # noqa: SIM115
        except OSError as error:
            raise MediaError(f"Segue cannot write its files: {error.strerror}.") from error
        try:
            # Closing writes what is left, which may be what finds the disk full.
            with file:
                yield cast(BinaryIO, file)
        except OSError as error:
            raise MediaError(f"Segue could not store a file: {error.strerror}.") from error
        finally:
            Path(file.name).unlink(missing_ok=True)
