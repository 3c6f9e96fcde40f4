"""The processes of one studio, and somebody who kills them."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Self

from tests.serving import ROOT, Serving

WORKERS = 2
BETWEEN_KILLS = (2.0, 7.0)
"""Seconds."""


class Worker(Serving):
    """`flask worker`, which nobody can see becoming ready."""

    def __init__(self, number: int, data: Path, **settings: str) -> None:
        super().__init__(data, **settings)
        self.log = data.parent / f"worker{number}.log"

    def start(self) -> Worker:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "app", "worker"],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
            )
        return self


class Crew:
    """`python app.py`, which serves and works, and workers beside it, all on the same folder."""

    def __init__(self, data: Path, seed: int, **settings: str) -> None:
        self.studio = Serving(data, **settings)
        self.workers = [Worker(number, data, **settings) for number in range(WORKERS)]
        self.kills = {"studio": 0, "worker": 0}
        self._chance = Random(f"{seed} kills")
        self._enough = threading.Event()
        self._killer = ThreadPoolExecutor(1)
        self._running = ExitStack()

    @property
    def logs(self) -> str:
        return "".join(each.log.read_text(errors="replace") for each in (self.studio, *self.workers))

    def under_fire(self) -> None:
        """From now on one of them is killed every few seconds, and started again."""
        self._killing = self._killer.submit(self._kill)

    def in_peace(self) -> None:
        """No more of that; all are running."""
        self._enough.set()
        self._killing.result()

    def _kill(self) -> None:
        while not self._enough.wait(self._chance.uniform(*BETWEEN_KILLS)):
            victim = self._chance.choice([self.studio, *self.workers])
            victim.kill()
            self.kills["studio" if victim is self.studio else "worker"] += 1
            victim.start()

    def __enter__(self) -> Self:
        for each in (self.studio, *self.workers):
            self._running.enter_context(each)
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._killer.shutdown()
        self._running.close()
