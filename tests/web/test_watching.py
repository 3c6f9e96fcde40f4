"""Request ids and metrics: what those who run the studio may know, and nobody else."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from segue.clips import Clips
from segue.config import Settings
from segue.recipe import Recipe
from tests.studio import made, opened
from tests.web.conftest import entered

TOKEN = "a-token-for-prometheus"
ELSEWHERE = {"REMOTE_ADDR": "10.0.0.9"}
ROOT = Path(__file__).parent.parent.parent


@contextmanager
def _studio(folder: Path, **settings: str) -> Iterator[Flask]:
    app = opened(Settings.load({"SEGUE_DATA": str(folder / "data"), **settings}))
    yield app
    app.extensions["segue"].database.close()


def _numbers(page: str) -> dict[str, float]:
    """Each sample by its name and labels, such as `segue_clips{state=failed}`."""
    numbers = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            numbers[f"{sample.name}{{{labels}}}"] = sample.value
    return numbers


def test_every_answer_has_an_id_of_its_own(client: FlaskClient) -> None:
    ids = [client.get(path).headers["X-Request-Id"] for path in ("/", "/", "/healthz", "/nothing", "/clips/x/status")]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-f]{16}", each) for each in ids)


def test_the_page_that_something_is_wrong_has_it_and_the_log_too(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> str:
        raise RuntimeError("a bug")

    app.add_url_rule("/broken", "broken", broken)
    answer = client.get("/broken")
    request_id = answer.headers["X-Request-Id"]
    assert request_id in answer.text
    told = [line for line in capsys.readouterr().err.splitlines() if "a bug" in line]
    assert told
    assert all(f" [- {request_id}] " in line for line in told)
    logging.getLogger("segue.test").warning("afterwards")
    assert request_id not in capsys.readouterr().err


def test_an_id_from_in_front_is_taken_from_servers_of_ours_only(tmp_path: Path) -> None:
    given = {"X-Request-Id": "7f3a.front-1234"}
    with _studio(tmp_path / "direct") as app:
        assert app.test_client().get("/healthz", headers=given).headers["X-Request-Id"] != given["X-Request-Id"]
    with _studio(tmp_path / "behind", SEGUE_PROXIES="1") as app:
        browser = app.test_client()
        assert browser.get("/healthz", headers=given).headers["X-Request-Id"] == given["X-Request-Id"]
        for odd in ("short", "x" * 65, "two words here", "line] INFO forged", "<script>alert(1)</script>", "ünïcödes"):
            assert browser.get("/healthz", headers={"X-Request-Id": odd}).headers["X-Request-Id"] != odd


def test_metrics_tell_how_the_studio_is(app: Flask, client: FlaskClient) -> None:
    clips: Clips = app.extensions["segue"].clips
    made(app, Recipe("bells", take=4))
    waiting = clips.submit(Recipe("horns"), "waiting")
    failed = clips.submit(Recipe("drums"), "failed")
    clips.change(failed.id, lambda clip: clip.fail("broken", 1.0))
    clips.change(waiting.id, lambda clip: setattr(clip, "created_at", clip.created_at - 100))
    client.get("/library")
    client.get("/clips/nosuchclip")
    client.get("/nothing")
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    numbers = _numbers(answer.text)
    assert numbers["segue_clips{state=succeeded}"] == 1
    assert numbers["segue_clips{state=failed}"] == 1
    assert numbers["segue_runs{provider=sketch}"] == 2, "one failed before anybody was asked"
    assert numbers["segue_queue_length{}"] == 1
    assert 100 <= numbers["segue_queue_oldest_seconds{}"] < 200
    assert numbers["segue_media_bytes{}"] > 10_000
    assert numbers["segue_disk_free_bytes{}"] > 0
    assert numbers["segue_answer_seconds_count{route=library,status=200}"] == 1
    assert numbers["segue_answer_seconds_count{route=clip,status=404}"] == 1
    assert numbers["segue_answer_seconds_count{route=nowhere,status=404}"] == 1
    assert numbers["segue_answer_seconds_bucket{le=+Inf,route=library,status=200}"] == 1
    assert numbers["process_resident_memory_bytes{}"] > 0
    assert any(name.startswith("segue_build_info{python=") for name in numbers)


def test_metrics_are_about_nobody_in_particular(app: Flask) -> None:
    entered(app, "Nora Particular").get("/")
    clip = made(app, Recipe("secret bells"))
    told = app.test_client().get("/metrics").text
    for private in ("Nora", "secret", clip.id):
        assert private not in told


def test_metrics_need_the_token_or_this_machine(tmp_path: Path) -> None:
    with _studio(tmp_path, SEGUE_METRICS_TOKEN=TOKEN) as app:
        entered(app, "Nora")
        guest = app.test_client()

        def ask(**headers: str) -> tuple[int, str | None, bytes]:
            answer = guest.get("/metrics", headers=headers, environ_base=ELSEWHERE)
            return answer.status_code, answer.headers.get("WWW-Authenticate"), answer.data

        assert ask(Authorization=f"Bearer {TOKEN}")[0] == 200
        refused = ask()
        assert refused[:2] == (401, "Bearer")
        for nothing in ("", "Basic", f"Basic {TOKEN}", TOKEN):
            assert ask(Authorization=nothing) == refused, nothing
        for wrong in ("Bearer", "Bearer x", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Bearer  {TOKEN.upper()}"):
            assert ask(Authorization=wrong) == refused, wrong
        assert guest.get("/metrics").status_code == 200
        assert guest.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401


def test_without_a_token_none_is_good_and_members_need_one_too(app: Flask, client: FlaskClient) -> None:
    for given in ({}, *({"Authorization": f"Bearer {token}"} for token in ("", "None", "null"))):
        answer = client.get("/metrics", headers=given, environ_base=ELSEWHERE)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), given
    assert entered(app, "Nora").get("/metrics", environ_base=ELSEWHERE).status_code == 401


def test_alive_and_ready_say_nothing_about_what_is_inside(app: Flask) -> None:
    guest = app.test_client()
    entered(app, "Nora")
    assert guest.get("/healthz", environ_base=ELSEWHERE).get_json() == {"status": "alive"}
    assert guest.get("/readyz", environ_base=ELSEWHERE).get_json() == {"status": "ready"}


def test_the_version_is_said_once_and_the_same() -> None:
    from segue.version import VERSION

    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text()
