"""Storage: counted as it is kept, warned about in time, and an end to it in plain words."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue import keeping, library
from segue.config import Settings
from segue.doctor import examine
from segue.errors import LimitReached, MediaError, SettingsError
from segue.findings import Mark
from segue.library import KEPT_IN_BIN
from segue.media import File, Folder
from segue.models import Clip
from segue.parts import Parts
from segue.recipe import Recipe
from segue.storage import COUNT_SECONDS, LOW, WEIGH_SECONDS, Storage, size
from tests.places import IN_BOTH
from tests.studio import made, opened
from tests.visitor import hidden


class Disk(Folder):
    """A folder on a disk with so much room."""

    left = 0

    def room(self) -> int | None:
        return self.left


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Flask]:
    """A studio that has used up what it may."""
    settings = Settings.load({"SEGUE_DATA": str(tmp_path / "full"), "SEGUE_STORAGE_BUDGET": "0.5 MB"})
    first, then = opened(settings), opened(settings)
    clips = first.extensions["segue"].clips
    clip = clips.submit(Recipe("bells", take=1), "token")
    clips.change(clip.id, lambda clip: clip.weigh(10**6))
    yield then
    for app in (first, then):
        app.extensions["segue"].database.close()


def _held(here: Parts, clip: Clip) -> int:
    return sum(file.size for file in here.media.files(keeping.folder(clip.id)))


def _kept(here: Parts, clip: Clip) -> int | None:
    found = here.clips.find(clip.id)
    assert found is not None
    return found.size


@IN_BOTH
def test_a_clip_knows_what_it_holds_with_all_that_was_made_of_it(client: FlaskClient, here: Parts, done: Clip) -> None:
    assert _kept(here, done) == _held(here, done) > 100_000
    for address in ("card", "card", "audio?format=wav", "audio?format=wav", "audio?format=flac"):
        client.get(f"/clips/{done.id}/{address}", buffered=True)
    assert _kept(here, done) == _held(here, done) > 1_000_000


@IN_BOTH
def test_clips_of_before_are_weighed(here: Parts, done: Clip) -> None:
    with here.database.write() as session:
        session.get_one(Clip, done.id).size = None
    here.clips.grow(done.id, 1000)
    assert _kept(here, done) is None, "what it holds is not known, and not a thousand bytes"
    here.storage.weigh()
    assert _kept(here, done) == _held(here, done)


def test_many_are_weighed_a_part_at_a_time(here: Parts, done: Clip) -> None:
    clock = iter((0.0, WEIGH_SECONDS + 1.0, 100.0, 100.0))
    storage = Storage(here.database, here.media, None, clock=lambda: next(clock))
    with here.database.write() as session:
        session.get_one(Clip, done.id).size = None
    storage.weigh()
    assert _kept(here, done) is None, "the rest comes later"
    storage.weigh()
    assert _kept(here, done) == _held(here, done)


def test_a_clip_that_cannot_be_weighed_keeps_none_of_the_others_from_it(app: Flask, here: Parts, done: Clip) -> None:
    other = made(app, Recipe("rain"))

    class Broken(Folder):
        def files(self, folder: str = "") -> Iterator[File]:
            if folder == keeping.folder(done.id):
                raise MediaError("That folder cannot be read.")
            return super().files(folder)

    with here.database.write() as session:
        for clip in (done, other):
            session.get_one(Clip, clip.id).size = None
    Storage(here.database, Broken(here.settings.data / "media"), None).weigh()
    assert _kept(here, done) is None
    assert _kept(here, other) == _held(here, other)


def test_what_is_thrown_away_for_good_makes_room(here: Parts, done: Clip) -> None:
    here.clips.bin(done.id)
    storage = Storage(here.database, here.media, 10**9)
    assert storage.fill().used == _held(here, done)
    library.empty_bin(here.database, here.media, (done.finished_at or 0.0) + KEPT_IN_BIN + 60)
    assert Storage(here.database, here.media, 10**9).fill().used == 0


@pytest.mark.parametrize(
    ("budget", "room", "most"),
    [(None, None, None), (1000, None, 1000), (None, 500, 600), (1000, 500, 600), (550, 500, 550)],
)
def test_there_is_as_much_room_as_the_budget_and_the_disk_both_allow(
    here: Parts, tmp_path: Path, done: Clip, budget: int | None, room: int | None, most: int | None
) -> None:
    here.clips.change(done.id, lambda clip: clip.weigh(100))
    disk = Disk(tmp_path / "disk")
    disk.left = room  # type: ignore[assignment]
    assert Storage(here.database, disk, budget).fill().most == most


@pytest.mark.parametrize(("used", "warns", "full"), [(799, False, False), (800, True, False), (1000, True, True)])
def test_a_warning_comes_long_before_the_end(
    here: Parts, done: Clip, caplog: pytest.LogCaptureFixture, used: int, warns: bool, full: bool
) -> None:
    here.clips.change(done.id, lambda clip: clip.weigh(used * 10**6))
    storage = Storage(here.database, here.media, 1000 * 10**6)
    assert (storage.fill().warning is not None) is warns
    with caplog.at_level(logging.WARNING):
        storage.tend()
    assert ("1.0 GB are used" in caplog.text) is warns
    if full:
        with pytest.raises(LimitReached, match=r"1\.0 GB of 1\.0 GB are used"):
            storage.check()
    else:
        storage.check()


@pytest.mark.parametrize(
    ("room", "says"),
    [
        (LOW, None),
        (LOW - 10**8, "The disk has room for 900.0 MB more. Before long no new clips can be made"),
        (0, "The disk is full. No new clips are made"),
    ],
)
def test_a_disk_that_others_fill_is_told_of_in_time(
    here: Parts, tmp_path: Path, caplog: pytest.LogCaptureFixture, room: int, says: str | None
) -> None:
    disk = Disk(tmp_path / "disk")
    disk.left = room
    storage = Storage(here.database, disk, None)
    with caplog.at_level(logging.WARNING):
        storage.tend()
    told = [record.getMessage() for record in caplog.records if record.name == "segue.storage"]
    assert [says in line for line in told] == [True] if says else told == []
    if room:
        storage.check()
    else:
        with pytest.raises(LimitReached, match="at the moment: the disk is full"):
            storage.check()


def test_the_log_has_it_once_that_nothing_more_is_taken(
    here: Parts, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(tmp_path / "disk")
    storage = Storage(here.database, disk, None)

    def refused() -> None:
        with pytest.raises(LimitReached):
            storage.check()

    for _ in range(3):
        refused()
    assert caplog.text.count("The disk is full.") == 1
    disk.left = 10**10
    storage.check()
    disk.left = 0
    refused()
    assert caplog.text.count("The disk is full.") == 2, "it was well in between"


def test_what_is_asked_for_is_counted_once_a_minute(here: Parts, done: Clip) -> None:
    now = 1000.0
    storage = Storage(here.database, here.media, 1000, clock=lambda: now)
    here.clips.change(done.id, lambda clip: clip.weigh(100))
    storage.check()
    here.clips.change(done.id, lambda clip: clip.weigh(2000))
    storage.check()
    now += COUNT_SECONDS
    with pytest.raises(LimitReached):
        storage.check()
    here.clips.change(done.id, lambda clip: clip.weigh(100))
    assert storage.fill().used == 100, "who looks sees it as it is"
    storage.check()


def test_a_full_studio_refuses_in_words_with_the_form_still_filled_in(full: Flask) -> None:
    client = full.test_client()
    here: Parts = full.extensions["segue"]
    page = client.get("/").text
    form = {name: hidden(page, name) for name in ("csrf_token", "token")}
    answer = client.post("/clips", data=form | {"prompt_a": "the next one", "prompt_b": "jazz"})
    assert answer.status_code == 429
    assert "There is no room for new clips at the moment: 1.0 MB of 500 kB are used." in unescape(answer.text)
    assert "the next one" in answer.text
    assert len(library.newest(here.database, 10)) == 1
    usage = unescape(client.get("/usage").text)
    assert "1.0 MB of 500 kB are used. No new clips are made" in re.sub(r"\s+", " ", usage)
    (finding,) = [finding for finding in examine(here) if finding.about == "storage"]
    assert finding.mark is Mark.TROUBLE


def test_a_click_that_was_taken_is_not_refused_when_it_comes_again(full: Flask) -> None:
    here: Parts = full.extensions["segue"]
    (first,) = library.newest(here.database, 10)
    assert here.clips.submit(Recipe("bells", take=1), "token").id == first.id


def test_a_studio_with_room_says_what_clips_take(app: Flask, client: FlaskClient, here: Parts, done: Clip) -> None:
    assert re.search(r"Clips take \d+ kB of [\d.]+ [GT]B\.", client.get("/usage").text)
    (finding,) = [finding for finding in examine(here) if finding.about == "storage"]
    assert finding.mark is Mark.OK


@pytest.mark.parametrize(
    ("said", "meant"), [("20 GB", 20 * 10**9), ("1.5TB", 1500 * 10**9), ("500 mb", 500 * 10**6), ("", None)]
)
def test_a_budget_is_a_size(said: str, meant: int | None) -> None:
    assert Settings.load({"SEGUE_STORAGE_BUDGET": said}).storage_budget == meant


@pytest.mark.parametrize("said", ["much", "20", "-1 GB", "1 GiB GB", "20 G"])
def test_what_is_no_size_is_no_budget(said: str) -> None:
    with pytest.raises(SettingsError, match=r"SEGUE_STORAGE_BUDGET .* size such as 500 MB"):
        Settings.load({"SEGUE_STORAGE_BUDGET": said})


@pytest.mark.parametrize("address", ["http://bucket", "s3://", "s3://B", "s3://bucket/../x y", "bucket"])
def test_what_is_no_bucket_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match=r"SEGUE_MEDIA_URL .* s3://bucket/prefix"):
        Settings.load({"SEGUE_MEDIA_URL": address})


def test_half_a_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="go together"):
        Settings.load({"AWS_ACCESS_KEY_ID": "id"})


def test_sizes_in_words() -> None:
    assert [size(count) for count in (0, 12_345, 1_500_000, 2 * 10**9, 10**12)] == [
        "0 kB",
        "12 kB",
        "1.5 MB",
        "2.0 GB",
        "1.0 TB",
    ]
