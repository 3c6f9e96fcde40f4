"""Ids that lead elsewhere: in all places of all addresses, and in whatever they are asked with, they lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from segue.models import Clip

ELSEWHERE = (
    "..",
    "../../secret_key",
    "../segue.db",
    "....//....//secret_key",
    "..\\..\\secret_key",
    "/etc/passwd",
    "//etc/passwd",
    "file:///etc/passwd",
    "secret_key\0.flac",
    "%2e%2e/secret_key",
    "..%252fsecret_key",
    "\u2025/secret_key",
    "\uff0e\uff0e/secret_key",
    "{id}/../../../secret_key",
    "{id}/../{id}",
    "x\r\nX-Evil: 1",
    "*",
    "' OR 1=1 --",
    "x" * 5000,
)
WORDS = (
    "from",
    "seed_image_id",
    "provider",
    "next",
    "clip",
    "format",
    "q",
    "tag",
    "after",
    "before",
    "v",
    "with",
    "url",
)
"""What addresses are asked with."""
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
ANSWERS = frozenset((200, 302, 303, 304, 308, 400, 401, 403, 404, 405, 422, 501))


def _evil(clip: Clip) -> Iterator[str]:
    for text in ELSEWHERE:
        yield text.replace("{id}", clip.id)


def _addresses(rule: Rule, values: dict[str, str], evil: str) -> Iterator[str]:
    """The rule's address with that in the place of each of its arguments, all of it spelt or only what has to be."""
    fixed, names = (PLACE.split(rule.rule)[start::2] for start in (0, 1))
    for wrong in set(names):
        for spelt in (quote(evil, safe=""), quote(evil)):
            filled = [spelt if name == wrong else values[name] for name in names]
            yield "".join(part for pair in zip(fixed, [*filled, ""], strict=True) for part in pair)


@pytest.fixture
def secrets(app: Flask) -> list[bytes]:
    """What no answer may hold: of the key, of the database, of the machine."""
    return [app.extensions["segue"].settings.secret_keys()[0].encode(), b"SQLite format 3", b"root:"]


def test_no_id_in_any_address_leads_elsewhere(
    app: Flask, client: FlaskClient, done: Clip, secrets: list[bytes]
) -> None:
    values = {"clip_id": done.id, "seed_id": "vibes", "provider": "sketch", "filename": "css/app.css"}
    values |= {"token": "token", "member_id": "member"}
    asked = 0
    for rule in app.url_map.iter_rules():
        for evil in _evil(done):
            for address in _addresses(rule, values, evil):
                for method in (rule.methods or set()) & {"GET", "POST"}:
                    _check(client, method, address, secrets)
                    asked += 1
    assert asked > 500


def test_no_word_an_address_asks_for_leads_elsewhere(client: FlaskClient, done: Clip, secrets: list[bytes]) -> None:
    places = ["/", "/library", "/library/zip", "/sign-in", "/oembed", "/seeds/vibes/audio", f"/clips/{done.id}"]
    places += [f"/clips/{done.id}/{what}" for what in ("audio", "spectrogram", "card", "embed", "status")]
    for place in places:
        for word in WORDS:
            for evil in _evil(done):
                _check(client, "GET", f"{place}?{word}={quote(evil, safe='')}", secrets)


def _check(client: FlaskClient, method: str, address: str, secrets: list[bytes]) -> None:
    answer = client.open(address, method=method, buffered=True)
    told = f"{method} {address[:200]}: {answer.status_code}"
    assert answer.status_code in ANSWERS, told
    assert "X-Evil" not in answer.headers, told
    assert not any(secret in answer.data for secret in secrets), told
    onward = answer.headers.get("Location", "/").removeprefix("http://localhost")
    assert onward.startswith("/") and not onward.startswith("//"), told
