"""Usage: what was run, by member and month, as the tally has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from segue.db import Database
from segue.models import Member, Tally

MONTHS = 12


@dataclass(frozen=True)
class Used:
    """What one member ran in a month; `name` is None for what was run without a member. `spent` is an estimate."""

    month: str
    name: str | None
    runs: int
    minutes: float
    spent: float


@dataclass(frozen=True)
class Month:
    """A month such as `2026-11`, and what all together ran in it."""

    name: str
    runs: int
    minutes: float
    spent: float


def used(database: Database, now: float) -> Sequence[Used]:
    """What each member ran in the last twelve months, the newest month first, and in it who spent most."""
    ran, seconds, paid = (func.sum(column) for column in (Tally.runs, Tally.seconds, Tally.spent))
    asked = (
        select(Tally.month, Member.name, ran, seconds / 60, paid)
        .outerjoin(Member, Member.id == Tally.member_id)
        .where(Tally.month.in_(_months(now)))
        .group_by(Tally.month, Tally.member_id, Member.name)
        .having(ran > 0)
        .order_by(Tally.month.desc(), paid.desc(), ran.desc())
    )
    with database.reader.connect() as connection:
        return [
            Used(month, name, int(runs), float(minutes), float(spent))
            for month, name, runs, minutes, spent in connection.execute(asked)
        ]


def by_month(rows: Sequence[Used], now: float) -> list[Month]:
    """The last twelve months, the oldest first, also those in which nothing was run."""
    return [
        Month(
            month,
            sum(row.runs for row in rows if row.month == month),
            sum(row.minutes for row in rows if row.month == month),
            sum(row.spent for row in rows if row.month == month),
        )
        for month in _months(now)
    ]


def _months(now: float) -> list[str]:
    this = datetime.fromtimestamp(now, UTC)
    count = this.year * 12 + this.month - 1
    return [f"{each // 12}-{each % 12 + 1:02d}" for each in range(count - MONTHS + 1, count + 1)]
