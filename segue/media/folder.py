"""A folder of kept files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from segue.errors import MediaError
from segue.media.drafts import ROOM, Drafts
from segue.media.files import KEY, File, checked, missing
from segue.media.making import Making


class Folder:
    """Files by key under one root."""

    setting = "SEGUE_DATA"

    def __init__(self, root: Path, room: int = ROOM) -> None:
        self.root = root.absolute()
        self.place = str(self.root)
        self._drafts = Drafts(self.root / "drafts", room)
        self._making = Making()

    def prepare(self) -> None:
        self._drafts.prepare()

    def check_room(self) -> None:
        self._drafts.check_room()

    def room(self) -> int | None:
        return self._drafts.room()

    def draft(self) -> AbstractContextManager[BinaryIO]:
        return self._drafts.draft()

    def put(self, key: str, draft: BinaryIO) -> None:
        path = self.path(key)
        draft.flush()
        os.fsync(draft.fileno())
        self._make(path.parent)
        Path(draft.name).replace(path)
        _sync_folder(path.parent)

    def made(self, key: str, make: Callable[[], bytes]) -> int:
        return self._making.made(self, key, make)

    def find(self, key: str) -> File | None:
        return self._found(self.path(key))

    def files(self, folder: str = "") -> Iterator[File]:
        for place, folders, names in os.walk(self.path(f"{folder}/any.file").parent if folder else self.root):
            if Path(place) == self.root:
                folders[:] = [name for name in folders if name != "drafts"]
            for name in names:
                path = Path(place, name)
                if KEY.fullmatch(path.relative_to(self.root).as_posix()) and (file := self._found(path)):
                    yield file

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        path = self.path(key)
        if not path.is_file():
            raise missing(key)
        yield path

    def link(self, key: str, media_type: str, disposition: str) -> str | None:
        return None

    def remove(self, key: str) -> None:
        path = self.path(key)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise MediaError(f"Segue could not remove a file: {error.strerror}.") from error
        with suppress(OSError):
            # Only where it was the last one there.
            path.parent.rmdir()

    def where(self, key: str) -> str:
        return str(self.path(key))

    def path(self, key: str) -> Path:
        """Where `key` is, or would be."""
        return self.root / checked(key)

    def _found(self, path: Path) -> File | None:
        try:
            stat = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise MediaError(f"Segue cannot read its files: {error.strerror}.") from error
        return File(path.relative_to(self.root).as_posix(), stat.st_size, stat.st_mtime, lambda: _opened(path))

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync_folder(folder.parent)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise MediaError(f"Segue cannot read its files: {error.strerror}.") from error


def _sync_folder(folder: Path) -> None:
    """A name is only safe once the folder it is in is on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
