"""Finding and arranging clips."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from segue.db import Database
from segue.models import Clip


def newest(database: Database, count: int) -> Sequence[Clip]:
    """The last `count` clips made here, newest first."""
    with database.read() as session:
        return session.scalars(select(Clip).order_by(Clip.created_at.desc()).limit(count)).all()
