"""Leases: who is working on a clip, for how long, and proof of life while the work goes on."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from segue.db import Database
from segue.limits import settle
from segue.models import Clip

LEASE_SECONDS = 10.0
"""After a process dies, its clips wait this long for another to take them up."""
RENEW_SECONDS = 3.0

WRITE_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to write down what became of a clip: a run that was paid for is not forgotten lightly."""

log = logging.getLogger(__name__)


class Leases:
    """The leases this process holds, renewed by one thread that starts with the first of them."""

    def __init__(self, database: Database, clock: Callable[[], float], renew_seconds: float = RENEW_SECONDS) -> None:
        self._renew_seconds = renew_seconds
        self._database = database
        self._clock = clock
        self._held: dict[str, Callable[[], None] | None] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def held(self) -> Iterator[str]:
        """A new holder's name; what is leased to it stays so until the block ends."""
        holder = secrets.token_hex(8)
        with self._lock:
            self._held[holder] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_renewing, name="leases", daemon=True)
                self._thread.start()
        try:
            yield holder
        finally:
            with self._lock:
                del self._held[holder]

    def watch(self, holder: str, stop: Callable[[], None]) -> None:
        """Have `stop` called once nothing is leased to that holder any more: its work is no longer wanted."""
        with self._lock:
            self._held[holder] = stop

    def until(self) -> float:
        """When a lease taken now runs out."""
        return self._clock() + LEASE_SECONDS

    def change(self, held: Clip, verb: Callable[[Clip], None]) -> Clip | None:
        """Apply a verb to a leased clip; None, and nothing changed, when it is no longer its holder's."""
        for pause in WRITE_PAUSES:
            try:
                return self._change(held, verb)
            except OperationalError:
                log.exception("could not be written down; trying again in %.1f s", pause)
                time.sleep(pause)
        return self._change(held, verb)

    def _change(self, held: Clip, verb: Callable[[Clip], None]) -> Clip | None:
        with self._database.write() as session:
            clip = session.get(Clip, held.id)
            if clip is None or clip.holder != held.holder:
                return None
            over = clip.state.final
            verb(clip)
            if clip.state.final and not over:
                settle(session, clip)
            return clip

    def _keep_renewing(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._renew_seconds):
            with self._lock:
                held = dict(self._held)
            if held:
                self._renew(held)

    def _renew(self, held: dict[str, Callable[[], None] | None]) -> None:
        mine = Clip.holder.in_(held)
        try:
            with self._database.write() as session:
                session.execute(update(Clip).where(mine).values(held_until=self.until()))
                leased = set(session.scalars(select(Clip.holder).where(mine)))
            for holder, stop in held.items():
                if stop and holder not in leased:
                    stop()
        except SQLAlchemyError:
            log.exception("leases could not be renewed; trying again in %.0f s", self._renew_seconds)
