"""Media: what is visible is whole."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
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


def test_what_is_not_there_is_made_once_however_many_ask(media: Folder) -> None:
    made = []

    def make() -> bytes:
        made.append(1)
        time.sleep(0.05)
        return b"sound"

    with ThreadPoolExecutor(8) as crowd:
        paths = list(crowd.map(lambda _: media.made("a/audio.wav", make), range(8)))
    assert {path.read_bytes() for path in paths} == {b"sound"}
    assert made == [1]


def test_two_processes_that_make_the_same_at_once_both_have_it_whole(media: Folder) -> None:
    both = threading.Barrier(2, timeout=10)

    def make() -> bytes:
        both.wait()
        return b"sound" * 100_000

    with ThreadPoolExecutor(2) as crowd:
        paths = list(crowd.map(lambda each: each.made("a/audio.wav", make), [media, Folder(media.root)]))
    assert [path.read_bytes() for path in paths] == [b"sound" * 100_000] * 2
    assert _drafts(media) == []


def test_what_could_not_be_made_leaves_nothing_and_is_made_the_next_time(media: Folder) -> None:
    def break_down() -> bytes:
        raise RuntimeError("a string broke")

    with pytest.raises(RuntimeError):
        media.made("a/audio.wav", break_down)
    assert not media.path("a/audio.wav").exists()
    assert media.made("a/audio.wav", lambda: b"sound").read_bytes() == b"sound"


def test_nothing_is_made_without_room_for_it(media: Folder) -> None:
    roomless = Folder(media.root, room=2**60)
    with pytest.raises(MediaError, match="too little room"):
        roomless.made("a/audio.wav", lambda: b"sound")
    assert not media.path("a/audio.wav").exists()


def test_a_full_disk_is_an_error_in_words(media: Folder) -> None:
    with pytest.raises(MediaError, match="No space left on device"), media.draft() as draft:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")
        draft.write(b"never reached")


def test_a_disk_that_is_full_for_the_last_bytes_only_is_an_error_in_words_too(media: Folder) -> None:
    with pytest.raises(MediaError, match="No space left on device"), media.draft() as draft:
        with Path("/dev/full").open("wb") as full:
            os.dup2(full.fileno(), draft.fileno())
        draft.write(b"few enough to wait in memory")
        media.put("a/audio.wav", draft)
    assert _drafts(media) == []
