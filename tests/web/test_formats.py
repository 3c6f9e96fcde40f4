"""GET /clips/<id>/audio?format=: the same sound as another file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue import keeping
from segue.audio.files import encode_flac, probe_audio
from segue.clips import Clips
from segue.config import Settings
from segue.media import Media
from segue.models import Clip
from segue.recipe import Recipe
from tests.places import IN_BOTH, content, drafts, names, put, roomless
from tests.studio import opened

pytestmark = IN_BOTH

OTHERS = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg"}


@pytest.fixture
def media(app: Flask) -> Media:
    media: Media = app.extensions["segue"].media
    return media


@pytest.fixture
def another(app: Flask, settings: Settings) -> Iterator[Flask]:
    """A second process of the same studio, as good as."""
    another = opened(settings)
    yield another
    another.extensions["segue"].database.close()


def _kept(media: Media, clip: Clip) -> list[str]:
    return names(media, keeping.folder(clip.id))


@pytest.mark.parametrize("name", OTHERS)
def test_a_clip_is_had_in_another_format(client: FlaskClient, media: Media, done: Clip, name: str) -> None:
    answer = client.get(f"/clips/{done.id}/audio?format={name}", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, OTHERS[name])
    key = f"{done.id[:2]}/{done.id}/audio.{name}"
    assert content(media, key) == answer.data
    with media.local(key) as file:
        info = probe_audio(file)
    assert (info.media_type, info.sample_rate, info.channels) == (OTHERS[name], 44_100, 2)
    assert info.duration == pytest.approx(5.12, abs=0.06)


@pytest.mark.parametrize("query", ["format=flac", "format=FLAC", "format=", ""])
def test_its_own_format_is_the_kept_file_itself(client: FlaskClient, media: Media, done: Clip, query: str) -> None:
    answer = client.get(f"/clips/{done.id}/audio?{query}", buffered=True)
    assert answer.headers["ETag"] == f'"{done.audio_hash}"'
    assert hashlib.sha256(answer.data).hexdigest() == done.audio_hash
    assert _kept(media, done) == ["audio.flac", "spectrogram.png"]


def test_it_is_made_once_and_then_kept(client: FlaskClient, media: Media, done: Clip) -> None:
    first = client.get(f"/clips/{done.id}/audio?format=mp3", buffered=True)
    put(media, done.audio or "", b"no sound any more")
    again = client.get(f"/clips/{done.id}/audio?format=mp3", buffered=True)
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])


def test_another_format_seeks_and_is_kept_for_ever_by_browsers(client: FlaskClient, done: Clip) -> None:
    address = f"/clips/{done.id}/audio?format=ogg"
    whole = client.get(address, buffered=True)
    assert "immutable" in whole.headers["Cache-Control"]
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    part = client.get(address, headers={"Range": "bytes=100-199"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    known = client.get(address, headers={"If-None-Match": whole.headers["ETag"]}, buffered=True)
    assert known.status_code == 304


def test_another_format_is_named_like_the_original(client: FlaskClient, done: Clip) -> None:
    answer = client.get(f"/clips/{done.id}/audio?format=mp3&download", buffered=True)
    name = f"church-bells_to_jazz_a030_94bpm_{done.id[:4]}.mp3"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"


def test_the_page_offers_the_formats_it_is_not_kept_in(client: FlaskClient, done: Clip) -> None:
    page = client.get(f"/clips/{done.id}").text
    assert re.findall(rf'href="/clips/{done.id}/audio\?format=(\w+)&amp;download=1"', page) == ["wav", "mp3", "ogg"]


@pytest.mark.parametrize("name", ["aiff", "../../segue", "mp3.exe", "%00", "wav/../flac", "drafts"])
def test_an_unknown_format_says_which_there_are(client: FlaskClient, media: Media, done: Clip, name: str) -> None:
    answer = client.get(f"/clips/{done.id}/audio?format={name}")
    assert answer.status_code == 404
    assert "A clip can be had as WAV, FLAC, MP3 or OGG." in answer.text
    assert _kept(media, done) == ["audio.flac", "spectrogram.png"]


def test_a_clip_that_is_not_there_or_not_done_has_no_formats(app: Flask, client: FlaskClient) -> None:
    clips: Clips = app.extensions["segue"].clips
    queued = clips.submit(Recipe("bells"), "token")
    for clip_id in (queued.id, "nosuchclip"):
        assert client.get(f"/clips/{clip_id}/audio?format=mp3").status_code == 404
    assert "Other formats" not in client.get(f"/clips/{queued.id}").text


@pytest.mark.parametrize("sound", [b"no sound any more", encode_flac(np.zeros(9_600, np.float32), 96_000)])
def test_a_sound_that_cannot_be_converted_says_so_and_leaves_nothing(
    client: FlaskClient, media: Media, done: Clip, sound: bytes
) -> None:
    put(media, done.audio or "", sound)
    answer = client.get(f"/clips/{done.id}/audio?format=mp3")
    assert answer.status_code == 404
    assert "This clip cannot be had as MP3. Go back and take another format." in answer.text
    assert _kept(media, done) == ["audio.flac", "spectrogram.png"]


def test_a_full_disk_says_so_without_a_trace(
    app: Flask, settings: Settings, client: FlaskClient, media: Media, done: Clip, caplog: pytest.LogCaptureFixture
) -> None:
    here = app.extensions["segue"]
    app.extensions["segue"] = replace(here, media=roomless(settings))
    answer = client.get(f"/clips/{done.id}/audio?format=mp3")
    assert answer.status_code == 503
    assert "There is too little room" in answer.text
    assert "Tell whoever runs this studio, then try again." in answer.text
    assert "Traceback" not in caplog.text
    app.extensions["segue"] = here
    assert client.get(f"/clips/{done.id}/audio?format=mp3", buffered=True).status_code == 200


def test_a_folder_that_cannot_be_written_to_says_so(client: FlaskClient, settings: Settings, done: Clip) -> None:
    drafts(settings).rmdir()
    answer = client.get(f"/clips/{done.id}/audio?format=mp3")
    assert answer.status_code == 503
    assert "No such file or directory." in answer.text


def test_many_who_ask_at_once_all_get_a_whole_file(app: Flask, another: Flask, done: Clip, tmp_path: Path) -> None:
    def ask(number: int) -> bytes:
        asked = (app, another)[number % 2]
        with asked.test_client() as client:
            answer = client.get(f"/clips/{done.id}/audio?format=ogg", buffered=True)
        assert answer.status_code == 200
        return bytes(answer.data)

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(ask, range(16)))
    for number, answer in enumerate(answers):
        file = tmp_path / f"{number}.ogg"
        file.write_bytes(answer)
        assert probe_audio(file).duration == pytest.approx(5.12, abs=0.01)
