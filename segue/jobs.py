"""The queue: carries clip ids to the workers, now or later. Every job is one line that calls the service."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from huey import Huey, crontab
from huey.consumer import Consumer

from segue.addresses import told
from segue.clips import Clips
from segue.errors import QueueError, SettingsError, Unreachable, cause
from segue.logs import about
from segue.queues import TROUBLE, away, queue

POLL_SECONDS = 0.05
POLL_SECONDS_IDLE = 0.15
"""How often an idle worker looks for work in a file: ten looks a second cost well under 1% of a core in all."""
AWAY_SECONDS = 0.5
AWAY_SECONDS_LIMIT = 2.0
"""How often it looks whether a server is back; one that is there says itself that there is work."""
STOP_SECONDS = 9.0
"""How long running jobs may take to finish at the end; what is left is taken up by whoever runs then."""

log = logging.getLogger(__name__)


class Jobs:
    """A Huey queue, and the consumers that empty it."""

    def __init__(self, where: Path | str) -> None:
        self._where = where
        self.place = str(where.absolute()) if isinstance(where, Path) else told(where)

    def serve(
        self, clips: Clips, empty_bin: Callable[[], None], weigh: Callable[[], None], first: Callable[[str], bool]
    ) -> None:
        """Say whose verbs the jobs call. All workers are reminded of the chores; `first` picks who does one.

        SettingsError when the queue cannot be used; Unreachable when its server is away just now.
        """
        self._reach()
        self._advance = self._huey.task(name="advance")(clips.advance)
        self._call_off = self._huey.task(name="call_off")(clips.call_off)
        chores = {
            "recover": (crontab(), clips.recover),
            "weigh": (crontab(), weigh),
            "empty_bin": (crontab(minute="17"), empty_bin),
        }
        for name, (when, see_to) in chores.items():
            self._huey.periodic_task(when, name=name)(partial(_in_turn, partial(first, name), see_to))

    def advance(self, clip_id: str, delay: float = 0.0) -> None:
        """Have a clip taken one step on, in `delay` seconds at the earliest."""
        self._put(self._advance, clip_id, delay, "could not be queued; recovery will find it within a minute")

    def call_off(self, clip_id: str, delay: float = 0.0) -> None:
        """Have a clip's run called off, in `delay` seconds at the earliest."""
        self._put(self._call_off, clip_id, delay, "its run could not be called off")

    def ping(self) -> None:
        """Raise QueueError when the queue cannot be reached."""
        try:
            self._huey.pending_count()
        except TROUBLE as error:
            raise QueueError(cause(error)) from error

    def embedded(self, workers: int) -> Consumer:
        """A consumer for threads inside a program that handles signals itself."""
        return Embedded(self._huey, workers, **self._manners)

    def alone(self, workers: int) -> Consumer:
        """A consumer that is the whole program."""
        return Alone(self._huey, workers, **self._manners)

    @cached_property
    def _huey(self) -> Huey:
        return queue(self._where)

    def _reach(self) -> None:
        try:
            self.ping()
        except (OSError, QueueError) as error:
            here = isinstance(self._where, Path)
            advice = "the folder in SEGUE_DATA" if here else "SEGUE_QUEUE_URL, and that server"
            trouble = Unreachable if away(self._where, error.__cause__ or error) else SettingsError
            raise trouble(f"it cannot use its queue {self.place} ({cause(error)}): check {advice}.") from error

    @property
    def _manners(self) -> dict[str, Any]:
        waits = self._huey.storage.blocking
        return {
            "initial_delay": AWAY_SECONDS if waits else POLL_SECONDS,
            "max_delay": AWAY_SECONDS_LIMIT if waits else POLL_SECONDS_IDLE,
            "shutdown_timeout": STOP_SECONDS,
            "graceful_signal": "TERM",
        }

    def _put(self, job: Any, clip_id: str, delay: float, otherwise: str) -> None:
        try:
            if delay > 0:
                job.schedule((clip_id,), delay=delay)
            else:
                job(clip_id)
        except TROUBLE as error:
            with about(clip_id):
                log.error("%s: %s", otherwise, cause(error))


class Alone(Consumer):
    """Finishes what it is doing, whichever way it is told to stop."""

    def _handle_signal(self, signum: int, frame: object) -> None:
        self._signum = signum


class Embedded(Consumer):
    """Leaves the process's signals to its host."""

    def _set_signal_handlers(self) -> None:
        pass


def _in_turn(mine: Callable[[], bool], see_to: Callable[[], None]) -> None:
    if mine():
        see_to()
