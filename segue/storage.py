"""Storage: how much is kept, how much may be, and what is said long before there is no room left.

What clips hold is counted as it is kept; nobody walks through the files for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from segue import keeping
from segue.db import Database
from segue.errors import LimitReached, MediaError
from segue.media import Media
from segue.models import Clip, State

HIGH = 0.8
"""The share from which on it is time to do something."""
COUNT_SECONDS = 60.0
"""How long a sum over all clips is good: it takes a tenth of a second for a million."""
SOON = 3600
"""Seconds to wait for somebody to make room."""
FULL = "There is no room for new clips at the moment: {}. Tell whoever runs this studio. Nothing was started."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fill:
    """Bytes kept, and bytes that may be, by the budget and the disk; None where there is no end to it."""

    used: int
    most: int | None

    @property
    def share(self) -> float:
        """How much of it is used, from 0 to 1."""
        return 0.0 if self.most is None else min(1.0, self.used / self.most) if self.most else 1.0

    @property
    def words(self) -> str:
        """For whoever runs the studio."""
        return size(self.used) + (f" of {size(self.most)}" if self.most is not None else "")

    @property
    def warning(self) -> str | None:
        """What whoever runs the studio should know, if it is time."""
        if self.share < HIGH:
            return None
        then = "No new clips are made" if self.share >= 1.0 else "Soon no new clips can be made"
        return f"{self.words} are used. {then}: make room on the disk, raise SEGUE_STORAGE_BUDGET, or throw clips away."


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

    def fill(self) -> Fill:
        """How full it is. Raises MediaError where a disk cannot be asked."""
        with self._database.read() as session:
            used = int(session.scalars(select(func.sum(Clip.size))).one() or 0)
        self._counted = (used, self._clock())
        return self._fill(used)

    def check(self) -> None:
        """Raises LimitReached where there is no room for anything new. Counts once a minute at the most."""
        try:
            used, at = self._counted
            fill = self._fill(used) if 0 <= self._clock() - at < COUNT_SECONDS else self.fill()
        except MediaError as error:
            # What is asked for now waits until there is a disk again.
            log.warning("storage: %s", error)
            return
        if fill.share >= 1.0:
            raise LimitReached(FULL.format(f"{fill.words} are used"), SOON)

    def tend(self) -> None:
        """What is to be done now and then: weigh what nobody has weighed, and warn."""
        self._weigh()
        if warning := self.fill().warning:
            log.warning("storage: %s", warning)

    def _fill(self, used: int) -> Fill:
        room = self._media.room()
        ends = [end for end in (self._budget, None if room is None else used + room) if end is not None]
        return Fill(used, min(ends, default=None))

    def _weigh(self) -> None:
        """Clips of before sizes were kept, one at a time."""
        unknown = select(Clip.id).where(Clip.size.is_(None), Clip.state == State.SUCCEEDED)
        with self._database.read() as session:
            found = session.scalars(unknown).all()
        for clip_id in found:
            held = sum(file.size for file in self._media.files(keeping.folder(clip_id)))
            with self._database.write() as session:
                if clip := session.get(Clip, clip_id):
                    clip.weigh(held)


def size(count: int) -> str:
    """So many bytes in words, as disks are sold."""
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count / 1000:.0f} kB"
