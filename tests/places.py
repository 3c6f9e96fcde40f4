"""Both places for kept files, and meddling with what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.config import Settings
from segue.media import Folder, Media
from segue.media.s3 import Bucket

IN_BOTH = pytest.mark.parametrize("settings", ["folder", "s3"], indirect=True)
"""Tests of a studio that keeps its files in a folder, and in a bucket."""


def put(media: Media, key: str, content: bytes) -> None:
    """Whatever was under that key, it is `content` now."""
    with media.draft() as draft:
        draft.write(content)
        media.put(key, draft)


def content(media: Media, key: str) -> bytes:
    """What is under that key."""
    file = media.find(key)
    assert file is not None, f"{key} is not there"
    return b"".join(file.chunks())


def names(media: Media, folder: str = "") -> list[str]:
    """The names of what is kept in a folder."""
    return sorted(file.key.rpartition("/")[2] for file in media.files(folder))


def drafts(settings: Settings) -> Path:
    """The folder that files are written in first."""
    return settings.data / ("media/drafts" if settings.media_url is None else "drafts")


def roomless(settings: Settings) -> Media:
    """The same place on a disk that is full."""
    return Folder(settings.data / "media", room=2**60) if settings.media_url is None else Bucket(settings, room=2**60)
