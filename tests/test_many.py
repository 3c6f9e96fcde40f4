"""Many boxes: web servers and workers as programs of their own, over one PostgreSQL, with Redis or it as the queue."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.servers.postgres import PASSWORD, Postgres
from tests.servers.redis import Redis
from tests.serving import ROOT, Serving
from tests.visitor import Visitor


@contextmanager
def _worker(like: Serving) -> Iterator[None]:
    """`flask worker`, with the settings of a web server."""
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    with (
        like.log.open("ab") as log,
        subprocess.Popen(command, cwd=ROOT, env=like.environ, stdout=log, stderr=log) as it,
    ):
        yield
        it.terminate()


@pytest.mark.parametrize("queued_in", ["Redis", "PostgreSQL"])
def test_what_one_box_is_asked_another_makes_and_a_third_shows(
    tmp_path: Path, postgres: Postgres, queued_in: str
) -> None:
    with ExitStack() as boxes:
        database = postgres.fresh()
        boxes.callback(postgres.drop, database)
        queue = boxes.enter_context(Redis()).address if queued_in == "Redis" else database
        settings = {"SEGUE_DATABASE_URL": database, "SEGUE_QUEUE_URL": queue, "SEGUE_WORKERS": "0"}
        one, other = (Serving(tmp_path / "data", **settings) for _ in range(2))
        asked, shown = (Visitor(boxes.enter_context(web).address) for web in (one, other))
        waiting = asked.blend(prompt_a="church bells")
        assert shown.status(waiting)["status"] == "queued"
        for _ in range(2):
            boxes.enter_context(_worker(one))
        clips = [waiting, *(asked.blend(prompt_a=f"bells {number}") for number in range(5))]
        assert {shown.wait(clip)["status"] for clip in clips} == {"succeeded"}
        assert shown.http.get(f"{shown.address}/clips/{waiting}/audio").status_code == 200
        assert PASSWORD not in one.log.read_text()
