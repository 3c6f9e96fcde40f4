"""Riffusion's own server on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from werkzeug.exceptions import BadRequest, InternalServerError

from segue.models import State
from segue.providers.base import Output, ProviderError, Status
from segue.providers.hosts import Hosts
from segue.providers.http import Answer, NoAnswer
from segue.providers.riffusion import RiffusionServer
from segue.recipe import SEEDS, Recipe
from tests.bench import Bench
from tests.providers.anything import JSON
from tests.servers import behaviours
from tests.servers.cog.container import Container
from tests.servers.riffusion import RiffusionServer as Upstream
from tests.servers.riffusion import page
from tests.servers.upstream import Upstream as Gateway

RECIPE = Recipe("church bells", "jazz", alpha=0.3, seed_image_id="marim", denoising=1, num_inference_steps=40, take=7)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """The server, which must never be sent a seed that leads out of its folder."""
    with Upstream() as running:
        yield running
    assert running.strange == []


@pytest.fixture
def player(upstream: Upstream) -> RiffusionServer:
    return RiffusionServer(upstream.address, Hosts())


def _fetched(player: RiffusionServer, output: Output | None) -> bytes:
    assert output is not None
    player.fetch(output, into := BytesIO())
    return into.getvalue()


def _audio(player: RiffusionServer, recipe: Recipe) -> bytes:
    return _fetched(player, player.create(recipe, "clip").audio)


def _refused(player: RiffusionServer) -> ProviderError:
    with pytest.raises(ProviderError) as error:
        player.create(RECIPE, "clip")
    return error.value


def test_a_run_comes_back_with_both_files(player: RiffusionServer) -> None:
    prediction = player.create(RECIPE, "clip")
    assert (prediction.id, prediction.status, prediction.error) == (None, Status.SUCCEEDED, None)
    assert _fetched(player, prediction.audio)[:2] == b"\xff\xfb"
    assert _fetched(player, prediction.spectrogram)[:3] == b"\xff\xd8\xff"


def test_it_is_asked_once_as_it_wants_to_be(upstream: Upstream, player: RiffusionServer) -> None:
    player.create(RECIPE, "clip")
    [request] = upstream.requests
    assert (request.method, request.path) == ("POST", "/run_inference/")
    assert "Authorization" not in request.headers
    assert request.json == {
        "start": {"prompt": "church bells", "seed": 7, "denoising": 1.0, "guidance": 7.0},
        "end": {"prompt": "jazz", "seed": 7, "denoising": 1.0, "guidance": 7.0},
        "alpha": 0.3,
        "num_inference_steps": 40,
        "seed_image_id": "marim",
    }


def test_without_a_second_prompt_the_first_one_is_all_there_is(upstream: Upstream, player: RiffusionServer) -> None:
    player.create(Recipe("church bells", alpha=0.8, take=7), "clip")
    asked = upstream.requests[0].json
    assert asked["end"] == asked["start"]
    assert asked["alpha"] == 0


@pytest.mark.parametrize("end", ["", "/", "/run_inference", "/run_inference/"])
def test_its_address_may_be_given_with_or_without_the_path(upstream: Upstream, end: str) -> None:
    player = RiffusionServer(upstream.address + end, Hosts())
    assert player.examine() == ["It is there. Whether its model plays shows in the first run."]
    assert player.create(RECIPE, "clip").audio


def test_the_same_take_plays_the_same_and_another_does_not(player: RiffusionServer) -> None:
    first = _audio(player, RECIPE)
    assert _audio(player, RECIPE) == first
    assert _audio(player, RECIPE.with_take(8)) != first


def test_every_seed_it_offers_can_be_played(upstream: Upstream, player: RiffusionServer) -> None:
    for seed in player.capabilities.seeds:
        player.create(Recipe("church bells", seed_image_id=seed), "clip")
    assert {run["seed_image_id"] for run in upstream.runs} == {seed.id for seed in SEEDS}


def test_a_seed_it_does_not_know_is_never_sent(upstream: Upstream, player: RiffusionServer) -> None:
    with pytest.raises(ProviderError, match="no seed of that name") as error:
        player.create(Recipe("church bells", seed_image_id="passwd"), "clip")
    assert error.value.permanent
    assert upstream.requests == []


def test_its_complaint_is_passed_on(upstream: Upstream, player: RiffusionServer) -> None:
    upstream.missing.add("marim")
    error = _refused(player)
    assert error.message == "Riffusion server did not accept the recipe: Invalid seed image: marim."
    assert error.permanent


def test_markup_is_not_passed_on(upstream: Upstream, player: RiffusionServer) -> None:
    upstream.on_run(lambda exchange: exchange.send(page(BadRequest())))
    error = _refused(player)
    assert error.message == "Riffusion server did not accept the recipe."
    assert error.permanent


def test_a_model_that_fails_may_be_asked_again(upstream: Upstream, player: RiffusionServer) -> None:
    upstream.on_run(lambda exchange: exchange.send(page(InternalServerError())))
    error = _refused(player)
    assert error.message == "Riffusion server could not finish the run (answer 500)."
    assert not error.permanent


def test_a_wrong_address_is_said_to_be_wrong(upstream: Upstream) -> None:
    player = RiffusionServer(f"{upstream.address}/elsewhere", Hosts())
    error = _refused(player)
    assert error.permanent
    assert "SEGUE_RIFFUSION_URL" in error.advice
    with pytest.raises(ProviderError, match="There is no Riffusion server at its address"):
        player.examine()


def test_an_examination_says_what_else_was_met() -> None:
    with Container() as somebody_else:
        somebody_else.says("GET /run_inference/", {"detail": "not for you"}, 403)
        with pytest.raises(ProviderError, match="answered 403 where 405 was expected"):
            RiffusionServer(somebody_else.address, Hosts()).examine()


NO_ANSWERS: dict[str, behaviours.Behaviour] = {
    "no audio": behaviours.without("audio"),
    "audio elsewhere": behaviours.altered(lambda said: said | {"audio": "http://169.254.169.254/"}),
    "a list": behaviours.altered(lambda said: [said]),
    "a page": behaviours.html(),
    "truncated": behaviours.truncated(),
    "dropped": behaviours.drop_after_acting(),
}


@pytest.mark.parametrize("case", NO_ANSWERS)
def test_an_answer_that_is_no_run_may_be_asked_for_again(
    upstream: Upstream, player: RiffusionServer, case: str
) -> None:
    upstream.on_run(NO_ANSWERS[case])
    error = _refused(player)
    assert isinstance(error, NoAnswer)
    assert not error.permanent
    assert len(upstream.requests) == 1


def test_a_picture_elsewhere_is_not_gone_after(upstream: Upstream, player: RiffusionServer) -> None:
    upstream.on_run(behaviours.altered(lambda said: said | {"image": "http://169.254.169.254/"}))
    assert player.create(RECIPE, "clip").spectrogram is None


ANSWERS = JSON | some.fixed_dictionaries(
    {}, optional={"audio": JSON | some.just("data:,"), "image": JSON | some.just("data:,"), "duration_s": JSON}
)


@given(ANSWERS, some.sampled_from([200, 201, 302, 400, 401, 404, 405, 429, 500, 503]), some.text())
def test_any_answer_is_a_run_or_a_provider_error(body: object, status: int, said: str) -> None:
    try:
        prediction = RiffusionServer("http://127.0.0.1:1", Hosts()).read(Answer(status, body, None, said))
    except ProviderError as error:
        assert "\n" not in error.in_full
        assert "<" not in error.in_full
    else:
        assert prediction.audio


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Iterator[Bench]:
    with Gateway() as gateway, Bench(tmp_path, gateway, {"SEGUE_RIFFUSION_URL": upstream.address}) as running:
        yield running


def test_a_clip_keeps_the_files_and_the_take(bench: Bench, upstream: Upstream) -> None:
    clip = bench.finish(bench.submit(provider="riffusion"))
    assert clip.state is State.SUCCEEDED, clip.error
    assert (clip.audio_type, clip.spectrogram_type) == ("audio/mpeg", "image/jpeg")
    assert upstream.runs[0]["start"]["seed"] == clip.take


def test_a_clip_outlives_a_model_that_fails_once(bench: Bench, upstream: Upstream) -> None:
    upstream.on_run(lambda exchange: exchange.send(page(InternalServerError())), times=1)
    clip = bench.finish(bench.submit(provider="riffusion"))
    assert clip.state is State.SUCCEEDED, clip.error
    assert len(upstream.runs) == 1
