"""The boxes: two web servers and two workers with nothing of their own, over PostgreSQL, Redis and a bucket."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.chaos.crew import Worker
from tests.servers.behaviours import late
from tests.servers.life import STEADY
from tests.servers.postgres import Lasting
from tests.servers.redis import Redis
from tests.servers.s3 import S3
from tests.servers.upstream import Upstream
from tests.serving import Serving
from tests.terminal import settings_for

SECONDS_A_RUN = 1.0
SECONDS_TO_ANSWER = 0.3
"""How long the gateway takes to say that a run has begun: time enough to be killed before it is known."""


class Boxes:
    """All of it, running; `faults` are what may happen to it, by name."""

    def __init__(self, folder: Path) -> None:
        self.postgres, self.redis, self.s3, self.upstream = Lasting(), Redis(), S3(), Upstream()
        self._folder = folder
        self._running = ExitStack()

    def __enter__(self) -> Self:
        for server in (self.upstream, self.s3, self.postgres, self.redis):
            self._running.enter_context(server)
        self.upstream.gateway.script = STEADY.over(SECONDS_A_RUN)
        self.upstream.gateway.on_create(late(SECONDS_TO_ANSWER))
        self.database = self.postgres.fresh()
        self.settings = {
            **settings_for(self.upstream),
            **self.s3.settings(self.s3.bucket()),
            "SEGUE_DATABASE_URL": self.database,
            "SEGUE_QUEUE_URL": self.redis.address,
            "SEGUE_SECRET_KEY": "0123456789abcdef" * 4,
            "SEGUE_WORKERS": "0",
        }
        self.webs = [Serving(self._folder / f"web{number}", **self.settings) for number in range(2)]
        self.workers = [Worker(number, self._folder / f"box{number}", **self.settings) for number in range(2)]
        for box in (*self.webs, *self.workers):
            self._running.enter_context(box)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def deadly(self) -> set[str]:
        """Those faults that a clip may fail of: whoever asks the gateway may die before the answer is there."""
        return {"one worker killed", "the other worker killed"}

    @property
    def faults(self) -> dict[str, Callable[[], None]]:
        """What goes wrong, in the order it does."""
        return {
            "one web killed": lambda: _kill(self.webs[0]),
            "one worker killed": lambda: _kill(self.workers[0]),
            "PostgreSQL crashed": lambda: self.postgres.restart(signal.SIGQUIT),
            "the other worker killed": lambda: _kill(self.workers[1]),
            "Redis killed": lambda: self.redis.restart(signal.SIGKILL),
            "the other web killed": lambda: _kill(self.webs[1]),
            "PostgreSQL restarted": self.postgres.restart,
            "Redis restarted": self.redis.restart,
        }

    @property
    def logs(self) -> str:
        """What the boxes have logged."""
        return "".join(box.log.read_text(errors="replace") for box in (*self.webs, *self.workers))


def _kill(box: Serving) -> None:
    box.kill()
    box.start()
