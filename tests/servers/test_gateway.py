"""The two houses speak as described: a bug in a test double would be a bug in every test that uses it."""

import io
import re
import wave
from typing import Any

import pytest
import requests

from tests.servers import behaviours, life
from tests.servers.asking import INPUT, call, create, look, post
from tests.servers.behaviours import answer
from tests.servers.schema import MISSPELT, VERSION
from tests.servers.shapes import nested, problem
from tests.servers.upstream import Upstream
from tests.serving import PATIENCE

TQDM = re.compile(r"^\s*(\d+)%\s*\|.+?\|\s*(\d+)\/(\d+)", re.MULTILINE)


def test_a_prediction_starts_shows_progress_and_succeeds_with_two_files(upstream: Upstream) -> None:
    created = create(upstream)
    told = created.json()
    assert (created.status_code, told["status"], told["output"]) == (200, "starting", None)
    looks = [look(upstream, told["id"]).json() for _ in range(4)]
    assert [one["status"] for one in looks] == ["processing", "processing", "succeeded", "succeeded"]
    assert [TQDM.findall(one["logs"])[-1] for one in looks[:3]] == [
        ("0", "0", "38"),
        ("44", "17", "38"),
        ("100", "38", "38"),
    ]
    audio = requests.get(looks[-1]["output"]["audio"], timeout=PATIENCE)
    picture = requests.get(looks[-1]["output"]["spectrogram"], timeout=PATIENCE)
    with wave.open(io.BytesIO(audio.content)) as sound:
        assert sound.getparams()[:4] == (1, 2, 44_100, 225_351)
    assert (audio.headers["Content-Type"], picture.headers["Content-Type"]) == ("audio/wav", "image/png")
    assert upstream.trap.untouched


def test_a_gateway_answers_as_its_document_does(upstream: Upstream) -> None:
    told = create(upstream).json()
    assert told["version"] == "hidden"
    assert "aspect_ratio" in told["input"]
    assert set(told["urls"]) == {"cancel", "get", "stream", "web"}
    assert all(url.startswith(upstream.trap.address) for url in told["urls"].values())
    assert call(upstream, "GET", "/predictions").status_code == 404
    assert call(upstream, "POST", f"/predictions/{told['id']}/cancel").status_code == 404


def test_requests_are_recorded_with_headers_and_json(upstream: Upstream) -> None:
    create(upstream)
    [seen] = upstream.gateway.requests
    assert (seen.method, seen.path) == ("POST", "/replicate/v1/models/riffusion/riffusion/predictions")
    assert seen.headers["AUTHORIZATION"] == f"Bearer {upstream.gateway.key}"
    assert "Authorization" in seen.headers
    assert seen.json["input"] == INPUT
    assert [run.input for run in upstream.gateway.creates] == [INPUT]


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "loopback-key-7Hq2"])
def test_a_wrong_key_gets_401_in_the_shape_of_the_house(
    upstream: Upstream, replicate: Upstream, authorization: str
) -> None:
    refused = call(upstream, "GET", "/predictions/x", authorization=authorization)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_token")
    refused = call(replicate, "GET", "/predictions/x", authorization=authorization)
    assert (refused.json()["title"], refused.json()["status"]) == ("Unauthenticated", 401)
    assert refused.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prompt_b": None}, "input.prompt_b"),
        ({"prompt_a": 3}, "input.prompt_a"),
        ({"alpha": 1.5}, "input.alpha"),
        ({"alpha": "half"}, "input.alpha"),
        ({"denoising": -0.1}, "input.denoising"),
        ({"num_inference_steps": 0}, "input.num_inference_steps"),
        ({"num_inference_steps": 7.5}, "input.num_inference_steps"),
        ({"seed_image_id": "../agile"}, "input.seed_image_id"),
        ({"seed_image_id": ["vibes"]}, "input.seed_image_id"),
        ({"version": "riffusion"}, "version"),
    ],
)
def test_what_the_model_does_not_take_is_refused_and_not_paid_for(
    upstream: Upstream, changes: dict[str, Any], field: str
) -> None:
    refused = create(upstream, **changes)
    assert refused.status_code == refused.json()["status"] == 422
    [complaint] = refused.json()["invalid_fields"]
    assert complaint["field"] == field
    assert all(complaint.values())
    assert upstream.gateway.creates == []


def test_both_prompts_have_to_be_sent(upstream: Upstream) -> None:
    refused = post(upstream, {"version": VERSION, "input": {}})
    assert [one["field"] for one in refused.json()["invalid_fields"]] == ["input.prompt_a", "input.prompt_b"]


