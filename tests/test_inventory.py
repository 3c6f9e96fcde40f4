"""The inventory: what is missing, damaged or named by nothing is found, in both places, and mended where it can be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import update

from segue import belonging, keeping, library
from segue.clips import Clips
from segue.inventory import ORPHAN_SECONDS, Flaw, Inventory, Wrong
from segue.library import KEPT_IN_BIN
from segue.media import File, Media
from segue.models import Clip, State
from segue.parts import Parts
from segue.recipe import Recipe
from tests.places import IN_BOTH, content, names, put
from tests.servers.s3 import S3
from tests.studio import made

pytestmark = IN_BOTH

STRANGER = "zz/zzzzzzzzzzzzzzzzzzzz/audio.flac"


@pytest.fixture
def media(here: Parts) -> Media:
    return here.media


@pytest.fixture
def clips(here: Parts) -> Clips:
    return here.clips


def _look(here: Parts, *, mend: bool = False) -> list[Flaw]:
    """Tomorrow, when everything is old enough."""
    later = time.time() + ORPHAN_SECONDS + 60
    return list(Inventory(here.database, here.media, mend=mend, now=later).look())


def _wrong(here: Parts, *, mend: bool = False) -> list[tuple[Wrong, str, bool]]:
    """What is wrong with which file, and whether it is mended."""
    return [(each.wrong, each.where.rpartition("/")[2], each.mended) for each in _look(here, mend=mend)]


def _check(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["check", *words])


def _now(clips: Clips, clip: Clip) -> Clip:
    found = clips.find(clip.id)
    assert found is not None
    return found


def test_all_is_well_with_cards_formats_and_seeds_beside(
    app: Flask, client: FlaskClient, here: Parts, done: Clip
) -> None:
    for address in (f"/clips/{done.id}/card", f"/clips/{done.id}/audio?format=mp3", "/seeds/vibes/audio"):
        assert client.get(address, buffered=True).status_code == 200
    assert _look(here) == []
    result = _check(app)
    assert (result.exit_code, result.stdout) == (0, "Everything is there, and as it was.\n")
    assert result.stderr == f"Looking at {here.database.place}, and at the files in {here.media.place}.\n"


def test_a_picture_that_is_lost_or_damaged_is_drawn_again(
    app: Flask, here: Parts, media: Media, clips: Clips, done: Clip
) -> None:
    key = done.spectrogram or ""
    spoils: list[Callable[[], None]] = [lambda: media.remove(key), lambda: put(media, key, b"no picture any more")]
    for spoil in spoils:
        spoil()
        assert _check(app).exit_code == 1
        result = _check(app, "--mend")
        assert result.exit_code == 0
        assert "It was drawn again" in result.stdout
        with media.local(_now(clips, done).spectrogram or "") as path, Image.open(path) as picture:
            assert picture.size == (512, 512)
        assert _look(here) == []


def test_a_picture_in_another_format_leaves_nothing_behind(here: Parts, media: Media, clips: Clips, done: Clip) -> None:
    other = f"{keeping.folder(done.id)}/spectrogram.jpg"
    put(media, other, b"a picture, once")
    with here.database.write() as session:
        session.execute(update(Clip).values(spectrogram=other, spectrogram_type="image/jpeg"))
    media.remove(done.spectrogram or "")
    assert _wrong(here, mend=True) == [(Wrong.DAMAGED, "spectrogram.jpg", True)]
    assert names(media, keeping.folder(done.id)) == ["audio.flac", "spectrogram.png"]
    assert _now(clips, done).spectrogram_type == "image/png"


@pytest.mark.parametrize("wrong", [Wrong.MISSING, Wrong.DAMAGED])
def test_a_sound_that_is_lost_is_said_to_be_and_may_come_back(
    app: Flask, client: FlaskClient, here: Parts, media: Media, clips: Clips, done: Clip, wrong: Wrong
) -> None:
    key = done.audio or ""
    sound = content(media, key)
    spoil: Callable[[], None] = (
        (lambda: media.remove(key)) if wrong is Wrong.MISSING else (lambda: put(media, key, sound[:-1]))
    )
    spoil()
    assert _wrong(here) == [(wrong, "audio.flac", False)]
    assert _now(clips, done).gone_at is None, "only looked at"
    assert _wrong(here, mend=True) == [(wrong, "audio.flac", False)]
    page = client.get(f"/clips/{done.id}").text
    assert "Its sound is gone" in page
    assert "<audio" not in page
    assert f"/?from={done.id}" in page
    assert "data-audio" not in client.get("/library").text
    for rest in ("audio", "audio?format=mp3", "card", "embed"):
        assert client.get(f"/clips/{done.id}/{rest}").status_code == 404
    assert _check(app).exit_code == 0, "it is known"
    assert "still" in _check(app).stdout
    put(media, key, sound)
    assert _wrong(here) == [(Wrong.BACK, "audio.flac", False)]
    assert _wrong(here, mend=True) == [(Wrong.BACK, "audio.flac", True)]
    assert "<audio" in client.get(f"/clips/{done.id}").text
    assert _look(here) == []


def test_a_sound_that_is_back_is_said_to_be_where_its_picture_is_lost(
    here: Parts, media: Media, clips: Clips, done: Clip
) -> None:
    sound = content(media, done.audio or "")
    media.remove(done.audio or "")
    media.remove(done.spectrogram or "")
    lost = [(Wrong.MISSING, name, False) for name in ("audio.flac", "spectrogram.png")]
    assert _wrong(here) == _wrong(here, mend=True) == lost
    assert _wrong(here) == [(Wrong.KNOWN, name, True) for _, name, _ in lost]
    put(media, done.audio or "", sound)
    both = [(Wrong.BACK, "audio.flac"), (Wrong.MISSING, "spectrogram.png")]
    assert _wrong(here) == [(*each, False) for each in both]
    assert _wrong(here, mend=True) == [(*each, True) for each in both]
    assert _now(clips, done).gone_at is None
    assert _look(here) == []


def test_a_size_that_is_not_right_is_put_right(here: Parts, media: Media, clips: Clips, done: Clip) -> None:
    clips.change(done.id, lambda clip: clip.weigh(1))
    assert _look(here) == []
    assert _now(clips, done).size == 1, "only looked at"
    assert _look(here, mend=True) == []
    assert _now(clips, done).size == done.size == sum(file.size for file in media.files(keeping.folder(done.id)))


def test_what_nothing_names_is_removed_and_nothing_else(here: Parts, media: Media, clips: Clips, done: Clip) -> None:
    failed = clips.submit(Recipe("bells"), "failed")
    clips.change(failed.id, lambda clip: clip.fail("no", 1.0))
    orphans = [
        STRANGER,
        f"{keeping.folder(done.id)}/spectrogram.jpg",
        f"{keeping.folder(failed.id)}/audio.flac",
        "seeds/0123456789ab/vibes.flac",
    ]
    others = ["photos/cat.jpg", "zz/cat.jpg", f"{keeping.folder(done.id)}/card.jpg"]
    for key in orphans + others:
        put(media, key, b"bytes")
    assert {each.where for each in _look(here)} == {media.where(key) for key in orphans}
    assert all(each.wrong is Wrong.ORPHANED and each.mended for each in _look(here, mend=True))
    kept = {file.key for file in media.files()}
    assert kept == {*others, done.audio, done.spectrogram, belonging.MARK}


def test_what_is_young_or_being_made_is_nobodys_orphan(here: Parts, media: Media, clips: Clips) -> None:
    put(media, STRANGER, b"sound")
    assert list(Inventory(here.database, media, mend=True).look()) == []
    making = clips.submit(Recipe("bells"), "making")
    clips.change(making.id, lambda clip: clip.keep(None))
    key = f"{keeping.folder(making.id)}/audio.flac"
    put(media, key, b"sound")
    assert [each.where for each in _look(here, mend=True)] == [media.where(STRANGER)]
    assert media.find(key)


def test_a_clip_about_to_leave_the_bin_is_missed_by_nobody(here: Parts, media: Media, clips: Clips, done: Clip) -> None:
    clips.change(done.id, lambda clip: clip.bin(time.time() + ORPHAN_SECONDS - KEPT_IN_BIN))
    media.remove(done.audio or "")
    assert _look(here) == []


def test_what_changed_while_it_was_looked_at_is_not_wrong(
    here: Parts, media: Media, clips: Clips, done: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = media.find

    def thrown_away_just_now(key: str) -> File | None:
        if key == done.audio:
            clips.change(done.id, lambda clip: clip.bin(time.time() - KEPT_IN_BIN - 1))
            library.empty_bin(here.database, media, time.time())
        return find(key)

    monkeypatch.setattr(media, "find", thrown_away_just_now)
    assert list(Inventory(here.database, media, mend=True).look()) == []
    assert clips.find(done.id) is None


def test_a_studio_that_works_meanwhile_is_not_disturbed(app: Flask, here: Parts, clips: Clips, media: Media) -> None:
    over = threading.Event()
    found: list[Flaw] = []

    def keep_looking() -> None:
        while not over.is_set():
            found.extend(_look(here, mend=True))

    looking = threading.Thread(target=keep_looking)
    looking.start()
    try:
        made_here = [made(app, Recipe(f"bells {number}")) for number in range(4)]
        clips.change(made_here[0].id, lambda clip: clip.bin(time.time() - KEPT_IN_BIN - 1))
        library.empty_bin(here.database, media, time.time())
    finally:
        over.set()
        looking.join()
    assert found == []
    for clip in made_here[1:]:
        assert _now(clips, clip).state is State.SUCCEEDED
        assert names(media, keeping.folder(clip.id)) == ["audio.flac", "spectrogram.png"]


def test_files_that_are_not_to_be_had_end_it_and_mark_nothing(
    app: Flask, here: Parts, clips: Clips, done: Clip, s3: S3
) -> None:
    if here.settings.media_url is None:
        sound = here.settings.data / "media" / (done.audio or "")
        sound.parent.rename(sound.parent.with_name("elsewhere"))
        sound.parent.touch()
        assert _check(app).exit_code == 1
        return
    s3.denies = True
    try:
        result = _check(app, "--mend")
    finally:
        s3.denies = False
    assert result.exit_code == 2
    assert "storage refuses" in result.stderr
    assert _now(clips, done).gone_at is None
