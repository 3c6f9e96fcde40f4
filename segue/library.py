"""Finding and arranging clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from segue.db import Database
from segue.models import Clip, State

_CARD = select(Clip.id, Clip.prompt_a, Clip.prompt_b, Clip.alpha, Clip.seed_image_id, Clip.take, Clip.state)
"""What a card shows of a clip; loading whole clips for it would cost more than the page."""


def newest(database: Database, count: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """The cards of the last `count` clips made here, newest first."""
    with database.reader.connect() as connection:
        return connection.execute(_CARD.order_by(Clip.created_at.desc()).limit(count)).all()


CHILDREN = 4


@dataclass(frozen=True)
class Companion:
    """A clip to hear beside another, and what it is to it, in words."""

    id: str
    prompt_a: str
    prompt_b: str
    alpha: float
    relation: str


def companions(database: Database, clip: Clip) -> list[Companion]:
    """The clip it was made from, those made from it, and its neighbours in time: finished ones, each once."""
    ready = select(Clip.id, Clip.prompt_a, Clip.prompt_b, Clip.alpha).where(
        Clip.state == State.SUCCEEDED, Clip.id != clip.id
    )
    newest, oldest = ready.order_by(Clip.created_at.desc()), ready.order_by(Clip.created_at)
    asked = (
        ("where this came from", ready.where(Clip.id == clip.parent_id)),
        ("made from this", newest.where(Clip.parent_id == clip.id).limit(CHILDREN)),
        ("made just before", newest.where(Clip.created_at < clip.created_at).limit(1)),
        ("made just after", oldest.where(Clip.created_at > clip.created_at).limit(1)),
    )
    with database.reader.connect() as connection:
        found: dict[str, Companion] = {}
        for relation, query in asked:
            for row in connection.execute(query):
                found.setdefault(row.id, Companion(*row, relation))
    return list(found.values())
