"""Where kept bytes live: a folder. What is visible there is whole."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from segue.errors import MediaError

DRAFT_SECONDS = 3600.0
"""Nobody writes for longer; younger drafts may belong to a process that is alive."""

ROOM = 100 * 1024 * 1024
"""Bytes that have to be free before anything new is made: a clip's two files at their largest, and the database."""

KEY = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*\.[a-z0-9]+")


class Folder:
    """Files by key, such as `k3/k3f9.../audio.flac`, under one root."""

    def __init__(self, root: Path, room: int = ROOM) -> None:
        self.root = root.absolute()
        self._room = room
        self._drafts = self.root / "drafts"
        self._making = threading.Lock()

    def prepare(self) -> None:
        """Make the folders, and clear away what a process that died long ago left half written."""
        self._drafts.mkdir(parents=True, exist_ok=True)
        for leftover in self._drafts.iterdir():
            with suppress(FileNotFoundError):
                if time.time() - leftover.stat().st_mtime > DRAFT_SECONDS:
                    leftover.unlink()

    def check_room(self) -> None:
        """Raise MediaError when the disk is too full for anything new, or cannot be asked."""
        try:
            free = shutil.disk_usage(self.root).free
        except OSError as error:
            raise MediaError(f"Segue cannot write its files: {error.strerror}.") from error
        if free < self._room:
            raise MediaError("There is too little room on Segue's disk for anything new.")

    def made(self, key: str, make: Callable[[], bytes]) -> Path:
        """Where `key` is, with what `make` returns if it is not there yet. Raises MediaError, and whatever `make` does.

        However many ask at once, a process makes one thing at a time, and once: it costs memory and a processor. Two
        processes may make the same; what is there is whole all the same.
        """
        path = self.path(key)
        if path.exists():
            return path
        with self._making:
            if not path.exists():
                self.check_room()
                content = make()
                with self.draft() as draft:
                    draft.write(content)
                    self.put(key, draft)
        return path

    @contextmanager
    def draft(self) -> Iterator[BinaryIO]:
        """A file to write into before it is known to be good; gone afterwards unless `put` took it."""
        try:
            file = tempfile.NamedTemporaryFile(dir=self._drafts, delete=False)  # noqa: SIM115
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

    def put(self, key: str, draft: BinaryIO) -> None:
        """Make a draft visible under `key`, in one step and safely on disk, replacing what was there."""
        path = self.path(key)
        draft.flush()
        os.fsync(draft.fileno())
        self._make(path.parent)
        Path(draft.name).replace(path)
        _sync_folder(path.parent)

    def remove(self, folder: str) -> None:
        """Throw away a folder of kept files, such as `k3/k3f9...`, if it is there. Raises MediaError."""
        path = self.path(f"{folder}/any.file").parent
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise MediaError(f"Segue could not remove a file: {error.strerror}.") from error

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync_folder(folder.parent)

    def path(self, key: str) -> Path:
        """Where `key` is, or would be. Keys are ours alone; anything else is a mistake."""
        if not KEY.fullmatch(key):
            raise MediaError("That is not the name of a kept file.")
        return self.root / key


def _sync_folder(folder: Path) -> None:
    """A name is only safe once the folder it is in is on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
