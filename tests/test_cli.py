"""Commands, and driving a clip from a process that serves nobody."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname

import pytest
from flask import Flask

from segue import create_app
from segue.cli.drive import Drive
from segue.config import Settings
from segue.models import Clip, State
from segue.parts import Parts
from segue.recipe import Recipe
from tests.serving import PATIENCE, free_port
from tests.terminal import running

AWAY = {
    "database": ("SEGUE_DATABASE_URL", "postgresql://segue:do-not-tell@127.0.0.1:{}/segue"),
    "queue": ("SEGUE_QUEUE_URL", "redis://127.0.0.1:{}"),
}
"""Servers that are not there, and the settings that name them."""


def _parts(app: Flask) -> Parts:
    parts: Parts = app.extensions["segue"]
    return parts


def _driven(app: Flask, clip: Clip) -> list[State]:
    """The states seen while the clip was driven to its end."""
    drive = Drive(_parts(app).clips, clip.id)
    watched = drive.watch()
    seen = [next(watched)]
    drive.start()
    seen += watched
    drive.join()
    versions = [standing.version for standing in seen]
    assert versions == sorted(set(versions)), "each change is seen once"
    return [standing.state for standing in seen]


@contextmanager
def _trapped(settings: Settings) -> Iterator[None]:
    """No clip can be taken up within, but canceled it can be."""
    with sqlite3.connect(settings.data / "segue.db", isolation_level=None) as connection:
        connection.execute(
            "CREATE TRIGGER trap BEFORE UPDATE ON clip WHEN NEW.state <> 'canceled' "
            "BEGIN SELECT RAISE(ABORT, 'no room left'); END"
        )
        yield
        connection.execute("DROP TRIGGER trap")
    connection.close()


def _ended(data: Path, settings: dict[str, str], *words: str) -> tuple[int, str, str]:
    """The exit code of a command, and what it said."""
    with running(data, settings, *words) as process:
        out, error = process.communicate(timeout=PATIENCE)
    return process.returncode, out.decode(), error.decode()


def _until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_commands_say_what_they_do(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["--help"]).output
    for name in ("blend", "doctor", "worker"):
        assert f"\n  {name}" in told


@pytest.mark.parametrize("what", AWAY)
def test_where_a_server_is_away_a_command_says_that_it_cannot_be_done_and_why(tmp_path: Path, what: str) -> None:
    name, address = AWAY[what]
    for words in (["member", "list"], ["backup", str(tmp_path / "segue.tar")]):
        code, out, told = _ended(tmp_path / "data", {name: address.format(free_port())}, *words)
        assert (code, out) == (1, "")
        assert f"Segue cannot do this: it cannot use its {what} " in told.splitlines()[-1]
    code, _, told = _ended(tmp_path / "data", {name: address.format(free_port())}, "worker")
    assert (code, "Segue did not start: " in told) == (1, True)


@pytest.mark.parametrize("what", AWAY)
def test_where_a_server_is_away_the_doctor_tells_everything_else(tmp_path: Path, what: str) -> None:
    name, address = AWAY[what]
    code, out, told = _ended(tmp_path / "data", {name: address.format(free_port())}, "doctor", "--blend", "sketch")
    assert code == 1
    assert f"trouble  {what}: It cannot be used: " in out
    assert "?." not in out
    for about in ({"database", "queue"} - {what}) | {"settings", "media", "keys", "disk", "Built-in band"}:
        assert f"ok       {about}: " in out
    assert f"trouble  blend: No clip was made: see to the {what} first." in out
    assert "Traceback" not in told
    assert "do-not-tell" not in out + told


def test_each_change_is_seen_on_the_way_to_the_end(app: Flask) -> None:
    seen = _driven(app, _parts(app).clips.submit(Recipe("bells"), "token"))
    assert seen[0] is State.QUEUED
    assert seen[-1] is State.SUCCEEDED


def test_a_clip_whose_holder_died_is_taken_up_when_its_lease_has_run_out(app: Flask) -> None:
    parts = _parts(app)
    clip = parts.clips.submit(Recipe("bells"), "token")
    with parts.database.write() as session:
        held = session.get(Clip, clip.id)
        assert held is not None
        held.claim("a process that is no more", time.time() + 1, time.time())
    assert _driven(app, clip)[-1] is State.SUCCEEDED


def test_a_step_that_the_database_refuses_is_taken_again(app: Flask, settings: Settings) -> None:
    clips = _parts(app).clips
    clip = clips.submit(Recipe("bells"), "token")
    drive = Drive(clips, clip.id)
    with _trapped(settings):
        drive.start()
        time.sleep(0.3)
        standing = clips.standing(clip.id)
        assert standing is not None
        assert standing.state is State.QUEUED
    assert list(drive.watch())[-1].state is State.SUCCEEDED
    drive.join()


def test_a_clip_that_is_canceled_from_elsewhere_ends_the_command(app: Flask, settings: Settings) -> None:
    clips = _parts(app).clips
    results = []
    with _trapped(settings):
        command = threading.Thread(target=lambda: results.append(app.test_cli_runner().invoke(args=["blend", "bells"])))
        command.start()
        _until(lambda: _newest(app))
        clips.cancel(_newest(app))
        command.join()
    (result,) = results
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == "The clip was canceled from elsewhere."


def _newest(app: Flask) -> str:
    from segue import library

    rows = library.newest(_parts(app).database, 1)
    return str(rows[0].id) if rows else ""


def test_members_are_invited_and_shown_out_from_a_terminal(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    nobody = run(args=["member", "list"])
    assert (nobody.exit_code, nobody.stdout, nobody.stderr) == (0, "", "Nobody yet.\n")
    link = run(args=["member", "invite", "Nora"]).output.strip()
    assert link.startswith("http://127.0.0.1:8000/invitations/")
    again = run(args=["member", "invite", "nora"])
    assert again.exit_code == 1
    assert "`member reset nora`" in again.output
    run(args=["member", "invite", "Ben"])
    assert run(args=["member", "list"]).output.splitlines() == ["member\tBen  (invited)", "owner\tNora  (invited)"]
    assert "/invitations/" in run(args=["member", "reset", "Ben"]).output
    assert "only owner" in run(args=["member", "remove", "Nora"]).output
    assert run(args=["member", "remove", "Ben"]).exit_code == 0
    assert "Nobody here is called Ben" in run(args=["member", "reset", "Ben"]).output


@pytest.mark.parametrize(
    ("host", "shown"),
    [("0.0.0.0", gethostname()), ("::", gethostname()), ("192.168.1.5", "192.168.1.5"), ("::1", "[::1]")],  # noqa: S104
)
def test_a_printed_link_leads_somewhere_wherever_the_studio_listens(tmp_path: Path, host: str, shown: str) -> None:
    app = create_app(Settings.load({"SEGUE_DATA": str(tmp_path), "SEGUE_HOST": host}))
    assert f"http://{shown}:8000/invitations/" in app.test_cli_runner().invoke(args=["member", "invite", "Nora"]).output
    app.extensions["segue"].database.close()


def test_who_comes_through_a_web_server_in_front_needs_no_link(tmp_path: Path) -> None:
    header = {"SEGUE_USER_HEADER": "SegueUser", "SEGUE_USER_HEADER_FROM": "127.0.0.1"}
    app = create_app(Settings.load({"SEGUE_DATA": str(tmp_path), **header}))
    run = app.test_cli_runner().invoke
    assert run(args=["member", "invite", "Nora"]).output == "Nora may come in through the web server in front.\n"
    assert run(args=["member", "list"]).output == "owner\tNora\n"
    app.extensions["segue"].database.close()
