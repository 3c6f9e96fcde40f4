"""Media: what is visible is whole."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from segue.errors import MediaError
from segue.media import Folder


@pytest.fixture
def media(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "media")
    folder.prepare()
    return folder


def _drafts(media: Folder) -> list[Path]:
    return list((media.root / "drafts").iterdir())


def test_a_draft_becomes_visible_only_when_put(media: Folder) -> None:
    with media.draft() as draft:
        draft.write(b"sound")
        assert not media.path("k3/k3f9/audio.wav").exists()
        media.put("k3/k3f9/audio.wav", draft)
    assert media.path("k3/k3f9/audio.wav").read_bytes() == b"sound"
    assert _drafts(media) == []


def test_putting_again_replaces(media: Folder) -> None:
    for sound in (b"first", b"second"):
        with media.draft() as draft:
            draft.write(sound)
            media.put("a/audio.wav", draft)
    assert media.path("a/audio.wav").read_bytes() == b"second"


def test_a_draft_that_comes_to_nothing_leaves_nothing(media: Folder) -> None:
    with pytest.raises(RuntimeError), media.draft() as draft:
        draft.write(b"half")
        raise RuntimeError("the other half never came")
    assert _drafts(media) == []


def test_what_a_dead_process_left_half_written_is_cleared_away(media: Folder) -> None:
    old, young = (media.root / "drafts" / name for name in ("old", "young"))
    for draft in (old, young):
        draft.write_bytes(b"half")
    os.utime(old, (time.time() - 4000,) * 2)
    media.prepare()
    assert _drafts(media) == [young], "the young one may belong to a process that is alive"


@pytest.mark.parametrize("key", ["../key", "/etc/passwd", "a/../../b.wav", "", "a\x00b.wav", "A/b.wav", "a.wav\n"])
def test_only_our_own_keys_are_paths(media: Folder, key: str) -> None:
    with pytest.raises(MediaError):
        media.path(key)


def test_a_full_disk_is_an_error_in_words(media: Folder) -> None:
    with pytest.raises(MediaError, match="No space left on device"), media.draft() as draft:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")
        draft.write(b"never reached")
