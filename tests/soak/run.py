"""The run: clients come, faults happen one after another, a backup is taken on the way; then all comes to an end."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from segue.db import Database
from tests.chaos.outcome import rows
from tests.serving import ROOT, Serving
from tests.soak.boxes import Boxes
from tests.soak.clients import CLIENTS, Client
from tests.soak.outcome import Backup, Outcome

PEACE = 150.0
"""Seconds for everything to end once all is well: a lease runs out after ten, recovery comes by every minute."""
BETWEEN_FAULTS = 5.0
"""Seconds between two faults at the least."""
ROUNDS = 6
"""How often all faults happen in a long run."""


@contextmanager
def soak(seconds: float, folder: Path) -> Iterator[Outcome]:
    """What is left afterwards, in an empty folder, while the boxes still run."""
    with Boxes(folder) as boxes:
        until = time.monotonic() + seconds
        addresses = [web.address for web in boxes.webs]
        clients = [Client(number, addresses) for number in range(CLIENTS)]
        for client in clients:
            client.thread.start()
        faults, taken_at = _trouble(boxes, folder / "segue.tar", until)
        for client in clients:
            client.asks_no_more(PEACE)
        for client in clients:
            client.thread.join()
        with _restored(folder / "restored", folder / "segue.tar", taken_at) as backup:
            yield Outcome(seconds, boxes, clients, faults, rows(boxes.database), backup)


def _trouble(boxes: Boxes, backup: Path, until: float) -> tuple[list[tuple[str, float]], float]:
    """All faults in turn, again and again, each once at the least, with a backup after the first few of them; which
    happened when, and when the backup was begun."""
    faults = list(boxes.faults.items())
    pause = max(BETWEEN_FAULTS, (until - time.monotonic()) / (len(faults) * ROUNDS))
    happened: list[tuple[str, float]] = []
    taken_at = 0.0
    while time.monotonic() + pause < until or len(happened) < len(faults):
        time.sleep(pause)
        name, fault = faults[len(happened) % len(faults)]
        happened.append((name, time.time()))
        fault()
        if len(happened) == len(faults) // 2:
            taken_at = time.time()
            _command(boxes.settings, backup.parent / "teller", "backup", str(backup))
    return happened, taken_at


@contextmanager
def _restored(data: Path, backup: Path, taken_at: float) -> Iterator[Backup]:
    """An empty studio on one box, with SQLite and a folder, into which it was restored, and which runs."""
    said = _command({}, data, "restore", str(backup))
    checked = _command({}, data, "check")
    with Serving(data) as studio:
        yield Backup(taken_at, said, checked, rows(data / "segue.db"), _booked(data / "segue.db"), studio.address)


def _booked(where: Path) -> int:
    database = Database(where)
    with closing(database), database.reader.connect() as connection:
        return int(connection.exec_driver_sql("SELECT sum(runs) FROM tally").scalar_one())


def _command(settings: dict[str, str], data: Path, *words: str) -> str:
    """Standard output of `flask --app app WORDS`, which has to end well."""
    environ = Serving(data, **settings).environ
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout
