"""The Replicate protocol on the wire, by both routes."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as some

from segue.providers.base import ProviderError, Status
from segue.providers.hosts import Hosts
from segue.providers.http import Answer
from segue.providers.predictions import born, listed
from segue.providers.replicate import VERSION, Gateway, Replicate
from segue.recipe import Recipe
from tests.providers.anything import JSON
from tests.servers import behaviours, life
from tests.servers.behaviours import Behaviour, answer
from tests.servers.shapes import problem
from tests.servers.upstream import Upstream

RECIPE = Recipe("funky synth solo", alpha=0.3, seed_image_id="og_beat", denoising=0.6, num_inference_steps=40)
INPUT = {
    "prompt_a": "funky synth solo",
    "prompt_b": "",
    "alpha": 0.3,
    "denoising": 0.6,
    "num_inference_steps": 40,
    "seed_image_id": "og_beat",
}


def _chainhub(upstream: Upstream) -> Gateway:
    return Gateway(upstream.gateway.base, upstream.gateway.key, _hosts(upstream))


def _replicate(upstream: Upstream) -> Replicate:
    return Replicate(upstream.gateway.base, upstream.gateway.key, _hosts(upstream))


def _hosts(upstream: Upstream) -> Hosts:
    return Hosts().also(upstream.files.address)


def test_a_gateway_is_asked_exactly_as_specified(upstream: Upstream) -> None:
    prediction = _chainhub(upstream).create(RECIPE, "clip")
    request = upstream.gateway.requests[-1]
    assert (request.method, request.path) == ("POST", "/replicate/v1/models/riffusion/riffusion/predictions")
    assert request.headers["Authorization"] == f"Bearer {upstream.gateway.key}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.json == {"version": VERSION, "input": INPUT}
    assert prediction.status is Status.STARTING


def test_replicate_itself_is_asked_at_its_own_address(replicate: Upstream) -> None:
    prediction = _replicate(replicate).create(RECIPE, "clip")
    request = replicate.gateway.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/predictions")
    assert request.json == {"version": VERSION, "input": INPUT}
    assert prediction.id in replicate.gateway.predictions


def test_the_query_goes_to_the_configured_base_and_nowhere_else(upstream: Upstream) -> None:
    provider = _chainhub(upstream)
    prediction = provider.create(RECIPE, "clip")
    assert prediction.id is not None
    while (prediction := provider.get(prediction.id)).status.running:
        assert prediction.id is not None
    assert upstream.gateway.requests[-1].path == f"/replicate/v1/predictions/{prediction.id}"
    assert prediction.audio == upstream.files.output(str(prediction.id))["audio"]
    assert upstream.trap.untouched


def test_the_files_host_never_sees_the_key(upstream: Upstream) -> None:
    upstream.gateway.script = life.INSTANT
    provider = _chainhub(upstream)
    prediction = provider.create(RECIPE, "clip")
    assert prediction.audio is not None
    provider.fetch(prediction.audio, into := BytesIO())
    assert into.getvalue() == upstream.files.media.audio
    assert len(upstream.files.requests) == 1
    for request in upstream.files.requests:
        assert "Authorization" not in request.headers
        assert upstream.gateway.key not in str(dict(request.headers)) + request.path


def test_the_key_does_not_follow_a_redirect(upstream: Upstream) -> None:
    upstream.gateway.on_get(behaviours.redirect(upstream.trap.address + "/x"))
    with pytest.raises(ProviderError):
        _chainhub(upstream).get("abc")
    assert upstream.trap.untouched


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (answer(401, problem("No")), "does not accept this studio's key"),
        (answer(503, problem("Down")), "has a problem of its own"),
        (behaviours.html(404), "not as ChainHub would"),
        (behaviours.redirect("https://example.org/"), "not as ChainHub would"),
        (answer(405, {}), "not as ChainHub would"),
    ],
)
def test_what_is_no_gateway_is_not_taken_for_one(upstream: Upstream, behaviour: Behaviour, words: str) -> None:
    upstream.gateway.on_get(behaviour)
    with pytest.raises(ProviderError, match=words):
        _chainhub(upstream).examine()


def test_a_gateway_and_replicate_are_known_by_their_answers(upstream: Upstream, replicate: Upstream) -> None:
    assert "did not refuse the key" in " ".join(_chainhub(upstream).examine())
    assert "knows this version" in " ".join(_replicate(replicate).examine())
    assert upstream.gateway.creates == replicate.gateway.creates == []


def test_a_run_is_canceled_where_that_is_possible(replicate: Upstream) -> None:
    provider = _replicate(replicate)
    prediction = provider.create(RECIPE, "clip")
    assert prediction.id is not None
    provider.cancel(prediction.id)
    assert provider.get(prediction.id).status is Status.CANCELED


def test_a_gateway_that_cannot_cancel_is_said_to(upstream: Upstream) -> None:
    provider = _chainhub(upstream)
    prediction = provider.create(RECIPE, "clip")
    assert prediction.id is not None
    with pytest.raises(ProviderError, match="cannot cancel"):
        provider.cancel(prediction.id)


@pytest.mark.parametrize(
    ("logs", "progress"),
    [
        ("", None),
        ("Loading weights\n", None),
        ("  0%|          | 0/38 [00:00<?, ?it/s]", 0),
        ("  0%|   | 0/38\n 45%|####      | 17/38 [00:02<00:03]\n", 45),
        ("100%|##########| 38/38 [00:05<00:00]\nDone", 100),
        ("seeds 999%|x| 1/2", None),
        (" 999%|x| 1/2", 100),
    ],
)
def test_progress_is_read_from_the_last_bar_in_the_logs(logs: str, progress: int | None) -> None:
    body = {"id": "abc", "status": "processing", "logs": logs}
    assert _told(body).progress == progress  # type: ignore[attr-defined]


ANSWERS = JSON | some.fixed_dictionaries(
    {"id": JSON | some.just("abc"), "status": JSON | some.sampled_from([*Status])},
    optional={
        "logs": JSON,
        "output": JSON,
        "error": JSON,
        "data_removed": JSON,
        "detail": JSON,
        "invalid_fields": JSON,
    },
)


def _told(body: object, status: int = 200) -> object:
    provider = Gateway("http://127.0.0.1:1", "key", Hosts())
    answer = Answer(status, body, None)
    return provider.read(answer)


@given(ANSWERS, some.sampled_from([200, 201, 400, 401, 402, 403, 404, 422, 429, 500, 503]))
def test_any_answer_is_a_prediction_or_a_provider_error(body: object, status: int) -> None:
    try:
        prediction = _told(body, status)
    except ProviderError as error:
        assert "\n" not in error.in_full
    else:
        assert prediction.id  # type: ignore[attr-defined]


@given(JSON | some.fixed_dictionaries({"results": some.lists(ANSWERS, max_size=3), "next": JSON}))
def test_any_list_is_a_page_of_runs_or_a_provider_error(body: object) -> None:
    try:
        runs, query = listed("Replicate", body)
    except ProviderError as error:
        assert "\n" not in error.in_full
    else:
        assert all(run.id and born(run) >= 0 for run in runs)
        assert query == "" or query.startswith("?cursor=")
