"""Stops: whatever goes wrong, a page that says so in the studio's own words, or JSON for programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from segue.config import Settings
from segue.web.stops import MAY_PASS, WORDS
from tests.studio import opened
from tests.visitor import hidden


@pytest.fixture
def stopping(app: Flask) -> FlaskClient:
    """A studio with an address for each way to stop."""
    app.add_url_rule("/stops/<int:code>", "stops", abort, methods=["GET", "POST"])
    return app.test_client()


@pytest.mark.parametrize("code", WORDS)
def test_a_page_says_what_happened_and_what_to_do(stopping: FlaskClient, code: int) -> None:
    answer = stopping.get(f"/stops/{code}")
    title, message = WORDS[code]
    assert answer.status_code == code
    assert f"<h1>{title}</h1>" in answer.text
    assert message in answer.text
    assert "Back to the studio" in answer.text
    assert "stop-picture" in answer.text
    assert "Accept" in [name.strip() for name in answer.headers["Vary"].split(",")]


@pytest.mark.parametrize("code", [410, 418, 451])
def test_one_without_words_of_its_own_is_shown_all_the_same(stopping: FlaskClient, code: int) -> None:
    answer = stopping.get(f"/stops/{code}")
    assert answer.status_code == code
    assert "Back to the studio" in answer.text


@pytest.mark.parametrize("code", WORDS)
def test_trying_again_is_offered_where_it_may_help_and_harms_nothing(stopping: FlaskClient, code: int) -> None:
    assert ("Try again</a>" in stopping.get(f"/stops/{code}").text) == (code in MAY_PASS)
    form = {"csrf_token": hidden(stopping.get("/").text, "csrf_token")}
    posted = stopping.post(f"/stops/{code}", data=form)
    assert posted.status_code == code
    assert "Try again</a>" not in posted.text


@pytest.mark.parametrize("code", WORDS)
def test_programs_get_json(stopping: FlaskClient, code: int) -> None:
    answer = stopping.get(f"/stops/{code}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (code, "application/json")
    assert answer.get_json()["error"].startswith(WORDS[code][0])


def test_polls_get_json_whatever_they_ask_for(client: FlaskClient) -> None:
    for answer in (client.get("/clips/nosuchclip/status"), client.put("/clips/nosuchclip/status")):
        assert answer.mimetype == "application/json"
        assert answer.get_json()["error"]


def test_too_long_a_form_is_answered_before_it_is_read(client: FlaskClient) -> None:
    answer = client.post("/clips", data={"prompt_a": "x" * 200_000})
    assert answer.status_code == 413
    assert "at most 500 characters" in answer.text


def test_a_form_without_its_token_says_what_to_do(client: FlaskClient) -> None:
    answer = client.post("/clips/nosuchclip/cancel", headers={"Referer": "http://localhost/clips/nosuchclip"})
    assert answer.status_code == 400
    assert "That page was out of date" in answer.text
    assert '<a class="button" href="http://localhost/clips/nosuchclip">Open that page again</a>' in answer.text


def test_so_it_does_where_the_studios_name_is_not_in_latin_letters(tmp_path: Path) -> None:
    at = "https://xn--bcher-kva.example"
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path / "data"), "SEGUE_PUBLIC_URL": at, "SEGUE_OPEN": "yes"}))
    answer = app.test_client().post("/clips/nosuchclip/cancel", base_url=at, headers={"Referer": f"{at}/library"})
    assert f'href="{at}/library">Open that page again' in answer.text
    app.extensions["segue"].database.close()


@pytest.mark.parametrize(
    "sent_from", ["", "http://evil.example/", "http://localhost.evil.example/", "javascript:alert(1)"]
)
def test_only_a_page_of_ours_is_offered_again(client: FlaskClient, sent_from: str) -> None:
    answer = client.post("/clips/nosuchclip/cancel", headers={"Referer": sent_from} if sent_from else {})
    assert answer.status_code == 400
    assert "Open that page again" not in answer.text


@pytest.mark.parametrize("sent_from", ["https://segue.example.org:8443", "https://evil.example", ""])
def test_a_form_from_another_address_says_so_and_the_log_has_both(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, sent_from: str
) -> None:
    at = "https://segue.example.org"
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path / "data"), "SEGUE_PUBLIC_URL": at}))
    app.extensions["segue"].members.invite("Nora")
    client = app.test_client()
    form = {"csrf_token": hidden(client.get("/sign-in", base_url=at).text, "csrf_token"), "name": "Nora"}
    headers = {"Referer": f"{sent_from}/invitations/secret"} if sent_from else {}
    refused = client.post("/sign-in", data=form, base_url=at, headers=headers)
    assert refused.status_code == 400
    assert "does not say that you pressed that button here" in refused.text
    (line,) = [record.getMessage() for record in caplog.records if "was refused" in record.getMessage()]
    assert f"sent from {sent_from!r}, and asked for at {at!r}" in line
    assert "with its port?" in line
    assert "secret" not in line
    assert client.post("/sign-in", data=form, base_url=at, headers={"Referer": f"{at}/sign-in"}).status_code == 422
    app.extensions["segue"].database.close()


@pytest.mark.parametrize(("content", "code"), [(b"This is no database. " * 500, 500), (None, 503)])
def test_a_broken_database_is_owned_up_to_and_breaks_no_page(tmp_path: Path, content: bytes | None, code: int) -> None:
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path / "data")}))
    here = app.extensions["segue"]
    here.database.close()
    for file in (tmp_path / "data").glob("segue.db*"):
        file.unlink()
    if content:
        (tmp_path / "data" / "segue.db").write_bytes(content)
    client = app.test_client()
    answer = client.get("/")
    assert answer.status_code == code
    assert f"<h1>{WORDS[code][0]}</h1>" in answer.text
    assert client.get("/nothing").status_code == code
    assert client.get("/healthz").status_code == 200
    assert client.get("/clips/nosuchclip/status", headers={"Accept": "application/json"}).get_json()["error"]
    here.database.close()
