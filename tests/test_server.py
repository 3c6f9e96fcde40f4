"""Starting and stopping, as people do it."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
import requests

from segue.bodies import CROWD_SECONDS
from segue.server import CONNECTIONS, STOP_LIMIT_SECONDS, TOGETHER, TURN_SECONDS
from tests.chaos.crew import Worker
from tests.crowd import SOON, Crowd
from tests.servers import behaviours
from tests.servers.upstream import Upstream
from tests.serving import PATIENCE, ROOT, Serving, free_port
from tests.terminal import settings_for
from tests.visitor import Visitor

COMMAND = [sys.executable, "app.py"]
LARGER_THAN_ALL_BUFFERS = 8 << 20


def _start(**settings: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SEGUE_")}
    return subprocess.run(
        COMMAND, cwd=ROOT, env=environ | settings, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def _refused(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    for word in words:
        assert word in ended.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    serving = Serving(tmp_path / "data").start()
    assert f"Segue is at {serving.address}" in serving.log.read_text()
    assert serving.stop(how) == 0
    assert "Traceback" not in serving.log.read_text()
    with pytest.raises(requests.ConnectionError):
        requests.get(serving.address, timeout=PATIENCE)


def test_a_busy_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        _refused(_start(SEGUE_DATA=str(tmp_path), SEGUE_PORT=port), port, "SEGUE_PORT")


def test_a_second_studio_on_the_same_port_is_refused(tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as first:
        _refused(_start(SEGUE_DATA=str(tmp_path / "other"), SEGUE_PORT=str(first.port)), "SEGUE_PORT")


@pytest.mark.parametrize("name", ["media", "queue.db", "segue.db"])
def test_something_odd_in_the_data_folder_is_said_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("this is something else, and it is in the way of the studio")
    _refused(_start(SEGUE_DATA=str(tmp_path), SEGUE_PORT=str(free_port())), str(tmp_path))


def test_the_database_of_a_newer_segue_is_said_in_one_sentence(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "segue.db") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('9999_tomorrow')")
    connection.close()
    _refused(_start(SEGUE_DATA=str(tmp_path), SEGUE_PORT=str(free_port())), "newer")


def test_a_command_with_a_bad_setting_says_one_sentence_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    environ = os.environ | {"SEGUE_DATA": str(tmp_path), "SEGUE_PORT": "loud"}
    _refused(subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False), "SEGUE_PORT")


def test_an_unwritable_data_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    _refused(_start(SEGUE_DATA=str(tmp_path / "file" / "data"), SEGUE_PORT=str(free_port())), "SEGUE_DATA")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEGUE_PORT", "loud"),
        ("SEGUE_PROVIDER", "nobody"),
        ("SEGUE_HOST", "no.such.host.invalid"),
        ("SEGUE_HOST", "a..b"),
    ],
)
def test_a_bad_setting_is_said_in_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    _refused(_start(**{"SEGUE_DATA": str(tmp_path), "SEGUE_PORT": str(free_port()), name: value}), name, value)


@contextmanager
def _with_a_long_clip(folder: Path) -> Iterator[tuple[Serving, Visitor, str]]:
    """A studio, whoever made the clip there, and where its sound is: more than all buffers hold."""
    with Serving(folder / "data") as serving:
        visitor = Visitor(serving.address)
        clip = visitor.blend(prompt_a="bells")
        visitor.wait(clip)
        for file in (folder / "data" / "media").rglob("audio.*"):
            os.truncate(file, LARGER_THAN_ALL_BUFFERS)
        yield serving, visitor, f"/clips/{clip}/audio"


@pytest.mark.parametrize("takes", [0, 500])
def test_more_slow_listeners_than_connections_keep_nobody_waiting(tmp_path: Path, takes: int) -> None:
    with _with_a_long_clip(tmp_path) as (serving, visitor, sound):
        ask = f"GET {sound} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        with Crowd(serving.port, CONNECTIONS + 50, ask, takes=takes):
            for _ in range(5):
                assert requests.get(f"{serving.address}/healthz", timeout=SOON).status_code == 200
            assert visitor.blend(prompt_a="quick bells")
        assert "connections cut" in serving.log.read_text()


def test_a_few_slow_listeners_are_left_in_peace(tmp_path: Path) -> None:
    with _with_a_long_clip(tmp_path) as (serving, _, sound):
        listeners = [requests.get(serving.address + sound, stream=True, timeout=PATIENCE) for _ in range(20)]
        time.sleep(2 * CROWD_SECONDS)
        assert {len(listener.content) for listener in listeners} == {LARGER_THAN_ALL_BUFFERS}


def test_it_stops_while_somebody_sends_and_somebody_listens_slowly(tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as serving:
        visitor = Visitor(serving.address)
        clip = visitor.blend(prompt_a="bells")
        visitor.wait(clip)
        send = b"POST /clips HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nprompt_a="
        listen = f"GET /clips/{clip}/audio HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        with Crowd(serving.port, 6, send), Crowd(serving.port, 6, listen, takes=0):
            assert requests.get(f"{serving.address}/healthz", timeout=SOON).status_code == 200
            assert serving.stop() == 0


def test_a_clip_under_way_at_a_clean_stop_is_finished_afterwards(tmp_path: Path) -> None:
    serving = Serving(tmp_path / "data").start()
    visitor = Visitor(serving.address)
    clips = [visitor.blend(prompt_a=f"song {n}") for n in range(4)]
    serving.stop()
    with serving:
        assert {visitor.wait(clip)["status"] for clip in clips} == {"succeeded"}


@pytest.mark.parametrize("alone", [False, True])
def test_a_stop_takes_ten_seconds_at_the_most_and_what_was_under_way_goes_on(
    tmp_path: Path, upstream: Upstream, alone: bool
) -> None:
    """The ten seconds are a promise."""
    assert STOP_LIMIT_SECONDS < 10
    settings = settings_for(upstream) | ({"SEGUE_WORKERS": "0"} if alone else {})
    serving = Serving(tmp_path / "data", **settings).start()
    worker = Worker(0, tmp_path / "data", **settings)
    if alone:
        worker.start()
    upstream.gateway.on_get(behaviours.late(60), times=1)
    clip = Visitor(serving.address).blend(prompt_a="bells")
    while not upstream.gateway.gets:
        time.sleep(0.05)
    half = (
        b"POST /clips HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 5000\r\n\r\nprompt_a="
    )
    with socket.create_connection(("127.0.0.1", serving.port)) as slow:
        slow.sendall(half)
        for each in (worker, serving) if alone else (serving,):
            began = time.monotonic()
            assert each.stop() == 0
            assert time.monotonic() - began < 10
    with serving, worker if alone else nullcontext():
        assert Visitor(serving.address).wait(clip)["status"] == "succeeded"
    assert len(upstream.gateway.creates) == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_can_work_alone(tmp_path: Path, how: signal.Signals) -> None:
    environ = os.environ | {"SEGUE_DATA": str(tmp_path / "data")}
    script = (
        "from app import app\nfrom segue.recipe import Recipe\n"
        "print(app.extensions['segue'].clips.submit(Recipe('bells'), 'token').id)"
    )
    made = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, check=True, text=True
    )
    clip = made.stdout.strip()
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as worker:
        audio = tmp_path / "data" / "media" / clip[:2] / clip / "audio.flac"
        deadline = time.monotonic() + PATIENCE
        while not audio.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        worker.send_signal(how)
        assert worker.wait(15) == 0


def test_somebody_who_waits_for_the_database_blocks_nobody_else(tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as serving:
        visitor = Visitor(serving.address)
        form = visitor.form(prompt_a="bells")
        lock = sqlite3.connect(tmp_path / "data" / "segue.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        waiting = [threading.Thread(target=visitor.post, args=(form,)) for _ in range(TOGETHER + 4)]
        for one in waiting:
            one.start()
        time.sleep(TURN_SECONDS * 3)
        for _ in range(3):
            assert requests.get(f"{serving.address}/healthz", timeout=3).status_code == 200
        assert all(one.is_alive() for one in waiting)
        lock.execute("ROLLBACK")
        lock.close()
        for one in waiting:
            one.join()


def test_it_does_not_open_itself_to_the_network_without_a_member(tmp_path: Path) -> None:
    everywhere = {"SEGUE_DATA": str(tmp_path / "data"), "SEGUE_HOST": "0.0.0.0", "SEGUE_PORT": str(free_port())}  # noqa: S104
    _refused(_start(**everywhere), "member invite", "SEGUE_OPEN=yes")


@pytest.mark.parametrize("told", [True, False])
def test_told_so_or_with_a_member_it_opens_to_the_network(tmp_path: Path, told: bool) -> None:
    settings = {"SEGUE_HOST": "0.0.0.0"} | ({"SEGUE_OPEN": "yes"} if told else {})  # noqa: S104
    serving = Serving(tmp_path / "data", **settings)
    if not told:
        invite = [sys.executable, "-m", "flask", "--app", "app", "member", "invite", "Nora"]
        subprocess.run(invite, cwd=ROOT, env=serving.environ, check=True, capture_output=True)
    with serving:
        answer = requests.get(serving.address + "/", timeout=10)
        assert ("Sign in" in answer.text) == (not told)
