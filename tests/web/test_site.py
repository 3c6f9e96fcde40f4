"""What every answer carries, and what answers when nothing else does."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue.clips import Clips
from segue.config import Settings
from segue.models import Clip
from segue.recipe import Recipe
from tests.studio import opened

ONLY_SAID = re.compile(r'<textarea[^>]*>[^<]*</textarea>|<link rel="(?:canonical|alternate)"[^>]*>')
"""What nobody's browser acts on: code for other people's pages, and where a page is known to be."""


@pytest.mark.parametrize("address", ["/", "/nothing", "/healthz", "/clips/nosuchclip/status"])
def test_every_answer_is_well_guarded(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(headers["Permissions-Policy"].split(", "))
    assert "Strict-Transport-Security" not in headers


def test_what_others_may_show_is_theirs_to_load_and_nothing_else(client: FlaskClient, done: Clip) -> None:
    shown = [f"/clips/{done.id}{part}" for part in ("/audio", "/spectrogram", "/card", "/embed")]
    shown += ["/oembed", *re.findall(r'href="(/static/\w+/css/app\.css)"', client.get("/").text)]
    for address in shown:
        headers = client.get(address, buffered=True).headers
        assert headers.get_all("Cross-Origin-Resource-Policy") == ["cross-origin"], address
    for address in (f"/clips/{done.id}", f"/clips/{done.id}/status", "/library", "/seeds/vibes/audio", "/me"):
        assert client.get(address, buffered=True).headers["Cross-Origin-Resource-Policy"] == "same-origin", address


def test_where_people_come_by_https_nothing_less_will_do(settings: Settings) -> None:
    app = opened(settings.model_copy(update={"public_url": "https://segue.example.org"}))
    answer = app.test_client().get("/", base_url="https://segue.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    (cookie,) = answer.headers.get_all("Set-Cookie")
    name, _, rest = cookie.partition("=")
    assert name == "__Host-session"
    assert set(rest.split("; ")[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    app.extensions["segue"].database.close()


def test_without_https_cookies_are_as_safe_as_they_can_be(client: FlaskClient) -> None:
    for address in ("/", "/sign-in", "/library"):
        for cookie in client.get(address).headers.get_all("Set-Cookie"):
            name, _, rest = cookie.partition("=")
            assert name == "session"
            assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(rest.split("; "))


def test_pages_have_nothing_inline(app: Flask, client: FlaskClient) -> None:
    clips: Clips = app.extensions["segue"].clips
    clip = clips.submit(Recipe("bells"), "token")
    waiting = client.get(f"/clips/{clip.id}").text
    clips.advance(clip.id)
    for page in (client.get("/").text, waiting, client.get(f"/clips/{clip.id}").text, client.get("/nothing").text):
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", ONLY_SAID.sub("", page))
        assert not re.search(r'(?:src|href)="(?:https?:)?//', ONLY_SAID.sub("", page)), "nothing comes from elsewhere"


def test_static_files_are_cached_for_ever_under_an_address_that_changes(app: Flask, client: FlaskClient) -> None:
    address = re.search(r'href="(/static/[0-9a-f]{12}/css/app\.css)"', client.get("/").text)
    assert address
    answer = client.get(address[1], buffered=True)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_an_unknown_page_says_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert "Check the address" in answer.text


def test_the_forms_own_address_leads_back_to_the_studio(client: FlaskClient) -> None:
    answer = client.get("/clips")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_method_that_is_not_served_says_which_are(client: FlaskClient) -> None:
    answer = client.put("/clips")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_bug_is_owned_up_to(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> str:
        raise RuntimeError("secret detail")

    app.add_url_rule("/broken", "broken", broken)
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "our fault" in answer.text
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text


def test_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "alive"}
    assert client.get("/readyz").get_json() == {"status": "ready"}


def test_not_ready_names_what_is_not(app: Flask, client: FlaskClient) -> None:
    app.extensions["segue"].media.root.joinpath("drafts").rmdir()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json() == {"status": "not ready", "trouble": ["media"]}
