"""Where kept bytes live: a folder, or a bucket that speaks S3. What is there under its key is whole.

Keys are ours, such as `k3/k3f9.../audio.flac`; what is under one never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from segue.config import Settings
from segue.media.drafts import ROOM
from segue.media.files import KEY, File
from segue.media.folder import Folder

__all__ = ["KEY", "ROOM", "File", "Folder", "Media", "at"]


class Media(Protocol):
    """A place for kept files. Methods are safe to call from any thread or process, and raise MediaError.

    `place` says where that is, for people; `setting` what it comes from.
    """

    place: str
    setting: str

    def prepare(self) -> None:
        """Make ready for drafts. Nobody else is asked for anything yet."""

    def check_room(self) -> None:
        """Raise MediaError when there is no room for anything new, or the place is not to be had."""

    def room(self) -> int | None:
        """Bytes that may still be kept here; None where nobody can tell."""

    def draft(self) -> AbstractContextManager[BinaryIO]:
        """A local file to write into before it is known to be good; gone afterwards unless a folder took it."""

    def put(self, key: str, draft: BinaryIO) -> None:
        """Make a draft visible under `key`, in one step and safely stored, replacing what was there."""

    def made(self, key: str, make: Callable[[], bytes]) -> int:
        """Put what `make` returns under `key`, if nothing is there yet. Returns the bytes that were added.

        However many ask at once, a process makes one thing at a time, and once: it costs memory and a processor. Two
        processes may make the same; what is there is whole all the same.
        """

    def find(self, key: str) -> File | None:
        """The file under `key`, if there is one."""

    def files(self, folder: str = "") -> Iterator[File]:
        """All that is kept, or what is in one folder such as `k3/k3f9...`; drafts are not."""

    def local(self, key: str) -> AbstractContextManager[Path]:
        """The file under `key` as one of this machine, for reading and for as long as the block lasts."""

    def link(self, key: str, media_type: str, disposition: str) -> str | None:
        """An address that a browser may fetch the file from itself, for a minute; None where there is no such."""

    def remove(self, key: str) -> None:
        """Throw a file away, if it is there."""

    def where(self, key: str) -> str:
        """Where the file is, for people."""


def at(settings: Settings) -> Media:
    """Where this studio keeps its files."""
    if settings.media_url is None:
        return Folder(settings.data / "media")
    from segue.media.s3 import Bucket

    return Bucket(settings)
