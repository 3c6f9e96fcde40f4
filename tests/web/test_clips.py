"""The clip's own addresses: page, status, cancel, retry, audio, spectrogram."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from segue.clips import Clips
from segue.models import Clip, State
from segue.recipe import Recipe
from tests.places import IN_BOTH
from tests.visitor import hidden

RECIPE = Recipe("church bells", "jazz <b>", alpha=0.3, denoising=0.6, num_inference_steps=20, take=4)


@pytest.fixture
def clips(app: Flask) -> Clips:
    clips: Clips = app.extensions["segue"].clips
    return clips


@pytest.fixture
def queued(clips: Clips) -> Clip:
    return clips.submit(RECIPE, "token")


@pytest.fixture
def done(clips: Clips, queued: Clip) -> Clip:
    clips.advance(queued.id)
    clip = clips.find(queued.id)
    assert clip is not None
    assert clip.state is State.SUCCEEDED
    return clip


@pytest.fixture
def canceled(clips: Clips, queued: Clip) -> Clip:
    clips.cancel(queued.id)
    return queued


def _press(client: FlaskClient, page: str, action: str) -> int:
    token = hidden(client.get(page).text, "csrf_token")
    return client.post(f"{page}/{action}", data={"csrf_token": token}).status_code


def test_a_waiting_page_says_the_stage_and_works_without_javascript(client: FlaskClient, queued: Clip) -> None:
    page = client.get(f"/clips/{queued.id}")
    assert page.status_code == 200
    assert "Waiting for its turn" in page.text
    assert "Check again" in page.text
    assert f'action="/clips/{queued.id}/cancel"' in page.text
    assert "http-equiv" not in page.text


def test_a_finished_page_plays_shows_and_offers(client: FlaskClient, done: Clip) -> None:
    page = client.get(f"/clips/{done.id}").text
    assert re.search(rf'<audio[^>]*src="/clips/{done.id}/audio"', page)
    assert f'src="/clips/{done.id}/spectrogram"' in page
    assert f"/clips/{done.id}/audio?download" in page
    assert f"/?from={done.id}" in page
    assert "jazz &lt;b&gt;" in page
    assert "autoplay" not in page


def test_the_recipe_says_what_was_heard_where_that_is_known(app: Flask, client: FlaskClient, done: Clip) -> None:
    heard = re.compile(r'<dt>Heard</dt><dd dir="auto">([^<]*)</dd>')
    page = client.get(f"/clips/{done.id}").text
    assert (found := heard.search(page))
    assert unescape(found[1]) == done.heard
    with app.extensions["segue"].database.write() as session:
        session.execute(update(Clip).values(heard="<i>funk</i>"))
    assert '<dd dir="auto">&lt;i&gt;funk&lt;/i&gt;</dd>' in client.get(f"/clips/{done.id}").text
    with app.extensions["segue"].database.write() as session:
        session.execute(update(Clip).values(heard=None))
    assert "Heard" not in client.get(f"/clips/{done.id}").text


def test_a_canceled_page_offers_retry_and_edit(client: FlaskClient, canceled: Clip) -> None:
    page = client.get(f"/clips/{canceled.id}").text
    assert f'action="/clips/{canceled.id}/retry"' in page
    assert f"/?from={canceled.id}" in page


@pytest.mark.parametrize("rest", ["", "/audio", "/spectrogram"])
def test_a_clip_that_is_not_there_is_a_404_in_words(client: FlaskClient, rest: str) -> None:
    answer = client.get(f"/clips/nosuchclip{rest}")
    assert answer.status_code == 404
    assert "Check the address" in answer.text


def test_the_status_of_a_waiting_clip(client: FlaskClient, queued: Clip) -> None:
    answer = client.get(f"/clips/{queued.id}/status")
    assert answer.get_json() == {
        "id": queued.id,
        "status": "queued",
        "message": "Waiting for its turn",
        "progress": None,
        "poll_after_ms": 300,
        "audio": None,
        "spectrogram": None,
        "error": None,
    }
    assert "Set-Cookie" not in answer.headers


def test_the_status_of_a_finished_clip_ends_the_polling(client: FlaskClient, done: Clip) -> None:
    facts = client.get(f"/clips/{done.id}/status").get_json()
    assert (facts["status"], facts["poll_after_ms"], facts["error"]) == ("succeeded", None, None)
    assert facts["audio"] == f"/clips/{done.id}/audio"
    assert facts["spectrogram"] == f"/clips/{done.id}/spectrogram"


def test_an_unchanged_status_is_a_304_and_a_changed_one_is_not(client: FlaskClient, clips: Clips, queued: Clip) -> None:
    address = f"/clips/{queued.id}/status"
    etag = client.get(address).headers["ETag"]
    unchanged = client.get(address, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert client.get(address, headers={"If-None-Match": f"W/{etag}"}).status_code == 304
    clips.cancel(queued.id)
    assert client.get(address, headers={"If-None-Match": etag}).get_json()["status"] == "canceled"


def test_the_status_of_nothing_is_a_404_in_json(client: FlaskClient) -> None:
    answer = client.get("/clips/nosuchclip/status")
    assert answer.status_code == 404
    assert answer.get_json() == {"error": "There is no such clip."}


def test_cancel_and_retry(client: FlaskClient, clips: Clips, queued: Clip) -> None:
    assert _press(client, f"/clips/{queued.id}", "cancel") == 303
    found = clips.find(queued.id)
    assert found is not None
    assert found.state is State.CANCELED
    assert _press(client, f"/clips/{queued.id}", "retry") == 303


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_buttons_need_their_token_and_a_clip(client: FlaskClient, queued: Clip, action: str) -> None:
    forged = client.post(f"/clips/{queued.id}/{action}")
    assert forged.status_code == 400
    assert "open it again" in forged.text
    token = hidden(client.get(f"/clips/{queued.id}").text, "csrf_token")
    assert client.post(f"/clips/nosuchclip/{action}", data={"csrf_token": token}).status_code == 404
    assert client.get(f"/clips/{queued.id}/{action}").status_code == 405


@IN_BOTH
def test_audio_seeks_and_is_kept_for_ever_by_browsers(client: FlaskClient, done: Clip) -> None:
    address = f"/clips/{done.id}/audio"
    whole = client.get(address, buffered=True)
    assert whole.status_code == 200
    assert whole.mimetype == "audio/flac"
    assert whole.data[:4] == b"fLaC"
    assert "immutable" in whole.headers["Cache-Control"]
    part = client.get(address, headers={"Range": "bytes=100-199"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.data)}"
    beyond = client.get(address, headers={"Range": f"bytes={len(whole.data)}-"}, buffered=True)
    assert beyond.status_code == 416
    known = client.get(address, headers={"If-None-Match": whole.headers["ETag"]}, buffered=True)
    assert known.status_code == 304


@IN_BOTH
def test_the_spectrogram_is_a_picture(client: FlaskClient, done: Clip) -> None:
    answer = client.get(f"/clips/{done.id}/spectrogram", buffered=True)
    assert answer.mimetype == "image/png"
    assert "immutable" in answer.headers["Cache-Control"]


@IN_BOTH
def test_downloads_are_well_named(client: FlaskClient, done: Clip) -> None:
    disposition = client.get(f"/clips/{done.id}/audio?download", buffered=True).headers["Content-Disposition"]
    assert disposition == f"attachment; filename=church-bells_to_jazz-b_a030_94bpm_{done.id[:4]}.flac"


@IN_BOTH
def test_media_of_a_clip_that_is_not_done_is_not_there(client: FlaskClient, queued: Clip) -> None:
    assert client.get(f"/clips/{queued.id}/audio").status_code == 404
    assert client.get(f"/clips/{queued.id}/spectrogram").status_code == 404
