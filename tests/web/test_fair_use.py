"""Fair use as members meet it: refused with everything still filled in, and told what is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from segue.config import Settings
from segue.models import Clip
from segue.shares import Share
from tests.studio import opened
from tests.visitor import hidden
from tests.web.conftest import entered

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def fair(settings: Settings) -> Iterator[Flask]:
    app = opened(settings.model_copy(update={"member_limits": Share(hour=1)}))
    yield app
    app.extensions["segue"].database.close()


def test_a_refused_form_comes_back_filled_and_says_when_it_goes_on(fair: Flask) -> None:
    client = entered(fair, "Ada")
    page = client.get("/").text
    assert "Left for you: 1 clip within the hour." in page
    assert "Nothing is left for now." not in page
    fields = {name: hidden(page, name) for name in ("csrf_token", "token")}
    first = client.post("/clips", data=fields | {"prompt_a": "church bells"})
    assert first.status_code == 303
    refused = client.post("/clips", data=fields | {"prompt_a": "steel drums"})
    assert refused.status_code == 429
    assert 3590 <= int(refused.headers["Retry-After"]) <= 3600
    assert "steel drums</textarea>" in refused.text
    assert "It goes on in" in refused.text
    assert "Left for you: 0 clips within the hour." in refused.text
    again = client.get("/").text
    assert "Nothing is left for now. Blend says until when." in again
    assert "data-spent" in again


def test_a_refused_retry_comes_back_as_a_filled_form(fair: Flask) -> None:
    client = entered(fair, "Ada")
    page = client.get("/").text
    fields = {name: hidden(page, name) for name in ("csrf_token", "token")}
    address = client.post("/clips", data=fields | {"prompt_a": "church bells"}).headers["Location"]

    def fail(clip: Clip) -> None:
        clip.submit(playing=True, now=1.0)
        clip.fail("The strings broke. Press Retry.", now=2.0)

    fair.extensions["segue"].clips.change(address.rpartition("/")[2], fail)
    refused = client.post(f"{address}/retry", data=fields)
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers
    assert "church bells</textarea>" in refused.text
    assert "You have had 1 clip in the last hour, which is the limit." in refused.text


def test_the_price_of_a_run_is_said_with_its_player(tmp_path: Path) -> None:
    priced = opened(Settings.load({"SEGUE_DATA": str(tmp_path / "priced"), "SEGUE_PRICES": "sketch=0.015"}))
    assert "$0.015 a run, about a second." in priced.test_client().get("/").text
