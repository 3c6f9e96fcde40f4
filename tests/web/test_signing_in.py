"""Signing in and out: what a browser is worth before and after, and who guesses."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue.members import Members
from segue.web import throttle
from tests.visitor import hidden
from tests.web.conftest import PASSWORD, entered, press, turned_away


@pytest.fixture
def ana(app: Flask) -> FlaskClient:
    """A member's browser, in a studio that is somebody else's."""
    members: Members = app.extensions["segue"].members
    members.invite("Nora")
    return entered(app, "Ana")


@pytest.mark.usefixtures("ana")
def test_signing_in_leads_on_inside_this_studio_only(app: Flask) -> None:
    for wanted, onward in {
        "/clips/abc?x=1": "/clips/abc?x=1",
        "//evil.example": "/",
        "///evil.example": "/",
        "https://evil.example/": "/",
        "/\\evil.example": "/",
        "/%5cevil.example": "/%5cevil.example",
        "\\\\evil.example": "/",
        "/\t/evil.example": "/",
        "javascript:alert(1)": "/",
        "": "/",
    }.items():
        browser = app.test_client()
        answer = press(browser, "/sign-in?" + urlencode({"next": wanted}), name="Ana", password=PASSWORD)
        assert answer.headers["Location"] == onward, wanted


@pytest.mark.usefixtures("ana")
def test_signing_in_starts_a_new_session(app: Flask) -> None:
    """Session fixation: what a stranger planted in the browser before is worth nothing afterwards."""
    browser = app.test_client()
    page = browser.get("/sign-in").text
    before = browser.get_cookie("session")
    form = {"csrf_token": hidden(page, "csrf_token"), "name": "ana", "password": PASSWORD}
    assert browser.post("/sign-in", data=form).status_code == 303
    after = browser.get_cookie("session")
    assert before
    assert after
    assert before.value != after.value
    assert after.http_only
    assert after.same_site == "Lax"
    stale = app.test_client()
    stale.set_cookie("session", before.value)
    assert turned_away(stale.get("/"))


def test_a_cookie_from_before_signing_out_opens_nothing(app: Flask, ana: FlaskClient) -> None:
    cookie = ana.get_cookie("session")
    assert cookie
    answer = press(ana, "/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert turned_away(thief.get("/"))


@pytest.mark.usefixtures("ana")
def test_what_was_wrong_at_signing_in_is_not_told(app: Flask) -> None:
    entered(app, "Cem")
    members: Members = app.extensions["segue"].members
    cem = members.named("Cem")
    assert cem
    members.remove(cem.id)
    answers = [
        press(app.test_client(), "/sign-in", name=name, password=password)
        for name, password in (("Ana", "not hers at all"), ("Nobody", PASSWORD), ("Cem", PASSWORD))
    ]
    assert {answer.status_code for answer in answers} == {422}
    pages = {re.sub(r'\bvalue="[^"]*"', "", answer.text) for answer in answers}
    assert len(pages) == 1


def test_a_changed_password_keeps_this_browser_and_no_other(app: Flask, ana: FlaskClient) -> None:
    here, there = ana, entered_again(app, "Ana")
    wrong = press(here, "/me", old="not hers at all", password="five other words of mine")
    assert wrong.status_code == 422
    assert "not your password" in wrong.text
    answer = press(here, "/me", old=PASSWORD, password="five other words of mine")
    assert answer.status_code == 303
    assert here.get("/me?changed=1").status_code == 200
    assert turned_away(there.get("/me"))
    press(here, "/me/sign-out-everywhere")
    assert turned_away(here.get("/me"))


def entered_again(app: Flask, name: str) -> FlaskClient:
    """Another browser of a member."""
    browser = app.test_client()
    assert press(browser, "/sign-in", name=name, password=PASSWORD).status_code == 303
    return browser


@pytest.mark.usefixtures("ana")
def test_who_guesses_passwords_is_held_up(app: Flask) -> None:
    entered(app, "Ben")
    browser = app.test_client()
    for _ in range(10):
        assert press(browser, "/sign-in", name="Ana", password="not hers at all").status_code == 422
    held_up = press(browser, "/sign-in", name="Ana", password=PASSWORD)
    assert held_up.status_code == 429
    seconds = held_up.headers["Retry-After"]
    assert 1 <= int(seconds) <= 60
    assert f"Wait {seconds} seconds" in held_up.text
    assert press(browser, "/sign-in", name="Ben", password=PASSWORD).status_code == 303, "Ben shares its address"
    elsewhere = app.test_client()
    page = elsewhere.get("/sign-in").text
    form = {"csrf_token": hidden(page, "csrf_token"), "name": "Ana", "password": PASSWORD}
    assert elsewhere.post("/sign-in", data=form, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 303


@pytest.mark.usefixtures("ana")
def test_who_guesses_for_many_names_is_held_up_too(app: Flask) -> None:
    """All but the last guess are counted without hashing what was guessed, which would take half a minute."""
    with app.test_request_context(environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        for number in range(99):
            throttle.count_try(f"somebody {number}")
    assert _guess(app, "somebody 99", "127.0.0.1") == 422
    assert _guess(app, "somebody 100", "127.0.0.1") == 429


@pytest.mark.usefixtures("ana")
def test_who_guesses_from_many_places_is_held_up_too(app: Flask) -> None:
    for number in range(29):
        with app.test_request_context(environ_base={"REMOTE_ADDR": f"10.0.0.{number}"}):
            throttle.count_try(" ANA" if number % 2 else "ana")
    assert _guess(app, " Ana", "10.0.0.29") == 422
    assert _guess(app, "ana", "10.0.0.30") == 429


def _guess(app: Flask, name: str, address: str) -> int:
    browser = app.test_client()
    form = {"csrf_token": hidden(browser.get("/sign-in").text, "csrf_token"), "name": name, "password": "guess"}
    return browser.post("/sign-in", data=form, environ_base={"REMOTE_ADDR": address}).status_code


@pytest.mark.usefixtures("ana")
def test_signing_in_well_is_never_held_up(app: Flask) -> None:
    for _ in range(12):
        entered_again(app, "Ana")
