"""How fast a provider is asked: its limits kept, and its complaints heeded, by all workers and processes together.

Each provider has a line for creates and one for looks. A line remembers when it is free again and how far apart turns
are, so the first of fifty waiting clips goes now and the others when it is their turn. Without a known limit there is
no line, until the provider complains: then everybody holds for as long as it asked, and goes on more slowly.
"""

from __future__ import annotations

import random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from segue.models import Clip, Line, State, ripe
from segue.providers.base import Provider, Rate

SLOWER, FASTER = 1.5, 0.95
"""After a complaint turns are so much farther apart; after each turn, again a little closer."""
SLOW = 1.0
SLOWEST = 60.0
ASKED_LIMIT = 10.0
"""Seconds between turns: at least after a complaint, at most ever, and at most because of one wait asked for."""
SPREAD = 1.0
"""Seconds, at least, over which clips that wait for a look are spread: they do not come back all at once."""
WAIT_LIMIT = 300.0
"""Seconds after which a clip that waits for its turn asks again whether it has come."""
BUSY_PAUSE = 1.0
BUSY_PAUSE_LIMIT = 15.0
"""Seconds until somebody asks again whether a provider that does one thing at a time is free."""
MINUTE = 60.0


def turn(session: Session, clip: Clip, provider: Provider, creating: bool, now: float) -> float:
    """When it is the clip's turn to ask its provider: `now`, which takes the turn, or later."""
    can = provider.capabilities
    if creating and can.at_once is not None and _playing(session, provider, now) >= can.at_once:
        return now + min(BUSY_PAUSE * (1 + _before(session, clip)), BUSY_PAUSE_LIMIT)
    line, base, burst = _line(session, provider, creating)
    if line is None:
        return now
    slowed = line.interval > base
    free_at = line.free_at - (0.0 if slowed else burst * line.interval)
    if not ripe(free_at, now):
        if creating:
            return min(free_at + line.interval * _before(session, clip), now + WAIT_LIMIT)
        spread = max(SPREAD, line.interval * _under_way(session, provider))
        return min(free_at + random.uniform(0, spread), now + WAIT_LIMIT)  # noqa: S311
    line.free_at = (line.free_at if now <= line.free_at < now + WAIT_LIMIT else now) + line.interval
    line.interval = max(base, line.interval * FASTER)
    return now


def slow_down(session: Session, provider: Provider, creating: bool, asked: float | None, now: float) -> None:
    """The provider complained of being asked too often, and asked for so many seconds of quiet, if it did."""
    line, _, _ = _line(session, provider, creating)
    if line is None:
        line = Line(name=_name(provider, creating), free_at=now, interval=0.0)
        session.add(line)
    line.free_at = now + (asked or SLOW)
    line.interval = min(max(line.interval * SLOWER, min(asked or SLOW, ASKED_LIMIT), SLOW), SLOWEST)


def first(session: Session, chore: str, now: float) -> bool:
    """Whether nobody has seen to a chore yet in this minute: then it is up to who asks. All workers are reminded."""
    line = session.get(Line, chore)
    if line is None:
        line = Line(name=chore, free_at=0.0, interval=MINUTE)
        session.add(line)
    if not ripe(line.free_at, now):
        return False
    line.free_at = (now // MINUTE + 1) * MINUTE
    return True


def _line(session: Session, provider: Provider, creating: bool) -> tuple[Line | None, float, int]:
    """The line, the seconds between turns when all is well, and how many may go at once then."""
    rate: Rate | None = provider.capabilities.creates if creating else provider.capabilities.looks
    name = _name(provider, creating)
    line = session.get(Line, name)
    if rate is None:
        return line, 0.0, 0
    base = 60.0 / rate.a_minute
    if line is None:
        line = Line(name=name, free_at=0.0, interval=base)
        session.add(line)
    return line, base, rate.burst


def _name(provider: Provider, creating: bool) -> str:
    return f"{provider.name} {'creates' if creating else 'looks'}"


def _playing(session: Session, provider: Provider, now: float) -> int:
    """Clips that the provider is busy with, as far as we know."""
    playing = select(func.count()).where(
        Clip.provider == provider.name,
        Clip.state.in_((State.STARTING, State.PROCESSING)),
        Clip.held_until > now,
    )
    return session.scalars(playing).one()


def _under_way(session: Session, provider: Provider) -> int:
    """Clips whose runs are looked after at the provider."""
    under_way = select(func.count()).where(
        Clip.provider == provider.name, Clip.state.in_((State.STARTING, State.PROCESSING, State.KEEPING))
    )
    return session.scalars(under_way).one()


def _before(session: Session, clip: Clip) -> int:
    """Clips that have been waiting for the same provider for longer."""
    before = select(func.count()).where(
        Clip.provider == clip.provider, Clip.state == State.QUEUED, Clip.created_at < clip.created_at
    )
    return session.scalars(before).one()
