"""Fair use: how much a member and the whole studio may still run, and the tally of what they have run.

All of it happens in the very transaction that writes the clip, which holds the write lock: many processes agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, true, update
from sqlalchemy.orm import Session

from segue.errors import LimitReached
from segue.models import UNDER_WAY, Clip, Tally
from segue.shares import Share

HOUR, DAY = 3600, 24 * 3600
SOON = 30
"""Seconds to wait for a clip that is running: nobody knows when it is done."""
CENT = 1e-6
"""Sums of money are floats; less than this is nothing."""
NO_LIMIT = Share()


@dataclass(frozen=True)
class Limits:
    """What is allowed here, and what a run costs by provider."""

    member: Share = NO_LIMIT
    studio: Share = NO_LIMIT
    prices: Mapping[str, float] = field(default_factory=dict)
    currency: str = "$"

    def price(self, provider: str) -> float:
        """What one run may cost."""
        return self.prices.get(provider, 0.0)

    def money(self, amount: float) -> str:
        """An amount in words."""
        return money(self.currency, amount)

    def check(self, session: Session, member_id: str | None, provider: str, now: float) -> None:
        """Raises LimitReached where one clip more is too much, for its member or for the studio."""
        price = self.price(provider)
        if member_id is not None:
            self._check(session, self.member, member_id, price, now)
        self._check(session, self.studio, None, price, now)

    def refuses(self, session: Session, member_id: str | None, provider: str, now: float) -> bool:
        """Whether one clip more is too much."""
        try:
            self.check(session, member_id, provider, now)
        except LimitReached:
            return True
        return False

    def left(self, session: Session, member_id: str | None, now: float) -> list[str]:
        """What is left, in words, for the member and for the studio; nothing where there is no limit."""
        mine = self._left(session, self.member, member_id, now) if member_id is not None else ""
        ours = self._left(session, self.studio, None, now)
        named = ((mine, "Left for you"), (ours, "Left for the studio"))
        return [f"{whose}: {words}." for words, whose in named if words]

    def _check(self, session: Session, share: Share, member_id: str | None, price: float, now: float) -> None:
        whose = "You have" if member_id is not None else "The studio has"
        if share.running is not None and _running(session, member_id) >= share.running:
            raise LimitReached(
                f"{whose} {_clips(share.running)} at work, which is the limit. Wait for one to end.", SOON
            )
        for most, span, words in ((share.hour, HOUR, "in the last hour"), (share.day, DAY, "in the last 24 hours")):
            if most is not None and _since(session, member_id, now - span) >= most:
                wait = _until_one_is_old(session, member_id, most, span, now)
                message = f"{whose} had {_clips(most)} {words}, which is the limit. It goes on in {_in_words(wait)}."
                raise LimitReached(message, wait)
        if share.month is not None and price and _spent(session, member_id, now) + price > share.month + CENT:
            wait = math.ceil(_next_month(now) - now)
            message = (
                f"{whose} spent this month's {self.money(share.month)}, or nearly. It goes on in {_in_words(wait)}."
            )
            raise LimitReached(message, wait)

    def _left(self, session: Session, share: Share, member_id: str | None, now: float) -> str:
        words = []
        if share.running is not None:
            words.append(f"{_clips(max(0, share.running - _running(session, member_id)))} at once")
        for most, span, name in ((share.hour, HOUR, "within the hour"), (share.day, DAY, "within 24 hours")):
            if most is not None:
                words.append(f"{_clips(max(0, most - _since(session, member_id, now - span)))} {name}")
        if share.month is not None:
            words.append(f"{self.money(max(0.0, share.month - _spent(session, member_id, now)))} this month")
        return ", ".join(words)


def money(currency: str, amount: float) -> str:
    """An amount in words, to the cent, or finer where there is a part of one."""
    return f"{currency}{amount:.2f}" if round(amount, 2) == round(amount, 6) else f"{currency}{amount:g}"


def month_of(moment: float) -> str:
    """The month of a moment in UTC, such as `2026-11`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m")


def book(session: Session, clip: Clip) -> None:
    """Put a new clip on the tally."""
    key = {"member_id": clip.member_id or "", "month": month_of(clip.created_at), "provider": clip.provider}
    more = {"runs": Tally.runs + 1, "spent": Tally.spent + clip.price}
    booked: Any = session.execute(update(Tally).filter_by(**key).values(**more))
    if not booked.rowcount:
        session.add(Tally(**key, runs=1, seconds=0.0, spent=clip.price))


def settle(session: Session, clip: Clip) -> None:
    """Put on the tally how long a clip ran that has just ended; what was never asked for is given back."""
    if clip.submitted_at is not None:
        change: dict[str, ColumnElement[float] | ColumnElement[int]] = {
            "seconds": Tally.seconds + max(0.0, (clip.finished_at or 0.0) - clip.submitted_at)
        }
    else:
        change = {
            "runs": Tally.runs - 1,
            "spent": case((Tally.spent > clip.price, Tally.spent - clip.price), else_=0.0),
        }
        clip.give_back()
    whose = (Tally.member_id == (clip.member_id or ""), Tally.provider == clip.provider)
    session.execute(update(Tally).where(*whose, Tally.month == month_of(clip.created_at)).values(**change))


_COUNTS = or_(Clip.state.in_(UNDER_WAY), Clip.submitted_at.is_not(None))
"""What ended before anybody was asked for it counts for nothing."""


def _of(member_id: str | None) -> ColumnElement[bool]:
    return true() if member_id is None else Clip.member_id == member_id


def _running(session: Session, member_id: str | None) -> int:
    # Few clips are under way, and a member may have made many: theirs are counted among the former.
    theirs = true() if member_id is None else func.coalesce(Clip.member_id, "") == member_id
    return session.scalars(select(func.count()).where(theirs, Clip.state.in_(UNDER_WAY))).one()


def _since(session: Session, member_id: str | None, moment: float) -> int:
    return session.scalars(select(func.count()).where(_of(member_id), _COUNTS, Clip.created_at > moment)).one()


def _until_one_is_old(session: Session, member_id: str | None, most: int, span: int, now: float) -> int:
    """Seconds until fewer than `most` clips are younger than `span`."""
    newest = select(Clip.created_at).where(_of(member_id), _COUNTS).order_by(Clip.created_at.desc())
    last = session.scalars(newest.offset(most - 1).limit(1)).first() if most else now
    return max(1, math.ceil((last or now) + span - now))


def _spent(session: Session, member_id: str | None, now: float) -> float:
    whose = true() if member_id is None else Tally.member_id == member_id
    spent = select(func.coalesce(func.sum(Tally.spent), 0.0)).where(whose, Tally.month == month_of(now))
    return session.scalars(spent).one()


def _next_month(now: float) -> float:
    this = datetime.fromtimestamp(now, UTC)
    return datetime(this.year + this.month // 12, this.month % 12 + 1, 1, tzinfo=UTC).timestamp()


def _clips(count: int) -> str:
    return f"{count} clip{'' if count == 1 else 's'}"


def _in_words(seconds: int) -> str:
    for size, name in ((DAY, "day"), (HOUR, "hour"), (60, "minute")):
        if seconds >= size:
            count = math.ceil(seconds / size)
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "a minute"
