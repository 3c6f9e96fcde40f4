"""Finding and arranging clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from segue.db import Database
from segue.models import Clip

_CARD = select(Clip.id, Clip.prompt_a, Clip.prompt_b, Clip.alpha, Clip.seed_image_id, Clip.take, Clip.state)
"""What a card shows of a clip; loading whole clips for it would cost more than the page."""


def newest(database: Database, count: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """The cards of the last `count` clips made here, newest first."""
    with database.reader.connect() as connection:
        return connection.execute(_CARD.order_by(Clip.created_at.desc()).limit(count)).all()
