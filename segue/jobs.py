"""The queue: carries clip ids to the workers, now or later. Every job is one line that calls the service."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from huey import Huey, crontab
from huey.consumer import Consumer
from huey.storage import SqliteStorage

from segue.clips import Clips
from segue.logs import about

WORKERS = 4
POLL_SECONDS = 0.05
POLL_SECONDS_IDLE = 0.15
"""How often an idle worker looks for work: ten looks a second cost well under 1% of a core in all."""
STOP_SECONDS = 8.0
"""How long running jobs may take to finish at the end; what is left goes on after its lease has run out."""

log = logging.getLogger(__name__)


class Jobs:
    """A Huey queue in an SQLite file, and the consumers that empty it."""

    def __init__(self, path: Path) -> None:
        self._huey = Huey("segue", storage_class=Storage, filename=str(path), results=False, timeout=10)

    def serve(self, clips: Clips, empty_bin: Callable[[], None]) -> None:
        """Say whose verbs the jobs call."""
        self._advance = self._huey.task(name="advance")(clips.advance)
        self._call_off = self._huey.task(name="call_off")(clips.call_off)
        self._huey.periodic_task(crontab(), name="recover")(clips.recover)
        self._huey.periodic_task(crontab(minute="17"), name="empty_bin")(empty_bin)

    def advance(self, clip_id: str, delay: float = 0.0) -> None:
        """Have a clip taken one step on, in `delay` seconds at the earliest."""
        try:
            if delay > 0:
                self._advance.schedule((clip_id,), delay=delay)
            else:
                self._advance(clip_id)
        except sqlite3.Error:
            with about(clip_id):
                log.exception("could not be queued; recovery will find it within a minute")

    def call_off(self, clip_id: str, delay: float = 0.0) -> None:
        """Have a clip's run called off, in `delay` seconds at the earliest."""
        try:
            if delay > 0:
                self._call_off.schedule((clip_id,), delay=delay)
            else:
                self._call_off(clip_id)
        except sqlite3.Error:
            with about(clip_id):
                log.exception("its run could not be called off")

    def ping(self) -> None:
        """Raise sqlite3.Error when the queue cannot be reached."""
        self._huey.pending_count()

    def embedded(self) -> Consumer:
        """A consumer for threads inside a program that handles signals itself."""
        return Embedded(self._huey, **_CONSUMER)

    def alone(self) -> Consumer:
        """A consumer that is the whole program."""
        return Alone(self._huey, **_CONSUMER)


_CONSUMER = {
    "workers": WORKERS,
    "initial_delay": POLL_SECONDS,
    "max_delay": POLL_SECONDS_IDLE,
    "shutdown_timeout": STOP_SECONDS,
    "graceful_signal": "TERM",
}


class Storage(SqliteStorage):
    """Safe when a process dies, and no slower than that: after a power cut, `resume` finds what the queue forgot."""

    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection


class Alone(Consumer):
    """Finishes what it is doing, whichever way it is told to stop."""

    def _handle_signal(self, signum: int, frame: object) -> None:
        self._signum = signum


class Embedded(Consumer):
    """Leaves the process's signals to its host."""

    def _set_signal_handlers(self) -> None:
        pass
