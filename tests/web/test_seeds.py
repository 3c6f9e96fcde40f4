"""GET /seeds/<seed>/audio and /picture: a seed before it is chosen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import soundfile
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from segue.audio.grid import LOOP_SAMPLES, SAMPLE_RATE
from segue.config import Settings
from segue.media import File, Media
from segue.recipe import SEEDS
from segue.seeds import FOLDER, THUMBNAIL, band
from segue.sketch import play
from tests.places import IN_BOTH, put, roomless
from tests.studio import opened

pytestmark = IN_BOTH


def _media(app: Flask) -> Media:
    media: Media = app.extensions["segue"].media
    return media


def _files(app: Flask) -> list[File]:
    return sorted(_media(app).files(FOLDER), key=lambda file: file.key)


@pytest.mark.parametrize("seed", [seed.id for seed in SEEDS])
def test_every_seed_is_heard_as_the_band_plays_it(client: FlaskClient, seed: str) -> None:
    answer = client.get(f"/seeds/{seed}/audio", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "audio/flac")
    sound, rate = soundfile.read(BytesIO(answer.data), dtype="float32")
    assert (rate, sound.shape) == (SAMPLE_RATE, (LOOP_SAMPLES, 2))
    assert np.abs(sound - play("any words", "", 0.5, seed, 0.0, 50, 0)).max() <= 1 / 32768


def test_every_seed_is_seen(client: FlaskClient) -> None:
    pictures = set()
    for seed in SEEDS:
        answer = client.get(f"/seeds/{seed.id}/picture", buffered=True)
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        with Image.open(BytesIO(answer.data)) as picture:
            assert picture.size == (512, 512)
        pictures.add(answer.data)
    assert len(pictures) == len(SEEDS)


def test_a_pads_picture_is_small_and_kept_as_long_as_the_band_stays(client: FlaskClient) -> None:
    address = f"/seeds/vibes/picture?small={band()}"
    assert address in client.get("/").text
    answer = client.get(address, buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert len(answer.data) < 6_000
    with Image.open(BytesIO(answer.data)) as picture:
        assert picture.size == THUMBNAIL
    assert answer.headers["Cache-Control"] == "public, max-age=31536000"


def test_a_picture_of_another_band_is_asked_after(client: FlaskClient) -> None:
    answer = client.get("/seeds/vibes/picture?small=of-old", buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache, max-age=0"


@pytest.mark.parametrize("what", ["audio", "picture"])
def test_a_seed_is_made_once_and_asked_after_each_time(app: Flask, client: FlaskClient, what: str) -> None:
    address = f"/seeds/og_beat/{what}"
    whole = client.get(address, buffered=True)
    (file,) = _files(app)
    put(_media(app), file.key, whole.data[:-1] + b"!")
    again = client.get(address, buffered=True)
    assert again.data == whole.data[:-1] + b"!", "nothing was made again"
    assert again.headers["Cache-Control"] == "no-cache, max-age=0"
    assert again.headers["X-Content-Type-Options"] == "nosniff"
    known = client.get(address, headers={"If-None-Match": again.headers["ETag"]}, buffered=True)
    assert (known.status_code, known.data) == (304, b"")
    part = client.get(address, headers={"Range": "bytes=10-19"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[10:20])


@pytest.mark.parametrize(
    "seed",
    [
        "nosuchseed",
        "my_groove",
        "mask_graident_top_fifth_75",
        "OG_BEAT",
        "og_beat.flac",
        "og_beat%00",
        "og_beat%0a",
        "..",
        "..%2f..%2fsegue.db",
        "%2fetc%2fpasswd",
        "%ff%fe",
        "x" * 5_000,
    ],
)
@pytest.mark.parametrize("what", ["audio", "picture"])
def test_a_seed_the_band_does_not_have_is_not_there(app: Flask, client: FlaskClient, seed: str, what: str) -> None:
    answer = client.get(f"/seeds/{seed}/{what}")
    assert answer.status_code == 404
    assert "Check the address" in answer.text
    assert _files(app) == []


def test_many_who_ask_first_at_once_all_get_it_whole(app: Flask, settings: Settings) -> None:
    another = opened(settings)

    def ask(number: int) -> bytes:
        what = ("audio", "picture")[number // 2 % 2]
        with (app, another)[number % 2].test_client() as client:
            return bytes(client.get(f"/seeds/vibes/{what}", buffered=True).data)

    with ThreadPoolExecutor(8) as crowd:
        answers = set(crowd.map(ask, range(16)))
    assert answers == {b"".join(file.chunks()) for file in _files(app)}
    assert len(answers) == 2
    another.extensions["segue"].database.close()


def test_a_full_disk_says_so(app: Flask, settings: Settings, client: FlaskClient) -> None:
    here = app.extensions["segue"]
    app.extensions["segue"] = replace(here, media=roomless(settings))
    answer = client.get("/seeds/vibes/audio")
    assert answer.status_code == 503
    assert "There is too little room" in answer.text
    assert _files(app) == []
