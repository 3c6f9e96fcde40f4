"""Pages follow what each player can do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from segue.clips import Clips
from segue.config import Settings
from segue.models import Clip
from segue.providers.base import Capabilities, Provider
from segue.providers.sketch import Sketch
from segue.recipe import SEEDS, Recipe
from segue.web.players import pads, players, usually
from tests.studio import opened
from tests.visitor import hidden

HOSTED = Capabilities(("vibes",), takes=False, costs=True, blocking=False, cancel=False, usual_seconds=10)

FINER = "1 to 150. More is finer and slower."
RICHER = "1 to 150. More steps play in more detail: ghost notes, fills, ornaments. It takes no longer."


class OwnModel(Sketch):
    """A container of a team's own, with a groove nobody else has."""

    name = "cog"
    title = "Cog"
    capabilities = replace(
        Sketch.capabilities, seeds=("agile", "vibes", "my_groove"), takes=False, usual_seconds=10, at_once=1
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """A studio with a gateway, the built-in band and a model of its own."""
    app = opened(Settings.load({"SEGUE_DATA": str(settings.data), "SEGUE_CHAINHUB_KEY": "key"}))
    app.extensions["segue"].providers["cog"] = OwnModel()
    yield app
    app.extensions["segue"].database.close()


@pytest.fixture
def clips(app: Flask) -> Clips:
    clips: Clips = app.extensions["segue"].clips
    return clips


@pytest.fixture
def canceled(clips: Clips) -> Clip:
    """A clip in the team's own groove that nobody has played."""
    clip = clips.submit(Recipe("bells", "jazz", seed_image_id="my_groove", provider="cog"), "token")
    clips.cancel(clip.id)
    return clip


def _seeds(page: str) -> dict[str, str]:
    """The pads in their order, and whom each is for."""
    place = r'data-players="([^"]*)">\s*<label[^>]*>\s*<input type="radio"[^>]*name="seed_image_id"\s+value="(\w+)"'
    return {seed: who for who, seed in re.findall(place, page)}


def _chosen(page: str, name: str) -> list[str]:
    radios = re.findall(rf'<input type="radio"[^>]*name="{name}"[^>]*>', page)
    return [re.findall(r'value="(\w+)"', radio)[0] for radio in radios if "checked" in radio]


def test_the_form_offers_every_seed_somebody_has_and_says_who(client: FlaskClient) -> None:
    page = client.get("/").text
    seeds = _seeds(page)
    assert list(seeds)[:5] == ["og_beat", "agile", "marim", "motorway", "vibes"]
    assert list(seeds)[-1] == "my_groove"
    assert seeds["vibes"] == "chainhub sketch cog"
    assert seeds["og_beat"] == "chainhub sketch"
    assert seeds["mask_gradient_top_fifth_75"] == "sketch"
    assert seeds["my_groove"] == "cog"
    assert "My groove" in page
    assert "graident" not in page


def test_the_seeds_of_the_built_in_band_can_be_heard(client: FlaskClient) -> None:
    heard = re.findall(
        r'<a class="pad-hear" href="/seeds/(\w+)/audio">\s*<span[^>]*>Hear ([^<]*)</span>', client.get("/").text
    )
    assert heard == [(seed.id, seed.title) for seed in SEEDS]


def test_the_take_is_for_those_who_can_repeat(client: FlaskClient) -> None:
    assert re.search(r'data-players="sketch">\s*<label for="take"', client.get("/").text)


def test_a_lone_players_seeds_are_the_forms(settings: Settings) -> None:
    app = opened(settings)
    alone: dict[str, Provider] = app.extensions["segue"].providers
    alone.clear()
    alone["cog"] = own = OwnModel()
    client = app.test_client()
    page = client.get("/").text
    assert list(_seeds(page)) == ["agile", "vibes", "my_groove"]
    assert "Your own Riffusion" in page
    own.capabilities = replace(own.capabilities, seeds=("my_groove", "other"))
    page = client.get("/").text
    assert list(_seeds(page)) == ["my_groove", "other"]
    assert _chosen(page, "seed_image_id") == ["my_groove"]
    app.extensions["segue"].database.close()


def test_each_player_says_what_asking_it_means(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "Each run costs; usually about 10 seconds, minutes when the model has to wake up." in page
    assert "Your own Riffusion; one clip at a time, usually about 10 seconds." in page
    assert "Free, about a second. A sketch, not Riffusion." in page


def test_each_player_says_what_more_steps_do(client: FlaskClient) -> None:
    page = client.get("/").text
    hints = dict(
        re.findall(r'<p class="field-hint" data-players="([^"]*)"><strong>[^<]*</strong> (1 to 150[^<]*)</p>', page)
    )
    assert hints == {"chainhub cog": FINER, "sketch": RICHER}
    assert "<strong>ChainHub, Cog:</strong> 1 to 150." in page
    assert "<strong>Built-in band:</strong> 1 to 150." in page


def test_where_all_say_the_same_of_steps_nobody_is_named(settings: Settings) -> None:
    app = opened(settings)
    page = app.test_client().get("/").text
    assert f'data-players="sketch">{RICHER}</p>' in page
    assert FINER not in page
    app.extensions["segue"].database.close()


@pytest.mark.parametrize(("seconds", "words"), [(1, "a second"), (45, "45 seconds"), (100, "2 minutes")])
def test_a_usual_time_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert usually(replace(HOSTED, usual_seconds=seconds)) == f"about {words}"


def test_what_a_player_learns_shows_on_the_next_page() -> None:
    own = OwnModel()
    assert [pad.seed.id for pad in pads(players({"cog": own}).values())] == ["agile", "vibes", "my_groove"]
    own.capabilities = replace(own.capabilities, seeds=("vibes", "marim"), at_once=3)
    known = players({"cog": own})
    assert [pad.seed.id for pad in pads(known.values())] == ["marim", "vibes"]
    assert known["cog"].words.startswith("Your own Riffusion; 3 clips at a time")


@pytest.mark.parametrize("seed", ["mask_gradient_top_fifth_75", "my_groove"])
def test_a_seed_the_chosen_player_lacks_is_said_beside_the_field_and_nothing_is_lost(
    client: FlaskClient, seed: str
) -> None:
    form = {name: hidden(client.get("/").text, name) for name in ("csrf_token", "token")}
    wish: dict[str, Any] = {"prompt_a": "a trumpet far away", "provider": "chainhub", "seed_image_id": seed}
    answer = client.post("/clips", data=form | wish)
    assert answer.status_code == 422
    assert re.search(r'id="seed_image_id-errors">ChainHub does not have the seed', answer.text)
    assert "a trumpet far away" in answer.text
    assert _chosen(answer.text, "provider") == ["chainhub"]
    assert _chosen(answer.text, "seed_image_id") == [seed]
    assert client.post("/clips", data=form | wish | {"seed_image_id": "vibes"}).status_code == 303


def test_a_retry_that_no_longer_fits_goes_to_the_studio_with_the_reason(
    app: Flask, client: FlaskClient, canceled: Clip
) -> None:
    token = hidden(client.get(f"/clips/{canceled.id}").text, "csrf_token")
    own = app.extensions["segue"].providers["cog"]
    own.capabilities = replace(own.capabilities, seeds=("vibes",))
    answer = client.post(f"/clips/{canceled.id}/retry", data={"csrf_token": token})
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert re.search(r'id="seed_image_id-errors">Cog does not have the seed My groove', page)
    assert "bells</textarea>" in page
    assert _chosen(page, "provider") == ["cog"]
    assert "errors" not in client.get("/").text, "it is said once"


def test_a_retry_beyond_todays_limits_says_which(app: Flask, client: FlaskClient, canceled: Clip) -> None:
    with app.extensions["segue"].database.write() as session:
        session.execute(update(Clip).values(num_inference_steps=900))
    page = client.get(f"/clips/{canceled.id}").text
    assert "It cannot be retried as it is. Choose between 1 and 150 steps." in page
    answer = client.get(f"/?from={canceled.id}")
    assert re.search(r'id="num_inference_steps-errors">Choose between 1 and 150 steps.', answer.text)
    assert 'value="900"' in answer.text


def test_editing_the_recipe_of_a_player_who_is_gone_says_so(app: Flask, client: FlaskClient, canceled: Clip) -> None:
    del app.extensions["segue"].providers["cog"]
    page = client.get(f"/?from={canceled.id}").text
    assert re.search(r'id="provider-errors">Cog is not set up here at the moment', page)
    assert _chosen(page, "provider") == ["chainhub"]
    assert _chosen(page, "seed_image_id") == ["vibes"]


def test_retry_is_not_offered_where_it_would_come_to_nothing(app: Flask, client: FlaskClient, canceled: Clip) -> None:
    own = app.extensions["segue"].providers["cog"]
    own.capabilities = replace(own.capabilities, seeds=("vibes",))
    page = client.get(f"/clips/{canceled.id}").text
    assert "It cannot be retried as it is. Cog does not have the seed My groove: pick another." in page
    assert "My groove</dd>" in page
    assert f'action="/clips/{canceled.id}/retry"' not in page
    del app.extensions["segue"].providers["cog"]
    page = client.get(f"/clips/{canceled.id}").text
    assert "Cog is not set up here at the moment" in page
    assert f'action="/clips/{canceled.id}/retry"' not in page


def test_waiting_says_the_usual_time_and_what_stopping_means(client: FlaskClient, clips: Clips) -> None:
    paid = clips.submit(Recipe("bells", provider="chainhub"), "paid")
    page = client.get(f"/clips/{paid.id}").text
    assert "usually about 10 seconds" in page
    assert "Stop waiting</span>" in page
    assert "ChainHub may finish the run all the same, and charge for it." in page
    free = clips.submit(Recipe("bells", provider="cog"), "free")
    page = client.get(f"/clips/{free.id}").text
    assert ">Cancel</button>" in page
    assert "Stop waiting" not in page
    assert "charge" not in page


def test_a_clip_whose_player_is_gone_still_waits_in_plain_words(app: Flask, client: FlaskClient, clips: Clips) -> None:
    clip = clips.submit(Recipe("bells", provider="cog"), "token")
    del app.extensions["segue"].providers["cog"]
    page = client.get(f"/clips/{clip.id}")
    assert page.status_code == 200
    assert "usually" not in page.text
