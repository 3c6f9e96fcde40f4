"""A Cog container on the wire: Cog's own server, and what it cannot be made to say."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from segue.models import State
from segue.providers.base import NotYet, Output, Prediction, ProviderError, Status
from segue.providers.blocking import RUN_LIMIT
from segue.providers.cog import Cog
from segue.providers.hosts import Hosts
from segue.providers.http import Answer, NoAnswer, NotSent
from segue.recipe import Recipe
from tests.bench import Bench
from tests.providers.anything import JSON
from tests.providers.test_repertoire import heard_out
from tests.servers import behaviours
from tests.servers.cog import CogServer
from tests.servers.cog.container import Container, data, done
from tests.servers.upstream import Upstream
from tests.servers.wire import Answer as Answered
from tests.servers.wire import Exchange
from tests.serving import free_port

RECIPE = Recipe("funky synth solo", alpha=0.3, seed_image_id="og_beat", denoising=0.6, num_inference_steps=40)
SLOW = Recipe("slow strings")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CogServer]:
    with CogServer(tmp_path_factory.mktemp("cog") / "model") as running:
        yield running


@pytest.fixture
def cog(server: CogServer) -> Iterator[CogServer]:
    """Cog's own server, ready, and slow where it is asked to be."""
    server.hold()
    yield server
    server.let_go()
    server.wait_until("READY")


@pytest.fixture
def container() -> Iterator[Container]:
    with Container() as running:
        yield running


@pytest.fixture
def pool(cog: CogServer) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as running:
        yield running
        cog.let_go()


def _player(upstream: CogServer | Container) -> Cog:
    return Cog(upstream.address, Hosts())


def _fetched(provider: Cog, output: Output | None) -> bytes:
    assert output is not None
    provider.fetch(output, into := BytesIO())
    return into.getvalue()


def _slow_run(cog: CogServer, pool: ThreadPoolExecutor) -> Future[Prediction]:
    run = pool.submit(_player(cog).create, SLOW, "slowrun")
    cog.wait_until("BUSY")
    return run


def test_a_run_comes_back_with_both_files(cog: CogServer) -> None:
    player = _player(cog)
    prediction = player.create(RECIPE, "first")
    assert (prediction.id, prediction.status, prediction.error) == (None, Status.SUCCEEDED, None)
    assert _fetched(player, prediction.audio) == cog.media.audio
    assert _fetched(player, prediction.spectrogram) == cog.media.spectrogram


def test_a_model_that_breaks_says_why(cog: CogServer) -> None:
    prediction = _player(cog).create(Recipe("boom"), "boom")
    assert prediction.status is Status.FAILED
    assert prediction.error == (
        "The model failed: “RuntimeError: boom. That was loud”. Edit the recipe, or press Retry."
    )


def test_a_recipe_it_does_not_take_is_refused_with_its_reason(cog: CogServer) -> None:
    with pytest.raises(ProviderError, match='did not accept the recipe: seed_image_id: "nowhere" is not one of') as no:
        _player(cog).create(Recipe("bells", seed_image_id="nowhere"), "nowhere")
    assert no.value.permanent


def test_a_busy_container_is_said_to_be_busy(cog: CogServer, pool: ThreadPoolExecutor) -> None:
    run = _slow_run(cog, pool)
    with pytest.raises(NotYet, match="busy with another run"):
        _player(cog).create(RECIPE, "second")
    assert _player(cog).examine()[0] == "It is well, and busy with a run."
    cog.let_go()
    assert run.result().status is Status.SUCCEEDED


def test_a_run_is_canceled_from_elsewhere_by_our_name_for_it(cog: CogServer, pool: ThreadPoolExecutor) -> None:
    run = _slow_run(cog, pool)
    _player(cog).cancel("slowrun")
    assert run.result().status is Status.CANCELED
    assert run.result().error == "The run was canceled at Cog. Press Retry to start it again."


def test_a_run_that_is_over_cannot_be_canceled(cog: CogServer) -> None:
    _player(cog).create(RECIPE, "over")
    with pytest.raises(ProviderError, match="cannot cancel"):
        _player(cog).cancel("over")


def test_the_form_offers_what_the_container_lists(cog: CogServer) -> None:
    player = _player(cog)
    _ = player.capabilities
    heard_out()
    can = player.capabilities
    assert can.seeds == ("og_beat", "agile", "marim", "vibes", "our_own_groove")
    assert can.cancel
    assert player.create(Recipe("bells", seed_image_id="our_own_groove"), "own").audio


def test_an_examination_tells_what_is_well(cog: CogServer) -> None:
    assert _player(cog).examine() == ["It is ready.", "It lists 5 seeds.", "Runs can be canceled."]


def test_a_container_that_wakes_up_is_waited_for(tmp_path: Path) -> None:
    with CogServer(tmp_path / "model", setup="slow") as cog:
        with pytest.raises(NotYet, match="waking up"):
            _player(cog).create(RECIPE, "early")
        assert _player(cog).examine() == ["It is still waking up; clips wait until it is ready."]
        cog.let_go()
        cog.wait_until("READY")
        assert _player(cog).create(RECIPE, "later").audio


def test_a_container_that_cannot_load_its_model_is_given_up(tmp_path: Path) -> None:
    with CogServer(tmp_path / "model", setup="fail") as cog:
        _is_given_up(cog, "could not load its model")


def test_a_container_that_has_crashed_is_not_taken_for_busy(tmp_path: Path) -> None:
    with CogServer(tmp_path / "model") as cog:
        assert _player(cog).create(Recipe("crash"), "crash").status is Status.FAILED
        cog.wait_until("UNHEALTHY")
        with pytest.raises(ProviderError, match="says that it is not well") as error:
            _player(cog).create(RECIPE, "after")
        assert not isinstance(error.value, NotYet)
        with pytest.raises(ProviderError, match="says that it is not well"):
            _player(cog).examine()


