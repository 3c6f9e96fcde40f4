"""GET /: the form, empty or filled by a link."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue.clips import Clips
from segue.recipe import SEEDS, Recipe


def _field(page: str, name: str) -> str:
    found = re.search(rf'<(?:input|textarea|select)[^>]*name="{name}"[^>]*>([^<]*)', page)
    assert found, f"no field {name}"
    return found[0]


def test_the_form_opens_with_the_models_own_defaults(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert 'value="0.5"' in _field(page.text, "alpha")
    assert 'value="0.75"' in _field(page.text, "denoising")
    assert 'value="50"' in _field(page.text, "num_inference_steps")
    assert re.search(r'value="vibes"[^>]*checked|checked[^>]*value="vibes"', page.text)


def test_every_seed_can_be_picked(client: FlaskClient) -> None:
    page = client.get("/").text
    for seed in SEEDS:
        assert f'value="{seed.id}"' in page


def test_a_lone_provider_is_not_asked_about(client: FlaskClient) -> None:
    assert 'name="provider"' not in client.get("/").text


def test_a_link_fills_the_form(client: FlaskClient) -> None:
    page = client.get(
        "/?prompt_a=church+bells&prompt_b=jazz&alpha=0.3&seed_image_id=og_beat&denoising=0.9&num_inference_steps=20"
    ).text
    assert "church bells" in _field(page, "prompt_a")
    assert "jazz" in _field(page, "prompt_b")
    assert 'value="0.3"' in _field(page, "alpha")
    assert 'value="0.9"' in _field(page, "denoising")
    assert 'value="20"' in _field(page, "num_inference_steps")
    assert re.search(r'value="og_beat"[^>]*checked|checked[^>]*value="og_beat"', page)


def test_a_clip_fills_the_form_with_its_whole_recipe(app: Flask, client: FlaskClient) -> None:
    clips: Clips = app.extensions["segue"].clips
    clip = clips.submit(Recipe("sax", "rain", 0.2, "agile", 0.4, 30, take=77), "token")
    page = client.get(f"/?from={clip.id}").text
    assert "sax" in _field(page, "prompt_a")
    assert 'value="77"' in _field(page, "take")
    assert 'value="0.2"' in _field(page, "alpha")


def test_only_a_studio_that_nobody_asked_anything_of_may_bring_back_the_last_recipe(client: FlaskClient) -> None:
    assert "<last-recipe data-untouched>" in client.get("/").text
    assert "data-untouched" not in client.get("/?prompt_a=bells").text


def test_a_link_from_a_clip_that_is_not_here_says_so(client: FlaskClient) -> None:
    page = client.get("/?from=nothing").text
    assert "The clip you came from is not here" in page
    assert 'name="parent"' not in page
    assert 'name="parent"' not in client.get("/?parent=anybody").text


@pytest.mark.parametrize(
    "query", ["from=nothing", "alpha=loud", "alpha=nan&denoising=x", "prompt_a=%00%ff", "token=mine"]
)
def test_a_link_that_makes_no_sense_still_opens_the_studio(client: FlaskClient, query: str) -> None:
    page = client.get(f"/?{query}")
    assert page.status_code == 200
    assert 'value="mine"' not in page.text


def test_a_link_cannot_smuggle_in_markup(client: FlaskClient) -> None:
    page = client.get("/?prompt_a=</textarea><script>alert(1)</script>&prompt_b=%22%3E<b>").text
    assert "<script>alert" not in page
    assert "<b>" not in page


def test_recent_clips_are_offered(app: Flask, client: FlaskClient) -> None:
    clips: Clips = app.extensions["segue"].clips
    clip = clips.submit(Recipe("a very particular prompt"), "token")
    page = client.get("/").text
    assert f"/clips/{clip.id}" in page
    assert "a very particular prompt" in page


def test_every_form_has_a_token_of_its_own(client: FlaskClient) -> None:
    assert _field(client.get("/").text, "token") != _field(client.get("/").text, "token")
