"""Media: what is visible is whole, in a folder and in a bucket."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segue import media as places
from segue.config import Settings
from segue.errors import MediaError
from segue.media import Media
from tests.places import IN_BOTH, content, drafts, put, roomless
from tests.serving import PATIENCE

pytestmark = IN_BOTH


@pytest.fixture
def media(settings: Settings) -> Media:
    media = places.at(settings)
    media.prepare()
    return media


def _drafts(settings: Settings) -> list[Path]:
    return list(drafts(settings).iterdir())


def test_a_draft_becomes_visible_only_when_put(media: Media, settings: Settings) -> None:
    with media.draft() as draft:
        draft.write(b"sound")
        assert media.find("k3/k3f9/audio.wav") is None
        media.put("k3/k3f9/audio.wav", draft)
    assert content(media, "k3/k3f9/audio.wav") == b"sound"
    assert _drafts(settings) == []


def test_putting_again_replaces(media: Media) -> None:
    for sound in (b"first", b"second"):
        put(media, "a/audio.wav", sound)
    assert content(media, "a/audio.wav") == b"second"


def test_a_draft_that_comes_to_nothing_leaves_nothing(media: Media, settings: Settings) -> None:
    with pytest.raises(RuntimeError), media.draft() as draft:
        draft.write(b"half")
        raise RuntimeError("the other half never came")
    assert _drafts(settings) == []


def test_what_a_dead_process_left_half_written_is_cleared_away(media: Media, settings: Settings) -> None:
    old, young = (drafts(settings) / name for name in ("old", "young"))
    for draft in (old, young):
        draft.write_bytes(b"half")
    os.utime(old, (time.time() - 4000,) * 2)
    media.prepare()
    assert _drafts(settings) == [young], "the young one may belong to a process that is alive"


@pytest.mark.parametrize("key", ["../key", "/etc/passwd", "a/../../b.wav", "", "a\x00b.wav", "A/b.wav", "a.wav\n"])
def test_only_our_own_keys_are_names(media: Media, key: str) -> None:
    with pytest.raises(MediaError, match="not the name"):
        media.find(key)
    with pytest.raises(MediaError, match="not the name"):
        put(media, key, b"sound")
    with pytest.raises(MediaError, match="not the name"):
        media.remove(key)


def test_a_file_is_read_from_anywhere_in_it(media: Media) -> None:
    put(media, "a/audio.wav", bytes(range(256)) * 4_000)
    file = media.find("a/audio.wav")
    assert file
    assert file.size == 1_024_000
    assert file.changed == pytest.approx(time.time(), abs=60)
    with file.open() as sound:
        sound.seek(-3, os.SEEK_END)
        assert sound.read() == b"\xfd\xfe\xff"
        sound.seek(256 * 3_000 + 7)
        assert sound.read(2) == b"\x07\x08"
        assert sound.tell() == 256 * 3_000 + 9
    with media.local("a/audio.wav") as path:
        assert path.read_bytes() == bytes(range(256)) * 4_000


def test_a_local_copy_does_not_stay(media: Media, settings: Settings) -> None:
    put(media, "a/audio.wav", b"sound")
    with media.local("a/audio.wav"):
        pass
    assert _drafts(settings) == []
    with pytest.raises(MediaError, match="is not there"), media.local("a/other.wav"):
        pass


def test_files_are_listed_all_or_by_folder_and_without_drafts(media: Media) -> None:
    for key in ("k3/k3f9/audio.wav", "k3/k3f9/card.jpg", "k3/k3f90/audio.wav", "seeds/vibes.flac"):
        put(media, key, key.encode())
    with media.draft():
        found = {file.key: file.size for file in media.files()}
    assert found == {
        key: len(key) for key in ("k3/k3f9/audio.wav", "k3/k3f9/card.jpg", "k3/k3f90/audio.wav", "seeds/vibes.flac")
    }
    assert {file.key for file in media.files("k3/k3f9")} == {"k3/k3f9/audio.wav", "k3/k3f9/card.jpg"}
    assert list(media.files("k3/nobody")) == []


def test_what_is_removed_is_gone_and_the_rest_stays(media: Media) -> None:
    put(media, "k3/k3f9/audio.wav", b"sound")
    put(media, "k3/k3f9/card.jpg", b"card")
    media.remove("k3/k3f9/audio.wav")
    media.remove("k3/k3f9/audio.wav")
    assert [file.key for file in media.files()] == ["k3/k3f9/card.jpg"]


def test_what_is_not_there_is_made_once_however_many_ask(media: Media) -> None:
    made = []

    def make() -> bytes:
        made.append(1)
        time.sleep(0.05)
        return b"sound"

    with ThreadPoolExecutor(8) as crowd:
        added = list(crowd.map(lambda _: media.made("a/audio.wav", make), range(8)))
    assert content(media, "a/audio.wav") == b"sound"
    assert sorted(added) == [0] * 7 + [5]
    assert made == [1]


def test_two_processes_that_make_the_same_at_once_both_have_it_whole(media: Media, settings: Settings) -> None:
    both = threading.Barrier(2, timeout=PATIENCE)

    def make() -> bytes:
        both.wait()
        return b"sound" * 100_000

    with ThreadPoolExecutor(2) as crowd:
        list(crowd.map(lambda each: each.made("a/audio.wav", make), [media, places.at(settings)]))
    assert content(media, "a/audio.wav") == b"sound" * 100_000
    assert _drafts(settings) == []


def test_what_could_not_be_made_leaves_nothing_and_is_made_the_next_time(media: Media) -> None:
    def break_down() -> bytes:
        raise RuntimeError("a string broke")

    with pytest.raises(RuntimeError):
        media.made("a/audio.wav", break_down)
    assert media.find("a/audio.wav") is None
    assert media.made("a/audio.wav", lambda: b"sound") == 5


def test_nothing_is_made_without_room_for_it(media: Media, settings: Settings) -> None:
    with pytest.raises(MediaError, match="too little room"):
        roomless(settings).made("a/audio.wav", lambda: b"sound")
    assert media.find("a/audio.wav") is None


def test_a_full_disk_is_an_error_in_words(media: Media) -> None:
    with pytest.raises(MediaError, match="No space left on device"), media.draft() as draft:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")
        draft.write(b"never reached")


def test_a_disk_that_is_full_for_the_last_bytes_only_is_an_error_in_words_too(media: Media, settings: Settings) -> None:
    with pytest.raises(MediaError, match="No space left on device"), media.draft() as draft:
        with Path("/dev/full").open("wb") as full:
            os.dup2(full.fileno(), draft.fileno())
        draft.write(b"few enough to wait in memory")
        media.put("a/audio.wav", draft)
    assert _drafts(settings) == []


def test_a_folder_has_no_links(media: Media, settings: Settings) -> None:
    if settings.media_url is None:
        assert media.link("a/audio.wav", "audio/wav", "attachment") is None
