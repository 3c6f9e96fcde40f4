"""POST /clips: a recipe, a row, a queued id, 303; or the form again with the reason beside its field."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from segue.config import Settings
from segue.models import Clip
from segue.recipe import TAKE_LIMIT
from tests.studio import opened
from tests.visitor import hidden


def _filled(client: FlaskClient, **fields: object) -> dict[str, Any]:
    page = client.get("/").text
    return {name: hidden(page, name) for name in ("csrf_token", "token")} | {"prompt_a": "bells"} | fields


def _count(app: Flask) -> int:
    with app.extensions["segue"].database.read() as session:
        return int(session.scalar(select(func.count()).select_from(Clip)) or 0)


def _only(app: Flask) -> Clip:
    with app.extensions["segue"].database.read() as session:
        clip: Clip = session.scalars(select(Clip)).one()
        return clip


def test_a_recipe_becomes_a_queued_clip(app: Flask, client: FlaskClient) -> None:
    form = _filled(client, prompt_b="jazz", alpha="0.3", seed_image_id="agile", denoising="0.5", take="9")
    answer = client.post("/clips", data=form)
    clip = _only(app)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/clips/{clip.id}"
    assert (clip.prompt_a, clip.prompt_b, clip.alpha, clip.seed_image_id) == ("bells", "jazz", 0.3, "agile")
    assert (clip.denoising, clip.num_inference_steps, clip.provider, clip.take) == (0.5, 50, "sketch", 9)


def test_what_is_left_out_means_its_default(app: Flask, client: FlaskClient) -> None:
    assert client.post("/clips", data=_filled(client)).status_code == 303
    clip = _only(app)
    assert (clip.alpha, clip.denoising, clip.seed_image_id, clip.prompt_b) == (0.5, 0.75, "vibes", "")
    assert clip.take is not None


def test_a_clip_made_from_another_keeps_its_parent(app: Flask, client: FlaskClient) -> None:
    client.post("/clips", data=_filled(client))
    parent = _only(app)
    page = client.get(f"/?from={parent.id}").text
    assert hidden(page, "parent") == parent.id
    fields = {name: hidden(page, name) for name in ("csrf_token", "token", "parent")} | {"prompt_a": "horns"}
    made = client.post("/clips", data=fields).headers["Location"].rsplit("/", 1)[1]
    child = app.extensions["segue"].clips.find(made)
    assert child.parent_id == parent.id


def test_a_parent_that_is_not_here_counts_for_nothing(app: Flask, client: FlaskClient) -> None:
    assert client.post("/clips", data=_filled(client, parent="x" * 20)).status_code == 303
    assert _only(app).parent_id is None


def test_a_form_that_comes_back_still_knows_the_parent(app: Flask, client: FlaskClient) -> None:
    client.post("/clips", data=_filled(client))
    parent = _only(app).id
    again = client.post("/clips", data=_filled(client, parent=parent, prompt_a=""))
    assert again.status_code == 422
    assert hidden(again.text, "parent") == parent


def test_a_new_take_leaves_the_number_open(app: Flask, client: FlaskClient) -> None:
    client.post("/clips", data=_filled(client, take="1000001", anew="1"))
    assert _only(app).take != 1_000_001


def test_the_same_form_twice_is_one_clip(app: Flask, client: FlaskClient) -> None:
    form = _filled(client)
    first, second = (client.post("/clips", data=form).headers["Location"] for _ in range(2))
    assert first == second
    assert _count(app) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("prompt_a", "", "Say what A should sound like."),
        ("prompt_a", "x" * 501, "That is 501 characters; keep it to 500."),
        ("prompt_b", "y" * 777, "That is 777 characters; keep it to 500."),
        ("alpha", "1.5", "Choose a number between 0 and 1."),
        ("alpha", "loud", "Choose a number between 0 and 1."),
        ("alpha", "nan", "Choose a number between 0 and 1."),
        ("denoising", "-1", "Choose a number between 0 and 1."),
        ("seed_image_id", "../secret", "Pick one of the seeds in the list."),
        ("num_inference_steps", "151", "Choose between 1 and 150 steps."),
        ("num_inference_steps", "many", "Give a whole number."),
        ("num_inference_steps", "9" * 5000, "Give a whole number."),
        ("take", "-5", f"A take is a number from 0 to {TAKE_LIMIT}"),
        ("take", "first", "Give a whole number."),
        ("provider", "nobody", "nobody is not set up here at the moment: pick another player."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(
    app: Flask, client: FlaskClient, field: str, value: str, words: str
) -> None:
    form = _filled(client, prompt_b="a trumpet far away") | {field: value}
    answer = client.post("/clips", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    if field != "prompt_b":
        assert "a trumpet far away" in answer.text
    if field not in ("seed_image_id", "provider"):
        assert value in answer.text, "what was typed is still there"
    assert f'value="{form["token"]}"' in answer.text
    assert _count(app) == 0


def test_several_wrong_fields_are_all_told_of(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/clips", data=_filled(client, num_inference_steps="9999", take="abc", alpha="loud"))
    assert answer.status_code == 422
    for words in ("Choose between 1 and 150 steps.", "Give a whole number.", "Choose a number between 0 and 1."):
        assert words in answer.text
    assert _count(app) == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("👩‍🎤🎷 solo", "👩‍🎤🎷 solo"),
        ("طبل و ناي", "طبل و ناي"),
        ("two\r\nlines", "two lines"),
        ("a\x00null", "a null"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_odd_text_is_kept_as_text(app: Flask, client: FlaskClient, typed: str, kept: str) -> None:
    answer = client.post("/clips", data=_filled(client, prompt_a=typed))
    assert answer.status_code == 303
    assert _only(app).prompt_a == kept
    page = client.get(answer.headers["Location"]).text
    assert "<script>alert" not in page


def test_a_stale_page_is_told_so_with_everything_still_filled_in(app: Flask, client: FlaskClient) -> None:
    form = _filled(client, prompt_a="a long thought") | {"csrf_token": "stale"}
    answer = client.post("/clips", data=form)
    assert answer.status_code == 422
    assert "press Blend again" in answer.text
    assert "a long thought" in answer.text
    assert _count(app) == 0
    fresh = form | {"csrf_token": hidden(answer.text, "csrf_token")}
    assert client.post("/clips", data=fresh).status_code == 303


def test_ten_megabytes_are_refused_plainly(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/clips", data=_filled(client, prompt_a="x" * 10_000_000))
    assert answer.status_code == 413
    assert "500 characters" in answer.text
    assert _count(app) == 0


def test_several_providers_are_offered_and_the_preferred_one_is_chosen(settings: Settings) -> None:
    both = Settings.load({"SEGUE_DATA": str(settings.data), "SEGUE_CHAINHUB_KEY": "key", "SEGUE_PROVIDER": "sketch"})
    app = opened(both)
    client = app.test_client()
    page = client.get("/").text
    assert 'value="chainhub"' in page
    assert client.post("/clips", data=_filled(client)).status_code == 303
    assert _only(app).provider == "sketch"
    app.extensions["segue"].database.close()


def test_a_key_makes_its_provider_the_first_choice(settings: Settings) -> None:
    app = opened(Settings.load({"SEGUE_DATA": str(settings.data), "SEGUE_CHAINHUB_KEY": "key"}))
    client = app.test_client()
    assert client.post("/clips", data=_filled(client)).status_code == 303
    clip = _only(app)
    assert (clip.provider, clip.take) == ("chainhub", None)
    app.extensions["segue"].database.close()
