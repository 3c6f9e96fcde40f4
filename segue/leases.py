"""Leases: who is working on a clip, for how long, and proof of life while the work goes on."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from segue.db import AWAY, Database
from segue.errors import cause
from segue.limits import settle
from segue.models import Clip

LEASE_SECONDS = 10.0
"""A holder who has not renewed its lease for so long is taken for dead."""
LOOK_SECONDS = 60.0
"""Looks further apart say nothing: whoever looks may have been asleep, as the holder may have been."""
RENEW_SECONDS = 3.0
AGAIN_SECONDS = 1.0
"""Once the database is back, its holders have to be quicker than those who take them for dead."""

WRITE_PAUSES = (0.5, 1.0, 2.0, *[3.0] * 600)
"""Seconds between tries, half an hour in all, to write something down: a run that was paid for is not forgotten."""

log = logging.getLogger(__name__)
Done = TypeVar("Done")


class Leases:
    """The leases this process holds, renewed by one thread that starts with the first of them."""

    def __init__(self, database: Database, clock: Callable[[], float], renew_seconds: float = RENEW_SECONDS) -> None:
        self._renew_seconds = renew_seconds
        self._database = database
        self._clock = clock
        self._held: dict[str, tuple[str, Callable[[], None] | None]] = {}
        self._doubted: dict[str, tuple[str | None, float, float]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def held(self, clip_id: str) -> Iterator[str]:
        """A new holder's name for a clip; what is leased to it stays so until the block ends."""
        holder = secrets.token_hex(8)
        with self._lock:
            self._held[holder] = clip_id, None
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
            self._held[holder] = self._held[holder][0], stop

    def until(self) -> float:
        """When a lease taken now runs out."""
        return self._clock() + LEASE_SECONDS

    def until_gone(self, clip: Clip, asked_at: float) -> float | None:
        """Seconds after which to ask again whether a clip's holder is alive: 0 when it is dead, None when not to ask.

        What the row says is not enough: clocks differ between boxes, and nobody renews while the database is away.
        So two looks are needed, with our own clock between them, and a database that answers. asked_at: when it was
        asked for the row; who had to wait long for it may have waited together with the holder.
        """
        now = self._clock()
        with self._lock:
            if clip.holder in self._held:
                return None
            holder, held_until, since = self._doubted.get(clip.id, (None, 0.0, 0.0))
            if 0.0 <= now - since < LEASE_SECONDS:
                return None
            prompt = now - asked_at < RENEW_SECONDS
            if prompt and (holder, held_until) == (clip.holder, clip.held_until) and 0.0 <= now - since < LOOK_SECONDS:
                del self._doubted[clip.id]
                return 0.0
            self._doubted = {key: doubt for key, doubt in self._doubted.items() if now - doubt[2] < LOOK_SECONDS}
            self._doubted[clip.id] = clip.holder, clip.held_until, now
        # A little more: who looks early learns nothing, and is not asked again.
        return LEASE_SECONDS + AGAIN_SECONDS

    def change(self, held: Clip, verb: Callable[[Clip], None]) -> Clip | None:
        """Apply a verb to a leased clip; None, and nothing changed, when it is no longer its holder's."""
        return self.insist(lambda: self._change(held, verb))

    def insist(self, deed: Callable[[], Done]) -> Done:
        """Do something at the database; while that is away, again and again, until it is back."""
        began = time.monotonic()
        for tries, pause in enumerate(WRITE_PAUSES):
            try:
                done = deed()
            except AWAY as error:
                self._forget_doubts()
                if not tries:
                    log.warning("could not be written down, and is tried until it can: %s", cause(error))
                time.sleep(pause)
            else:
                if tries:
                    log.info("written down after %.0f s", time.monotonic() - began)
                return done
        return deed()

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

    def _forget_doubts(self) -> None:
        """The database was away: that nobody renewed says nothing."""
        with self._lock:
            self._doubted.clear()

    def _keep_renewing(self) -> None:
        pause = threading.Event()
        away = False
        while not pause.wait(AGAIN_SECONDS if away else self._renew_seconds):
            with self._lock:
                held = dict(self._held)
            if not held:
                continue
            try:
                self._renew(held)
                away = False
            except SQLAlchemyError as error:
                self._forget_doubts()
                if not away:
                    log.warning("leases cannot be renewed, which is tried until they can: %s", cause(error))
                away = True

    def _renew(self, held: dict[str, tuple[str, Callable[[], None] | None]]) -> None:
        mine = Clip.id.in_([clip_id for clip_id, _ in held.values()]), Clip.holder.in_(held)
        with self._database.read() as session:
            leased = set(session.scalars(select(Clip.holder).where(*mine)))
        if leased:
            with self._database.write() as session:
                session.execute(update(Clip).where(*mine).values(held_until=self.until()))
        for holder, (_, stop) in held.items():
            if stop and holder not in leased:
                stop()
