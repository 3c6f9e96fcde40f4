"""The run: clients come, faults happen one after another, a backup is taken on the way; then all comes to an end."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import requests

from tests.serving import ROOT, Serving
from tests.soak.boxes import Boxes
from tests.soak.clients import CLIENTS, Client

PEACE = 150.0
"""Seconds for everything to end once all is well: a lease runs out after ten, recovery comes by every minute."""
BETWEEN_FAULTS = 5.0
"""Seconds between two faults at the least."""


@dataclass
class Outcome:
    """What a run showed, and what was wrong with it."""

    seconds: float
    clips: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    restored: str = ""
    troubles: list[str] = field(default_factory=list)

    @property
    def table(self) -> str:
        """For people."""
        waits = sorted(self.waits)
        rows = {
            "clips asked for by 20 clients": f"{self.clips} in {self.seconds:.0f} s",
            "ended": ", ".join(f"{count} {state}" for state, count in sorted(self.ends.items())),
            "faults": ", ".join(f"{name} x {count}" for name, count in self.faults.items()),
            "errors that clients met, and tried again": str(self.errors.total()),
            "from asking to the end": f"median {statistics.median(waits):.1f} s, longest {waits[-1]:.1f} s",
            "backup taken meanwhile": self.restored,
            "lost, doubled or stuck": str(len(self.troubles)),
        }
        return "\n".join(f"| {name} | {figure} |" for name, figure in rows.items())


def soak(seconds: float, folder: Path) -> Outcome:
    """Run it all in an empty folder."""
    outcome = Outcome(seconds)
    with Boxes(folder) as boxes:
        began = time.monotonic()
        until = began + seconds
        addresses = [web.address for web in boxes.webs]
        clients = [Client(number, addresses, until, until + PEACE) for number in range(CLIENTS)]
        for client in clients:
            client.thread.start()
        backup = folder / "segue.tar"
        _trouble(boxes, outcome, backup, until)
        for client in clients:
            client.thread.join()
        _gather(clients, outcome)
        _look(boxes, clients, outcome)
        outcome.restored = _restore(boxes, folder, backup, outcome)
    return outcome


def _trouble(boxes: Boxes, outcome: Outcome, backup: Path, until: float) -> None:
    """All faults in turn, again and again, with a backup after the first half of them."""
    faults = list(boxes.faults.items())
    pause = max(BETWEEN_FAULTS, (until - time.monotonic()) / (len(faults) * 6))
    turn = 0
    while time.monotonic() + pause < until:
        time.sleep(pause)
        name, fault = faults[turn % len(faults)]
        fault()
        outcome.faults[name] += 1
        turn += 1
        if turn == len(faults) // 2:
            _command(boxes.settings, backup.parent / "teller", "backup", str(backup))


def _gather(clients: list[Client], outcome: Outcome) -> None:
    for client in clients:
        outcome.clips += len(client.made) + len(client.unfinished)
        outcome.ends += client.ends
        outcome.errors += client.errors
        outcome.waits += client.waits
        outcome.troubles += [f"never ended: {prompt}" for prompt in client.unfinished]


def _look(boxes: Boxes, clients: list[Client], outcome: Outcome) -> None:
    """At the rows, at what the provider was asked for, and at every file, as anybody would get it."""
    asked = Counter(str(run.input["prompt_a"]) for run in boxes.upstream.gateway.predictions.values())
    with psycopg.connect(boxes.database) as connection:
        rows = connection.execute("SELECT prompt_a, id, state FROM clip").fetchall()
    kept = Counter(prompt for prompt, _, _ in rows)
    outcome.troubles += [f"paid for {count} times: {prompt}" for prompt, count in asked.items() if count > 1]
    outcome.troubles += [f"there {count} times: {prompt}" for prompt, count in kept.items() if count > 1]
    states = {clip_id: state for _, clip_id, state in rows}
    for client in clients:
        for prompt, clip_id in client.made.items():
            if clip_id not in states:
                outcome.troubles.append(f"lost: {prompt}")
            elif states[clip_id] == "succeeded":
                audio = requests.get(f"{boxes.webs[0].address}/clips/{clip_id}/audio", timeout=30)
                if audio.status_code != 200 or len(audio.content) < 1000:
                    outcome.troubles.append(f"no sound ({audio.status_code}): {prompt}")


def _restore(boxes: Boxes, folder: Path, backup: Path, outcome: Outcome) -> str:
    """Into an empty studio on one box, which then plays a clip of it and finds nothing wrong with its files."""
    data = folder / "restored"
    said = _command({}, data, "restore", str(backup)).strip()
    _command({}, data, "check")
    with Serving(data) as studio:
        found = requests.get(f"{studio.address}/library", timeout=30).text
    if "client " not in found:
        outcome.troubles.append("the restored library is empty")
    return said.splitlines()[0]


def _command(settings: dict[str, str], data: Path, *words: str) -> str:
    """Standard output of `flask --app app WORDS`, which has to end well."""
    environ = Serving(data, **settings).environ
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout
