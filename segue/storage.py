"""Storage: how much is kept, how much may be, and what is said long before there is no room left.

What clips hold is counted as it is kept; nobody walks through the files for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from segue import belonging, keeping
from segue.db import Database
from segue.errors import LimitReached, MediaError
from segue.media import Media
from segue.models import Clip, State

HIGH = 0.8
"""The share of what may be kept from which on it is time to do something."""
LOW = 10**9
"""Bytes of room from which on it is time, whatever takes the rest: a clip takes about one million."""
COUNT_SECONDS = 60.0
"""How long a sum over all clips is good: it takes a tenth of a second for a million."""
WEIGH_SECONDS = 30.0
SOON = 3600
"""Seconds to wait for somebody to make room."""
FULL = "There is no room for new clips at the moment: {}. Tell whoever runs this studio. Nothing was started."
UNWEIGHED = and_(Clip.size.is_(None), Clip.state == State.SUCCEEDED)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fill:
    """Bytes kept, bytes that may be by the budget, and bytes the disk has room for; None where there is no end."""

    used: int
    budget: int | None
    room: int | None

    @property
    def most(self) -> int | None:
        """What may be kept in all, as it is now."""
        ends = [end for end in (self.budget, None if self.room is None else self.used + self.room) if end is not None]
        return min(ends, default=None)

    @property
    def full(self) -> bool:
        """Whether nothing more may be kept."""
        return self.most is not None and self.used >= self.most

    @property
    def words(self) -> str:
        """For whoever runs the studio."""
        return size(self.used) + (f" of {size(self.most)}" if self.most is not None else "")

    @property
    def cause(self) -> str | None:
        """What makes it time to do something, if it is."""
        if self.budget is not None and self.used >= HIGH * self.budget:
            return f"{size(self.used)} of {size(self.budget)} are used"
        if self.room is not None and self.room < LOW:
            return f"The disk has room for {size(self.room)} more" if self.room else "The disk is full"
        return None

    @property
    def warning(self) -> str | None:
        """What whoever runs the studio should know, if it is time."""
        if self.cause is None:
            return None
        then = "No new clips are made" if self.full else "Before long no new clips can be made"
        return f"{self.cause}. {then}: make room on the disk, raise SEGUE_STORAGE_BUDGET, or delete clips for good."


class Storage:
    """How full the studio is. Methods are safe to call from any thread or process."""

    def __init__(
        self, database: Database, media: Media, budget: int | None, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._media = media
        self._budget = budget
        self._clock = clock
        self._counted = (0, float("-inf"))
        self._told = False

    def fill(self) -> Fill:
        """How full it is. Raises MediaError where a disk cannot be asked."""
        with self._database.read() as session:
            used = int(session.scalars(select(func.sum(Clip.size))).one() or 0)
        self._counted = (used, self._clock())
        return self._fill(used)

    def unweighed(self) -> int:
        """How many clips nobody has weighed yet: they count for nothing."""
        with self._database.read() as session:
            return session.scalars(select(func.count()).where(UNWEIGHED)).one()

    def check(self) -> None:
        """Raises LimitReached where there is no room for anything new. Counts once a minute at the most."""
        try:
            used, at = self._counted
            fill = self._fill(used) if 0 <= self._clock() - at < COUNT_SECONDS else self.fill()
        except MediaError as error:
            # What is asked for now waits until there is a disk again.
            log.warning("storage: %s", error)
            return
        if fill.full and fill.cause:
            if not self._told:
                log.warning("storage: %s", fill.warning)
            self._told = True
            raise LimitReached(FULL.format(fill.cause[0].lower() + fill.cause[1:]), SOON)
        self._told = False

    def tend(self) -> None:
        """Warn, now and then."""
        if warning := self.fill().warning:
            log.warning("storage: %s", warning)

    def weigh(self) -> None:
        """Weigh what nobody has weighed, clip by clip: those of before sizes were kept, or from a backup.

        Half a minute at the most: it is seen to every minute, and each goes on where the one before ended.
        """
        with self._database.read() as session:
            found = session.scalars(select(Clip.id).where(UNWEIGHED)).all()
        # Where the files are another studio's, nothing of these is there, and that is not what they weigh.
        if not found or not belonging.together(self._database, self._media):
            return
        end = self._clock() + WEIGH_SECONDS
        for clip_id in found:
            if self._clock() > end:
                return
            try:
                held = keeping.held(clip_id, self._media)
            except MediaError as error:
                log.warning("%s could not be weighed: %s", clip_id, error)
                continue
            with self._database.write() as session:
                if clip := session.get(Clip, clip_id):
                    clip.weigh(held)

    def _fill(self, used: int) -> Fill:
        return Fill(used, self._budget, self._media.room())


def size(count: int) -> str:
    """So many bytes in words, as disks are sold."""
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count / 1000:.0f} kB"
