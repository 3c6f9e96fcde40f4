"""Web servers in front: believed about who asks when the settings say so, and only as far as they are ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, request
from werkzeug.exceptions import TooManyRequests
from werkzeug.test import TestResponse

from segue.config import Settings
from segue.web import peers, throttle
from tests.studio import opened
from tests.visitor import hidden
from tests.web.conftest import turned_away

FRONT = "10.0.0.5"
"""Our web server, where it is not on this machine."""
VISITOR = "203.0.113.9"


@contextmanager
def _studio(folder: Path, **settings: str) -> Iterator[Flask]:
    app = opened(Settings.load({"SEGUE_DATA": str(folder / "data"), **settings}))

    def who() -> dict[str, object]:
        return {"who": request.remote_addr, "peer": peers.peer(), "at": request.host_url, "here": peers.from_here()}

    app.extensions["segue.doors"]["who"] = app.extensions["segue.doors"]["healthz"]
    app.add_url_rule("/who", "who", who)
    yield app
    app.extensions["segue"].database.close()


def _ask(app: Flask, path: str, by: str = "127.0.0.1", **headers: str) -> TestResponse:
    spelt = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get(path, headers=spelt, environ_base={"REMOTE_ADDR": by})


def test_untold_it_believes_nobody(tmp_path: Path) -> None:
    with _studio(tmp_path) as app:
        forged = {"X_Forwarded_For": VISITOR, "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https"}
        told = _ask(app, "/who", **forged).get_json()
    assert told == {"who": "127.0.0.1", "peer": "127.0.0.1", "at": "http://localhost/", "here": False}


@pytest.mark.parametrize("count", [1, 2])
def test_told_so_it_believes_as_many_as_there_are(tmp_path: Path, count: int) -> None:
    with _studio(tmp_path, SEGUE_PROXIES=str(count), SEGUE_HOSTS="segue.example.org") as app:
        through = ["198.51.100.1", VISITOR, "10.0.0.4"][: count + 1]
        names = ["segue.example.org"] * count
        told = _ask(
            app,
            "/who",
            FRONT,
            X_Forwarded_For=", ".join(through),
            X_Forwarded_Proto=", ".join(["https"] * count),
            X_Forwarded_Host=", ".join(names),
        ).get_json()
    assert told == {"who": VISITOR, "peer": FRONT, "at": "https://segue.example.org/", "here": False}


def test_a_forged_name_is_strange_through_a_proxy_too(tmp_path: Path) -> None:
    with _studio(tmp_path, SEGUE_PROXIES="1") as app:
        assert _ask(app, "/who", X_Forwarded_For=VISITOR, X_Forwarded_Host="evil.example").status_code == 400


@pytest.mark.parametrize("claim", ["127.0.0.1", "::1", f"{VISITOR}, 127.0.0.1"])
@pytest.mark.parametrize("proxies", ["0", "1"])
def test_nobody_talks_himself_to_this_machine(tmp_path: Path, proxies: str, claim: str) -> None:
    with _studio(tmp_path, SEGUE_PROXIES=proxies) as app:
        for by in ("127.0.0.1", FRONT):
            for header in ("X_Forwarded_For", "Forwarded", "X_Real_IP"):
                assert turned_away(_ask(app, "/", by, **{header: claim})), (by, header)
                assert turned_away(_ask(app, "/metrics", by, **{header: claim})), (by, header)


BEHIND = pytest.mark.parametrize(
    "told",
    [
        {"SEGUE_PROXIES": "1"},
        {"SEGUE_PUBLIC_URL": "https://segue.example.org"},
        {"SEGUE_PUBLIC_URL": "http://segue.example.org"},
    ],
)
"""Whichever of them tells us that somebody is in front."""


@BEHIND
def test_behind_a_server_that_says_nothing_nobody_passes_for_this_machine(tmp_path: Path, told: dict[str, str]) -> None:
    with _studio(tmp_path, **told) as app:
        for address in ("/", "/members", "/usage", "/metrics"):
            assert turned_away(_ask(app, address)), address


def test_who_is_vouched_for_is_so_by_the_server_itself(tmp_path: Path) -> None:
    told = {"SEGUE_USER_HEADER": "SegueUser", "SEGUE_USER_HEADER_FROM": FRONT, "SEGUE_PROXIES": "1"}
    with _studio(tmp_path, **told) as app:
        app.extensions["segue"].members.invite("Nora")
        assert not turned_away(_ask(app, "/", FRONT, SegueUser="Nora", X_Forwarded_For=VISITOR))
        assert turned_away(_ask(app, "/", VISITOR, SegueUser="Nora", X_Forwarded_For=FRONT))
        assert turned_away(_ask(app, "/", VISITOR, SegueUser="Nora"))


@pytest.mark.parametrize(("proxies", "held_up"), [("0", True), ("1", False)])
def test_who_guesses_passwords_is_told_apart_only_by_a_server_we_believe(
    tmp_path: Path, proxies: str, held_up: bool
) -> None:
    with _studio(tmp_path, SEGUE_PROXIES=proxies) as app:
        app.extensions["segue"].members.invite("Nora")
        browser = app.test_client()
        form = {"csrf_token": hidden(browser.get("/sign-in").text, "csrf_token"), "password": "not hers at all"}
        for number in range(10):
            guess = {**form, "name": "Nora"}
            browser.post("/sign-in", data=guess, headers={"X-Forwarded-For": f"203.0.113.{number}"})
        answer = browser.post("/sign-in", data={**form, "name": "Nora"}, headers={"X-Forwarded-For": VISITOR})
    assert (answer.status_code == 429) is held_up


def test_one_household_is_one_address_in_the_new_numbers_too(tmp_path: Path) -> None:
    with _studio(tmp_path) as app:
        app.extensions["segue"].members.invite("Nora")
        browser = app.test_client()
        form = {"csrf_token": hidden(browser.get("/sign-in").text, "csrf_token"), "password": "not hers at all"}
        codes = []
        for number in range(11):
            by = {"REMOTE_ADDR": f"2001:db8::{number}"}
            guess = {**form, "name": "Nora"}
            codes.append(browser.post("/sign-in", data=guess, environ_base=by).status_code)
    assert codes == [422] * 10 + [429]


@BEHIND
def test_an_open_studio_behind_a_server_that_says_nothing_is_nobodys_to_own(
    tmp_path: Path, told: dict[str, str]
) -> None:
    with _studio(tmp_path, **told, SEGUE_OPEN="yes") as app:
        assert _ask(app, "/").status_code == 200
        for address in ("/members", "/usage"):
            assert _ask(app, address).status_code == 403, address
        assert b"segue_clips" not in _ask(app, "/metrics").data


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("1.2.3.4:5678", "x", False),
    ],
)
def test_an_old_address_is_one_however_it_is_spelt(tmp_path: Path, one: str, other: str, alike: bool) -> None:
    with _studio(tmp_path) as app:
        app.extensions["segue"].members.invite("Nora")
        with app.test_request_context(environ_base={"REMOTE_ADDR": one}):
            for _ in range(10):
                throttle.count_try("Nora")
        with app.test_request_context(environ_base={"REMOTE_ADDR": other}):
            if alike:
                with pytest.raises(TooManyRequests):
                    throttle.check_tries("Nora")
            else:
                throttle.check_tries("Nora")


def test_this_machine_is_known_in_both_spellings(tmp_path: Path) -> None:
    with _studio(tmp_path) as app:
        assert _ask(app, "/", "::ffff:127.0.0.1").status_code == 200
        assert turned_away(_ask(app, "/", "::ffff:10.0.0.1"))
