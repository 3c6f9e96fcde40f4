"""Fair use as members meet it: refused with everything still filled in, and told what is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from segue import create_app
from segue.config import Settings
from tests.visitor import hidden
from tests.web.conftest import entered


@pytest.fixture
def fair(tmp_path: Path) -> Flask:
    return create_app(Settings.load({"SEGUE_DATA": str(tmp_path / "fair"), "SEGUE_MEMBER_LIMITS": "hour=1"}))


def test_a_refused_form_comes_back_filled_and_says_when_it_goes_on(fair: Flask) -> None:
    client = entered(fair, "Ada")
    page = client.get("/").text
    assert "Left for you: 1 clip this hour." in page
    assert "Nothing is left for now." not in page
    fields = {name: hidden(page, name) for name in ("csrf_token", "token")}
    first = client.post("/clips", data=fields | {"prompt_a": "church bells"})
    assert first.status_code == 303
    refused = client.post("/clips", data=fields | {"prompt_a": "steel drums"})
    assert refused.status_code == 429
    assert 3590 <= int(refused.headers["Retry-After"]) <= 3600
    assert "steel drums</textarea>" in refused.text
    assert "It goes on in" in refused.text
    assert "Left for you: 0 clips this hour." in refused.text
    again = client.get("/").text
    assert "Nothing is left for now. Blend says until when." in again
    assert "data-spent" in again


def test_the_price_of_a_run_is_said_with_its_player(tmp_path: Path) -> None:
    priced = create_app(Settings.load({"SEGUE_DATA": str(tmp_path / "priced"), "SEGUE_PRICES": "sketch=0.015"}))
    assert "$0.015 a run." in priced.test_client().get("/").text
