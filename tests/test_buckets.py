"""A bucket that is away, denies, or breaks off; and links to what is in it."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from flask import Flask

from segue import create_app
from segue import media as places
from segue.config import Settings
from segue.errors import MediaError
from segue.media import Media
from segue.media.s3 import TRIES, Bucket
from segue.media.wire import BucketWire
from segue.models import Clip, Role, State
from tests.bench import Bench
from tests.places import content, drafts, put
from tests.servers.host import Host
from tests.servers.s3 import S3
from tests.servers.upstream import Upstream
from tests.servers.wire import Exchange
from tests.serving import PATIENCE
from tests.web.conftest import entered

Use = Callable[[Media], object]
pytestmark = pytest.mark.parametrize("settings", ["s3"], indirect=True)


@pytest.fixture
def bucket(settings: Settings) -> Media:
    bucket = places.at(settings)
    bucket.prepare()
    return bucket


def back(bucket: Media) -> None:
    """Wait until it is asked again."""
    for _ in range(600):
        try:
            return bucket.check_room()
        except MediaError:
            time.sleep(0.1)
    raise AssertionError("nobody asks again")


class Silent(Host):
    """Takes what is asked, and never answers."""

    def serve(self, exchange: Exchange) -> None:
        self.closing.wait()


def test_a_bucket_that_is_away_is_an_error_in_words_and_is_used_again_when_it_is_back(
    bucket: Media, s3: S3, settings: Settings
) -> None:
    s3.down()
    try:
        uses: list[Use] = [
            lambda media: media.check_room(),
            lambda media: put(media, "a/audio.wav", b""),
            lambda media: [*media.files()],
        ]
        for use in uses:
            away = places.at(settings)
            away.prepare()
            with pytest.raises(MediaError, match="storage cannot be reached"):
                use(away)
        with pytest.raises(MediaError, match="storage cannot be reached"):
            bucket.find("a/audio.wav")
    finally:
        s3.up()
    back(bucket)
    put(bucket, "a/audio.wav", b"sound")
    assert content(bucket, "a/audio.wav") == b"sound"


def test_a_bucket_that_never_answers_is_waited_for_once_and_the_next_are_told_at_once(settings: Settings) -> None:
    with Silent() as silent:
        bucket = Bucket(settings.model_copy(update={"s3_endpoint": silent.address}), read_seconds=0.2)
        # No time passes until it is asked again.
        bucket._wire = BucketWire(lambda: 0.0)
        bucket.prepare()
        uses: list[Use] = [
            lambda media: media.check_room(),
            lambda media: media.find("a/b.wav"),
            lambda media: [*media.files()],
        ]
        for use in uses * 5:
            with pytest.raises(MediaError, match="storage cannot be reached"):
                use(bucket)
            assert silent.connections == TRIES


def test_a_bucket_that_denies_is_an_error_in_words(bucket: Media, s3: S3) -> None:
    s3.denies = True
    try:
        uses: list[Use] = [
            lambda media: media.check_room(),
            lambda media: put(media, "a/audio.wav", b"sound"),
            lambda media: media.find("a/b.wav"),
        ]
        for use in uses:
            with pytest.raises(MediaError, match="storage refuses to be used"):
                use(bucket)
    finally:
        s3.denies = False


def test_a_file_cut_on_its_way_is_an_error_and_never_half_a_file(bucket: Media, s3: S3, settings: Settings) -> None:
    put(bucket, "a/audio.wav", b"sound" * 200_000)
    s3.cuts = True
    try:
        with pytest.raises(MediaError, match="storage"), bucket.local("a/audio.wav"):
            raise AssertionError("half a file")
    finally:
        s3.cuts = False
    assert list(drafts(settings).iterdir()) == []


def test_a_file_that_became_shorter_is_an_error_and_never_half_a_file(bucket: Media) -> None:
    put(bucket, "a/audio.wav", b"sound" * 200_000)
    file = bucket.find("a/audio.wav")
    assert file
    put(bucket, "a/audio.wav", b"sound")
    with pytest.raises(MediaError, match="storage"):
        b"".join(file.chunks())


def test_a_link_is_signed_for_browsers_where_they_reach_the_bucket(bucket: Media, s3: S3, settings: Settings) -> None:
    put(bucket, "a/audio.wav", b"sound")
    assert bucket.link("a/audio.wav", "audio/wav", "attachment") is None, "nobody said that browsers reach it"
    reached = places.at(settings.model_copy(update={"media_public_url": s3.address}))
    link = reached.link("a/audio.wav", "audio/wav", 'attachment; filename="bells.wav"')
    assert link
    answer = requests.get(link, timeout=PATIENCE)
    assert (answer.status_code, answer.content) == (200, b"sound")
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="bells.wav"'
    assert "X-Amz-Expires=60&" in link
    assert requests.get(link.partition("?")[0], timeout=PATIENCE).status_code == 403


def test_a_clip_outlives_a_bucket_that_is_away_and_costs_one_run(
    tmp_path: Path, upstream: Upstream, s3: S3, settings: Settings
) -> None:
    with Bench(tmp_path / "bench", upstream) as bench:
        bench.media = places.at(settings)
        bench.media.prepare()
        bench.clips = bench.another_process()
        waiting = bench.submit()
        s3.down()
        try:
            bench.step()
            assert upstream.gateway.creates == [], "nobody pays for what cannot be kept"
            assert bench.clip(waiting).state is State.QUEUED
            assert "storage cannot be reached" in (bench.clip(waiting).note or "")
        finally:
            s3.up()
        back(bench.media)
        while bench.clip(waiting).prediction_id is None:
            bench.step()
        s3.denies = True
        try:
            while bench.clip(waiting).state is not State.KEEPING or bench.clip(waiting).note is None:
                bench.step()
            assert "refuses to be used" in (bench.clip(waiting).note or "")
        finally:
            s3.denies = False
        done = bench.finish(waiting)
        assert done.state is State.SUCCEEDED
        assert len(upstream.gateway.creates) == 1
        assert content(bench.media, done.audio or "") == upstream.files.media.audio


@pytest.fixture
def reached(s3: S3, settings: Settings) -> Settings:
    """Settings of a studio whose bucket browsers reach themselves."""
    return settings.model_copy(update={"media_public_url": s3.address})


@pytest.fixture
def app(reached: Settings) -> Flask:
    return create_app(reached)


def test_a_download_is_sent_to_the_bucket_and_playing_is_not(app: Flask, done: Clip) -> None:
    client = app.test_client()
    answer = client.get(f"/clips/{done.id}/audio?download")
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "private, no-store"
    file = requests.get(answer.headers["Location"], timeout=PATIENCE)
    assert hashlib.sha256(file.content).hexdigest() == done.audio_hash
    assert file.headers["Content-Type"] == "audio/flac"
    name = f"church-bells_to_jazz_a030_94bpm_{done.id[:4]}.flac"
    assert file.headers["Content-Disposition"] == f"attachment; filename={name}"
    played = client.get(f"/clips/{done.id}/audio", buffered=True)
    assert (played.status_code, played.data) == (200, file.content)
    assert client.head(f"/clips/{done.id}/audio?download").status_code == 200
    assert client.get(f"/clips/{done.id}/spectrogram?download").status_code == 302


def test_who_may_not_download_gets_no_link_and_unsharing_ends_it(app: Flask, done: Clip) -> None:
    entered(app, "Nora", Role.OWNER)
    guest, address = app.test_client(), f"/clips/{done.id}/audio?download"
    assert "sign-in" in guest.get(address, headers={"Accept": "text/html"}).headers["Location"]
    clips = app.extensions["segue"].clips
    clips.change(done.id, lambda clip: clip.share(download=False, now=1.0))
    assert guest.get(address).status_code == 403
    clips.change(done.id, lambda clip: clip.share(download=True, now=1.0))
    link = guest.get(address).headers["Location"]
    lasts = re.search(r"X-Amz-Expires=(\d+)", link)
    assert lasts
    assert int(lasts[1]) <= 60
    clips.change(done.id, Clip.unshare)
    assert guest.get(address).status_code == 401


def test_a_bucket_that_is_away_is_said_to_be_and_stops_nothing_else(app: Flask, done: Clip, s3: S3) -> None:
    client = app.test_client()
    s3.down()
    try:
        assert client.get(f"/clips/{done.id}").status_code == 200
        assert client.get(f"/clips/{done.id}/audio").status_code == 503
        ready = client.get("/readyz")
    finally:
        s3.up()
    assert ready.get_json() == {"status": "not ready", "trouble": ["media"]}
    back(app.extensions["segue"].media)
    assert client.get("/readyz").status_code == 200


def test_a_sound_cut_on_its_way_ends_the_answer_unfinished(app: Flask, done: Clip, s3: S3) -> None:
    client = app.test_client()
    s3.cuts = True
    try:
        with pytest.raises(MediaError):
            client.get(f"/clips/{done.id}/audio", buffered=True)
    finally:
        s3.cuts = False