def test_a_broken_down_container_is_given_up(container: Container) -> None:
    container.says("POST /predictions", {"error": "At capacity", "status": "failed"}, 409)
    container.says("GET /health-check", {"status": "DEFUNCT"})
    _is_given_up(container, "broken down")


def _is_given_up(upstream: CogServer | Container, words: str) -> None:
    with pytest.raises(ProviderError, match=words) as error:
        _player(upstream).create(RECIPE, "never")
    assert error.value.permanent
    assert "Ask whoever runs it" in error.value.advice
    with pytest.raises(ProviderError, match=words):
        _player(upstream).examine()


def test_it_is_asked_once_with_all_six_inputs_under_our_name(container: Container) -> None:
    _player(container).create(RECIPE, "ourname")
    asked = {
        "prompt_a": "funky synth solo",
        "prompt_b": "",
        "alpha": 0.3,
        "denoising": 0.6,
        "num_inference_steps": 40,
        "seed_image_id": "og_beat",
    }
    [request] = container.requests
    assert (request.method, request.path) == ("POST", "/predictions")
    assert request.json == {"id": "ourname", "input": asked}
    assert "Authorization" not in request.headers


def test_a_container_of_2022_plays_and_says_little(container: Container) -> None:
    assert _player(container).create(RECIPE, "old").audio
    assert _player(container).examine() == [
        "It answers; it is too old to say how its model is.",
        "It lists no seeds, so the usual ones are offered.",
        "Runs cannot be canceled.",
    ]
    with pytest.raises(ProviderError, match="cannot cancel"):
        _player(container).cancel("old")


@pytest.mark.parametrize("status", [409, 503])
def test_an_old_container_that_is_not_ready_is_waited_for(container: Container, status: int) -> None:
    container.says("POST /predictions", {"detail": "Already running a prediction"}, status)
    with pytest.raises(NotYet):
        _player(container).create(RECIPE, "early")


def _too_much(exchange: Exchange) -> None:
    exchange.send(Answered(200, json.dumps(done()).encode() + b" " * RUN_LIMIT))


NO_ANSWERS: dict[str, behaviours.Behaviour] = {
    "not over": behaviours.answer(202, {"id": "x", "status": "starting"}),
    "an unknown status": behaviours.answer(200, {"status": "dreaming"}),
    "no prediction": behaviours.answer(200, ["succeeded"]),
    "cut": behaviours.cut(),
    "truncated": behaviours.truncated(),
    "dropped": behaviours.drop(),
    "too much": _too_much,
}


@pytest.mark.parametrize("case", NO_ANSWERS)
def test_an_answer_that_is_no_finished_run_may_be_asked_for_again(container: Container, case: str) -> None:
    container.routes["POST /predictions"] = NO_ANSWERS[case]
    with pytest.raises(NoAnswer) as error:
        _player(container).create(RECIPE, "odd")
    assert not error.value.permanent
    assert len(container.requests) == 1


def test_large_files_come_through(container: Container) -> None:
    sound = os.urandom(8 * 1024 * 1024)
    output = {"audio": data("audio/x-wav", sound)}
    container.says("POST /predictions", {"status": "succeeded", "output": output})
    player = _player(container)
    assert _fetched(player, player.create(RECIPE, "large").audio) == sound


def test_nobody_there_is_nothing_sent() -> None:
    with pytest.raises(NotSent, match="Cog cannot be reached"):
        Cog(f"http://127.0.0.1:{free_port()}", Hosts()).create(RECIPE, "nobody")


ANSWERS = JSON | some.fixed_dictionaries(
    {"status": some.sampled_from([*Status, "dreaming"])},
    optional={"logs": JSON, "error": JSON, "output": JSON | some.fixed_dictionaries({"audio": JSON})},
)


@given(ANSWERS, some.sampled_from([200, 201, 202, 302, 400, 401, 404, 405, 422, 429, 500]))
def test_any_answer_is_a_finished_run_or_a_provider_error(body: object, status: int) -> None:
    try:
        prediction = Cog("http://127.0.0.1:1", Hosts()).read(Answer(status, body))
    except ProviderError as error:
        assert "\n" not in error.in_full
    else:
        assert not prediction.status.running
        assert (prediction.audio is None) == (prediction.error is not None)


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream, container: Container) -> Iterator[Bench]:
    with Bench(tmp_path, upstream, {"SEGUE_COG_URL": container.address}) as running:
        yield running


@pytest.mark.parametrize(("status", "words"), [(409, "busy with another run"), (503, "waking up")])
def test_a_clip_waits_for_a_container_that_is_not_ready(
    bench: Bench, container: Container, status: int, words: str
) -> None:
    container.says("POST /predictions", {"error": "later"}, status)
    clip = bench.submit(provider="cog")
    for _ in range(20):
        bench.step()
    assert bench.clip(clip).state is State.QUEUED
    assert words in str(bench.clip(clip).note)
    container.routes["POST /predictions"] = behaviours.honest
    assert bench.finish(clip).state is State.SUCCEEDED, bench.clip(clip).error


def test_a_model_that_breaks_is_a_failed_clip(bench: Bench, container: Container) -> None:
    container.says("POST /predictions", {"status": "failed", "error": "Prediction failed: out of tune"})
    clip = bench.finish(bench.submit(provider="cog"))
    assert clip.state is State.FAILED
    assert clip.error == "The model failed: “out of tune”. Edit the recipe, or press Retry."
    assert container.asked("POST /predictions") == 1
