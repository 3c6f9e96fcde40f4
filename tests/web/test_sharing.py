"""A clip where its link is shown: card, meta, oEmbed, and the player in somebody's frame."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from PIL import Image

from segue import keeping
from segue.clips import Clips
from segue.config import Settings
from segue.media import Media
from segue.models import Clip
from segue.recipe import Recipe
from tests.places import IN_BOTH, names, put
from tests.studio import made, opened
from tests.web.conftest import entered

SITE = "http://localhost"
MOST_BYTES = 40_000
"""What an embedded player may weigh, packed, without its sound and picture."""
NASTY = Recipe("</title><script>alert(1)</script>", "\"'><img src=x onerror=alert(2)> & co", alpha=0.3, take=4)
LOADED = re.compile(
    r'<(?:script|link rel="(?:stylesheet|icon)")[^>]*?(?:src|href)="([^"]+)"'
    r'|^@import "([^"]+)"|^import (?:[^"\n]*? from )?"([^"]+)"|\burl\(["\']?([^"\')]+)',
    re.MULTILINE,
)


@pytest.fixture
def nasty(app: Flask) -> Clip:
    return made(app, NASTY)


@pytest.fixture
def queued(app: Flask) -> Clip:
    clips: Clips = app.extensions["segue"].clips
    return clips.submit(Recipe("bells"), "token")


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Flask]:
    """A studio below a path of a public address, open to all."""
    told = {"SEGUE_PUBLIC_URL": "https://band.example/segue/", "SEGUE_OPEN": "yes"}
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path / "public"), **told}))
    yield app
    app.extensions["segue"].database.close()


def _meta(page: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page)
    return {name: unescape(content) for name, content in found}


def _ask(client: FlaskClient, url: str, rest: str = "") -> tuple[int, dict[str, object]]:
    answer = client.get(f"/oembed?url={quote(url, safe='')}{rest}")
    assert answer.mimetype == "application/json"
    return answer.status_code, answer.get_json()


@IN_BOTH
def test_the_card_is_drawn_once_and_kept_for_ever(app: Flask, client: FlaskClient, done: Clip) -> None:
    media: Media = app.extensions["segue"].media
    answer = client.get(f"/clips/{done.id}/card", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
    put(media, done.spectrogram or "", b"no picture any more")
    again = client.get(f"/clips/{done.id}/card", buffered=True)
    assert (again.data, again.headers["ETag"]) == (answer.data, answer.headers["ETag"])
    headers = {"If-None-Match": answer.headers["ETag"]}
    known = client.get(f"/clips/{done.id}/card", headers=headers, buffered=True)
    assert known.status_code == 304


@IN_BOTH
def test_a_card_of_a_spoilt_picture_says_so_and_leaves_nothing(app: Flask, client: FlaskClient, done: Clip) -> None:
    media: Media = app.extensions["segue"].media
    put(media, done.spectrogram or "", b"no picture")
    answer = client.get(f"/clips/{done.id}/card")
    assert answer.status_code == 503
    assert "picture cannot be read" in answer.text
    assert names(media, keeping.folder(done.id)) == ["audio.flac", "spectrogram.png"]


@pytest.mark.parametrize("rest", ["card", "embed"])
def test_only_a_finished_clip_is_shown_elsewhere(client: FlaskClient, queued: Clip, rest: str) -> None:
    for clip_id in (queued.id, "nosuchclip"):
        answer = client.get(f"/clips/{clip_id}/{rest}")
        assert answer.status_code == 404
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_the_page_tells_others_how_to_show_it(client: FlaskClient, done: Clip) -> None:
    page = client.get(f"/clips/{done.id}").text
    meta, address = _meta(page), f"{SITE}/clips/{done.id}"
    assert meta["og:title"] == "church bells → jazz"
    assert meta["og:url"] == address
    assert meta["og:image"] == f"{address}/card"
    assert (meta["og:image:width"], meta["og:image:height"]) == ("1200", "630")
    assert meta["og:audio"] == f"{address}/audio"
    assert meta["og:audio:type"] == "audio/flac"
    assert meta["twitter:card"] == "summary_large_image"
    assert meta["description"] == meta["og:description"] != ""
    assert f'<link rel="canonical" href="{address}">' in page
    for shown in (meta["og:image"], meta["og:audio"]):
        assert client.get(shown, buffered=True).status_code == 200


def test_discovery_leads_to_the_answer(client: FlaskClient, done: Clip) -> None:
    page = client.get(f"/clips/{done.id}").text
    link = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)"', page)
    assert link
    facts = client.get(unescape(link[1])).get_json()
    assert (facts["type"], facts["version"], facts["title"]) == ("rich", "1.0", "church bells → jazz")
    assert (facts["width"], facts["height"]) == (640, 440)
    assert facts["thumbnail_url"] == f"{SITE}/clips/{done.id}/card"
    assert f'src="{SITE}/clips/{done.id}/embed"' in facts["html"]


def test_a_page_that_is_not_done_promises_nothing(client: FlaskClient, queued: Clip) -> None:
    page = client.get(f"/clips/{queued.id}").text
    assert "og:" not in page
    assert "oembed" not in page
    assert "iframe" not in page


def test_addresses_are_those_people_know_the_studio_by(public: Flask) -> None:
    clip, client = made(public, Recipe("bells")), public.test_client()
    address = f"https://band.example/segue/clips/{clip.id}"
    page = client.get(f"/clips/{clip.id}").text
    assert _meta(page)["og:image"] == f"{address}/card"
    code, facts = _ask(client, address)
    assert code == 200
    assert f'src="{address}/embed"' in str(facts["html"])
    assert _ask(client, f"{SITE}/clips/{clip.id}")[0] == 404


@pytest.mark.parametrize(
    ("rest", "size"),
    [
        ("", (640, 440)),
        ("&maxwidth=320", (320, 440)),
        ("&maxheight=200&maxwidth=5000", (640, 200)),
        ("&maxwidth=&format=JSON", (640, 440)),
    ],
)
def test_a_frame_is_never_larger_than_was_asked_for(
    client: FlaskClient, done: Clip, rest: str, size: tuple[int, int]
) -> None:
    code, facts = _ask(client, f"{SITE}/clips/{done.id}", rest)
    assert code == 200
    assert (facts["width"], facts["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in str(facts["html"])
    assert ("thumbnail_url" in facts) == (size == (640, 440))


@pytest.mark.parametrize("rest", ["#t=1.28", "?x=1", "/"])
def test_an_address_is_known_with_what_people_append(client: FlaskClient, done: Clip, rest: str) -> None:
    assert _ask(client, f"{SITE}/clips/{done.id}{rest}")[0] == 200


@pytest.mark.parametrize(
    ("url", "rest", "code"),
    [
        ("", "", 400),
        ("clips/{id}", "", 400),
        ("javascript:alert(1)", "", 400),
        ("http://[", "", 400),
        (SITE + "/clips/{id}", "&maxwidth=wide", 400),
        (SITE + "/clips/{id}", "&maxheight=0", 400),
        (SITE + "/clips/{id}", "&maxheight=-5", 400),
        (SITE + "/clips/{id}", "&maxheight=٣٠٠", 400),
        (SITE + "/clips/nosuchclip", "", 404),
        (SITE + "/", "", 404),
        (SITE + "/clips/{id}/audio", "", 404),
        ("http://elsewhere.example/clips/{id}", "", 404),
        ("http://localhost@elsewhere.example/clips/{id}", "", 404),
        (SITE + "/clips/{id}", "&format=xml", 501),
    ],
)
def test_what_cannot_be_embedded_is_refused(client: FlaskClient, done: Clip, url: str, rest: str, code: int) -> None:
    answer, facts = _ask(client, url.format(id=done.id), rest)
    assert answer == code
    assert facts.keys() == {"error"}


def test_a_clip_that_is_not_done_cannot_be_embedded(client: FlaskClient, queued: Clip) -> None:
    assert _ask(client, f"{SITE}/clips/{queued.id}")[0] == 404


def test_prompts_stay_words_wherever_they_are_shown(client: FlaskClient, nasty: Clip) -> None:
    frame = str(_ask(client, f"{SITE}/clips/{nasty.id}")[1]["html"])
    page = client.get(f"/clips/{nasty.id}").text
    for html in (frame, page, client.get(f"/clips/{nasty.id}/embed").text):
        assert "<script>" not in html
        assert not re.search(r"<img src=x|'><img|\"><img", html)
    assert frame.count("<") == 2
    code = re.search(r"<textarea readonly[^>]*>([^<]*)</textarea>", page)
    assert code
    assert unescape(code[1]) == frame
    assert _meta(page)["og:title"].startswith("</title><script>")


def test_the_embedded_player_may_be_framed_and_no_other_page_may(app: Flask, client: FlaskClient, done: Clip) -> None:
    values: dict[str, Any] = {"clip_id": done.id, "seed_id": "vibes", "provider": "sketch"}
    values |= dict.fromkeys(("filename", "name"), "css/app.css") | {"member_id": "k" * 20}
    values["token"] = app.extensions["segue"].members.invite("Nora")
    client = entered(app, "Nora")
    framed = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        with app.test_request_context():
            address = url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
        answer = client.get(address, buffered=True)
        headers = answer.headers
        assert answer.status_code < 400 or rule.endpoint in ("oembed", "invitation", "oidc", "oidc_back"), address
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        if "frame-ancestors 'none'" in policy:
            assert headers["X-Frame-Options"] == "DENY", address
        else:
            assert "frame-ancestors *" in policy
            assert "X-Frame-Options" not in headers
            framed.add(rule.endpoint)
    assert framed == {"clip_embed"}


def test_an_embedded_player_sets_no_cookie_and_leads_to_the_clip(client: FlaskClient, done: Clip) -> None:
    answer = client.get(f"/clips/{done.id}/embed")
    assert "Set-Cookie" not in answer.headers
    assert re.search(rf'<a href="{SITE}/clips/{done.id}" target="_blank" rel="noopener"', answer.text)
    assert re.search(rf'<audio controls[^>]*src="/clips/{done.id}/audio"', answer.text)
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", answer.text)


def test_frames_without_an_origin_may_load_what_they_need(client: FlaskClient, done: Clip) -> None:
    script = re.search(r'<script type="module" src="([^"]+)"', client.get(f"/clips/{done.id}/embed").text)
    assert script
    for address in (script[1], f"/clips/{done.id}/audio"):
        assert client.get(address, buffered=True).headers["Access-Control-Allow-Origin"] == "*"
    for address in ("/", f"/clips/{done.id}", f"/clips/{done.id}/status"):
        assert "Access-Control-Allow-Origin" not in client.get(address).headers


def test_an_embedded_player_is_light(client: FlaskClient, done: Clip) -> None:
    weights: dict[str, int] = {}
    ahead = [f"/clips/{done.id}/embed"]
    while ahead:
        address = ahead.pop()
        if address in weights:
            continue
        answer = client.get(address, buffered=True)
        assert answer.status_code == 200, address
        weights[address] = len(gzip.compress(answer.data))
        ahead += [urljoin(address, next(filter(None, found))) for found in LOADED.findall(answer.text)]
    assert {address.rpartition("/")[2] for address in weights} >= {"embed", "embed.css", "embed.js", "favicon.svg"}
    assert not any(re.search(r"app\.|studio|seeds|compare", address) for address in weights)
    assert sum(weights.values()) < MOST_BYTES, weights
