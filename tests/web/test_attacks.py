"""Attacks through words: whatever a person, a player or an issuer says stays text, wherever it is shown."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue.clips import Clips
from segue.members import Members
from segue.models import Clip
from segue.recipe import Recipe
from tests.web.conftest import entered

EVIL = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7919 * 7907 }}${7919*7907}",
    "../../../etc/passwd\r\nX-Evil: 1",
)
HARM = re.compile(r"<script>alert|<img src=x|62615533")


@pytest.fixture(params=EVIL)
def evil(request: pytest.FixtureRequest) -> str:
    """Something that would do harm where it is taken for more than text."""
    return str(request.param)


@pytest.fixture
def told(app: Flask, evil: str) -> tuple[FlaskClient, list[Clip]]:
    """An owner's browser, and clips every text of which is evil: one done, one failed."""
    clips: Clips = app.extensions["segue"].clips
    members: Members = app.extensions["segue"].members
    owner = entered(app, "Nora")
    members.invite(evil[:40])
    member = members.named(evil[:40])
    assert member
    done = clips.submit(Recipe(evil, evil, take=4), "done", member_id=member.id)
    clips.advance(done.id)
    failed = clips.submit(Recipe(evil, take=4), "failed", member_id=member.id)

    def describe(clip: Clip) -> None:
        clip.describe(evil, evil, evil.replace(",", " "))
        clip.heard, clip.note = evil, evil

    for clip in (done, failed):
        clips.change(clip.id, describe)
    clips.change(done.id, lambda clip: clip.share(True, 1.0))
    clips.change(failed.id, lambda clip: clip.fail(evil, 1.0))
    return owner, [done, failed]


def test_words_stay_words_on_every_page(app: Flask, told: tuple[FlaskClient, list[Clip]]) -> None:
    owner, (done, failed) = told
    pages = ["/", "/library", "/members", "/usage", f"/?from={done.id}", f"/clips/{done.id}", f"/clips/{failed.id}"]
    pages += [f"/clips/{done.id}/embed", f"/clips/{failed.id}/status"]
    for browser in (owner, app.test_client()):
        for page in pages:
            answer = browser.get(page)
            if answer.mimetype == "text/html":
                assert not HARM.search(answer.text), page
    owner.application.extensions["segue"].clips.bin(done.id)
    assert not HARM.search(owner.get("/library/bin").text)


def test_words_stay_words_in_what_others_show(told: tuple[FlaskClient, list[Clip]]) -> None:
    owner, (done, _) = told
    answer = owner.get(f"/oembed?url=http://localhost/clips/{done.id}")
    assert answer.mimetype == "application/json"
    html = answer.get_json()["html"]
    assert html.count("<") == 2
    assert not HARM.search(html)


def test_words_stay_words_in_the_names_of_files(told: tuple[FlaskClient, list[Clip]]) -> None:
    owner, (done, failed) = told
    for address in ("audio?download=1", "spectrogram?download=1", "card"):
        headers = owner.get(f"/clips/{done.id}/{address}", buffered=True).headers
        assert "X-Evil" not in headers
        assert re.search(r"filename=[\w#-]+\.\w+$", headers["Content-Disposition"]), headers["Content-Disposition"]
    packed = owner.get(f"/library/zip?clip={done.id}&clip={failed.id}", buffered=True)
    with zipfile.ZipFile(io.BytesIO(packed.data)) as bundle:
        assert bundle.testzip() is None
        for name in bundle.namelist():
            assert re.fullmatch(r"[\w#-]+/(audio|picture|recipe)\.\w+", name, re.ASCII), name
        assert len(bundle.namelist()) == 3
