"""A studio that people know below a path: whatever a web server in front does with the path, everything is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue.config import Settings
from segue.recipe import Recipe
from tests.studio import made, opened
from tests.visitor import hidden

IN_FRONT = pytest.mark.parametrize("path", ["", "/segue"], ids=["takes the path away", "leaves it"])


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path), "SEGUE_PUBLIC_URL": "http://localhost/segue/"}))
    yield app
    app.extensions["segue"].database.close()


@IN_FRONT
def test_every_address_on_a_page_is_below_it_and_is_found(client: FlaskClient, path: str) -> None:
    page = client.get(f"{path}/").text
    addresses = {unescape(found) for found in re.findall(r'(?:href|src|action|data-[a-z-]+)="(/[^"]*)"', page)}
    assert len(addresses) > 10
    for address in addresses:
        assert address.startswith("/segue/"), address
        answer = client.get(path + address.removeprefix("/segue"), buffered=True)
        assert answer.status_code in (200, 302, 405), address


@IN_FRONT
def test_a_clip_is_made_there(client: FlaskClient, path: str) -> None:
    page = client.get(f"{path}/").text
    fields = {name: hidden(page, name) for name in ("csrf_token", "token")}
    answer = client.post(f"{path}/clips", data={**fields, "prompt_a": "bells", "provider": "sketch"})
    assert answer.status_code == 303
    assert re.fullmatch(r"/segue/clips/\w+", answer.headers["Location"])
    facts = client.get(path + answer.headers["Location"].removeprefix("/segue") + "/status").get_json()
    assert facts["status"] == "queued"


@IN_FRONT
def test_what_is_told_to_programs_is_below_it(app: Flask, client: FlaskClient, path: str) -> None:
    clip = made(app, Recipe("bells"))
    facts = client.get(f"{path}/clips/{clip.id}/status").get_json()
    assert facts["audio"] == f"/segue/clips/{clip.id}/audio"
    assert facts["spectrogram"] == f"/segue/clips/{clip.id}/spectrogram"
    manifest = client.get(f"{path}/manifest.webmanifest").get_json(force=True)
    assert {manifest[name] for name in ("id", "start_url", "scope")} == {"/segue/"}
    worker = client.get(f"{path}/sw.js").text
    assert '"/segue/offline"' in worker
    assert 'STUDIO = "/segue/"' in worker


@IN_FRONT
def test_whoever_signs_in_comes_back_below_it(app: Flask, client: FlaskClient, path: str) -> None:
    app.extensions["segue"].members.invite("Nora")
    answer = client.get(f"{path}/library?q=bells", headers={"Accept": "text/html"})
    assert answer.headers["Location"] == "/segue/sign-in?next=/segue/library?q%3Dbells"


def test_a_path_that_only_begins_alike_is_not_it(client: FlaskClient) -> None:
    assert client.get("/seguex/").status_code == 404
    assert client.get("/segue").status_code == 200


def test_letters_of_all_kinds_may_be_in_it(tmp_path: Path) -> None:
    for number, given in enumerate(("bändprobe", "b%C3%A4ndprobe")):
        url = f"http://localhost/{given}"
        app = opened(Settings.load({"SEGUE_DATA": str(tmp_path / str(number)), "SEGUE_PUBLIC_URL": url}))
        page = app.test_client().get("/b%C3%A4ndprobe/")
        assert page.status_code == 200
        assert 'href="/bändprobe/library"' in page.text
        app.extensions["segue"].database.close()
