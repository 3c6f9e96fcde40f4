"""Under which names the studio answers: its own, so that no trick with names leads a browser into it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from segue.config import Settings
from tests.studio import opened

Studio = Callable[..., Flask]
EVIL = (
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example:8000",
    "127.0.0.1@evil.example",
)
BROKEN = (
    "",
    " ",
    "a b",
    "localhost/..",
    "localhost:80:80",
    "localhost#",
    "[::1",
    "[evil.example]",
    "\x7f",
    "loc\xe4lhost",
)
NOWHERE = "192.0.2.7"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """Makes a studio with those settings."""
    made: list[Flask] = []

    def make(**settings: str) -> Flask:
        made.append(opened(Settings.load({"SEGUE_DATA": str(tmp_path / f"data{len(made)}"), **settings})))
        return made[-1]

    yield make
    for app in made:
        app.extensions["segue"].database.close()


def _answers(app: Flask, host: str, path: str = "/") -> int:
    return app.test_client().get(path, headers={"Host": host}).status_code


def test_alone_it_answers_to_this_machine_only(studio: Studio) -> None:
    app = studio()
    for host in ("localhost", "127.0.0.1:8000", "127.0.0.2", "[::1]:8000", "LOCALHOST.", "segue.localhost:8000"):
        assert _answers(app, host) == 200, host
    for host in (*EVIL, *BROKEN, NOWHERE, "192.168.1.5:8000", socket.gethostname() + ".lan"):
        for path in ("/", "/clips", "/static/nothing", "/nothing"):
            assert _answers(app, host, path) == 400, (host, path)


def test_probes_come_by_address_and_by_no_strange_name(studio: Studio) -> None:
    app = studio(SEGUE_PUBLIC_URL="https://segue.example.org", SEGUE_HOST="0.0.0.0")  # noqa: S104
    for path in ("/healthz", "/readyz", "/metrics"):
        for host in (NOWHERE, "10.0.0.5:8000", "[fd00::5]:8000"):
            assert _answers(app, host, path) == 200, (host, path)
        for host in (*EVIL, *BROKEN, "10.0.0.5.evil.example"):
            assert _answers(app, host, path) == 400, (host, path)
    for path in ("/", "/healthz/", "/metrics/x", "//healthz", "/sign-in"):
        assert _answers(app, NOWHERE, path) == 400, path


def test_who_asks_for_a_strange_name_learns_nothing(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    browser = studio().test_client()
    answers = [
        browser.open(path, method=method, headers={"Host": "evil.example"})
        for path, method in (("/", "GET"), ("/nothing", "GET"), ("/clips", "POST"), ("/metrics", "GET"))
    ]
    assert {(answer.status_code, answer.mimetype, answer.data) for answer in answers} == {
        (400, "text/plain", b"Bad request\n")
    }
    assert "Set-Cookie" not in answers[0].headers
    assert answers[0].headers["X-Content-Type-Options"] == "nosniff"
    assert caplog.text.count("evil.example") == 1
    assert "SEGUE_HOSTS" in caplog.text


def test_strange_names_without_end_do_not_fill_the_log(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    app = studio()
    for number in range(50):
        _answers(app, f"evil{number}.example")
    assert 1 <= caplog.text.count("turned away") <= 20


def test_it_answers_to_the_name_people_know_it_by(studio: Studio) -> None:
    app = studio(SEGUE_PUBLIC_URL="https://Segue.example.org/", SEGUE_HOST="0.0.0.0")  # noqa: S104
    for host in ("segue.example.org", "SEGUE.example.org:8443", "localhost"):
        assert _answers(app, host, "/offline") == 200, host
    for host in (*EVIL, NOWHERE, "example.org", "www.segue.example.org"):
        assert _answers(app, host, "/offline") == 400, host


def test_more_names_may_be_given(studio: Studio) -> None:
    app = studio(SEGUE_HOSTS="studio.local, 10.0.0.5 bändprobe.example [fd00::5]")
    for host in ("studio.local:8000", "10.0.0.5", "xn--bndprobe-0za.example", "[fd00::5]:8000", "127.0.0.1"):
        assert _answers(app, host, "/offline") == 200, host
    for host in (*EVIL, NOWHERE):
        assert _answers(app, host, "/offline") == 400, host


def test_in_a_network_without_a_name_any_number_will_do_and_no_strange_name(studio: Studio) -> None:
    app = studio(SEGUE_HOST="0.0.0.0")  # noqa: S104
    for host in (NOWHERE, "192.168.1.5:8000", "[fd00::5]:8000", socket.gethostname(), "localhost"):
        assert _answers(app, host, "/offline") == 200, host
    for host in EVIL:
        assert _answers(app, host, "/offline") == 400, host


def test_links_to_show_around_never_follow_a_forged_name(studio: Studio) -> None:
    app = studio(SEGUE_PUBLIC_URL="https://segue.example.org", SEGUE_HOSTS="studio.local")
    page = app.test_client().get("/sign-in", headers={"Host": "studio.local", "X-Forwarded-Host": "evil.example"}).text
    assert "evil.example" not in page