def test_the_misspelt_seed_is_taken_and_fails(upstream: Upstream) -> None:
    told = create(upstream, seed_image_id=MISSPELT).json()
    look(upstream, told["id"])
    assert look(upstream, told["id"]).json()["status"] == "failed"


def test_lives_can_be_short_timed_or_end_otherwise(upstream: Upstream) -> None:
    gateway = upstream.gateway
    gateway.script = life.INSTANT
    assert create(upstream).json()["output"]["audio"].startswith(upstream.files.address)
    gateway.play(life.NEXT_LOOK)
    gateway.play(life.STEADY.over(60))
    quick, timed = create(upstream).json(), create(upstream).json()
    assert (quick["status"], look(upstream, quick["id"]).json()["status"]) == ("starting", "succeeded")
    assert [look(upstream, timed["id"]).json()["status"] for _ in range(5)] == ["starting"] * 5
    upstream.gateway.predictions[timed["id"]].born -= 60
    assert look(upstream, timed["id"]).json()["status"] == "succeeded"
    assert create(upstream).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("scripted", "words"),
    [
        (life.failed(), ["processing", "failed"]),
        (life.canceled(), ["processing", "canceled"]),
        (life.aborted(), ["aborted", "aborted"]),
        (life.wandering("booting"), ["booting", "booting", "processing", "succeeded"]),
        (life.STUCK, ["processing"] * 6),
    ],
)
def test_predictions_end_badly_or_oddly(upstream: Upstream, scripted: life.Life, words: list[str]) -> None:
    upstream.gateway.script = scripted
    prediction_id = create(upstream).json()["id"]
    assert [look(upstream, prediction_id).json()["status"] for _ in words] == words


def test_a_success_may_say_anything_of_its_output(upstream: Upstream) -> None:
    def told_by(scripted: life.Life) -> dict[str, Any]:
        upstream.gateway.script = scripted
        told: dict[str, Any] = look(upstream, create(upstream).json()["id"]).json()
        return told

    assert told_by(life.succeeded(lambda _: None))["output"] is None
    assert told_by(life.succeeded(lambda files: files["audio"]))["output"].endswith("/audio.wav")
    assert list(told_by(life.succeeded(lambda files: {"audio": files["audio"]}))["output"]) == ["audio"]
    gone = told_by(life.removed())
    assert (gone["status"], gone["output"], gone["data_removed"], gone["logs"]) == (
        "succeeded",
        None,
        True,
        "",
    )


def test_refusals_come_in_turn_then_the_truth_again(upstream: Upstream) -> None:
    gateway = upstream.gateway
    gateway.on_create(answer(402, problem("Billing required", title="Insufficient credit")), times=1)
    gateway.on_create(answer(403, nested("quota used up")), times=1)
    gateway.on_create(behaviours.throttled(7, in_header=True), times=1)
    billing, quota, throttled, good = (create(upstream) for _ in range(4))
    assert billing.json() == {"title": "Insufficient credit", "detail": "Billing required", "status": 402}
    assert quota.json()["error"]["code"] == "insufficient_user_quota"
    assert (throttled.json()["retry_after"], throttled.headers["Retry-After"]) == (7, "7")
    assert good.status_code == 200
    assert len(gateway.creates) == 1


def test_replicate_tells_the_true_input_and_cancels(replicate: Upstream) -> None:
    replicate.gateway.script = life.STUCK
    created = create(replicate)
    told = created.json()
    assert (created.status_code, told["input"], told["version"]) == (201, INPUT, VERSION)
    canceled = call(replicate, "POST", f"/predictions/{told['id']}/cancel").json()
    assert (canceled["status"], canceled["output"]) == ("canceled", None)
    assert look(replicate, told["id"]).json()["status"] == "canceled"
    assert call(replicate, "POST", "/models/riffusion/riffusion/predictions").status_code == 404


def test_what_is_finished_cannot_be_canceled(replicate: Upstream) -> None:
    replicate.gateway.script = life.INSTANT
    told = create(replicate).json()
    assert call(replicate, "POST", f"/predictions/{told['id']}/cancel").json()["status"] == "succeeded"


def test_replicate_lists_a_hundred_a_page_the_newest_first(replicate: Upstream) -> None:
    for number in range(205):
        create(replicate, prompt_a=str(number))
    path: str | None = "/predictions"
    pages = []
    while path:
        pages.append(call(replicate, "GET", path).json())
        path = (pages[-1]["next"] or "").removeprefix(replicate.gateway.base)
    assert [len(page["results"]) for page in pages] == [100, 100, 5]
    prompts = [run["input"]["prompt_a"] for page in pages for run in page["results"]]
    assert prompts == [str(number) for number in reversed(range(205))]
    assert (pages[0]["previous"], pages[1]["previous"] is None) == (None, False)
    assert replicate.gateway.gets == 0
