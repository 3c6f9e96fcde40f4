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
        on_the_shelf = _CARD.where(Clip.binned_at.is_(None))
        return connection.execute(on_the_shelf.order_by(Clip.number.desc()).limit(count)).all()


CHILDREN = 4


@dataclass(frozen=True)
class Companion:
    """A clip to hear beside another, and what it is to it, in words."""

    id: str
    prompt_a: str
    prompt_b: str
    alpha: float
    relation: str


def companions(database: Database, clip: Clip, *, shared_only: bool = False) -> list[Companion]:
    """The clip it was made from, those made from it, and its neighbours in time: finished ones, each once.

    shared_only: those of its family that were shared as well, and no neighbours; what a guest may know.
    """
    ready = select(Clip.id, Clip.prompt_a, Clip.prompt_b, Clip.alpha).where(
        Clip.state == State.SUCCEEDED, Clip.id != clip.id, Clip.binned_at.is_(None)
    )
    if shared_only:
        ready = ready.where(Clip.shared_at.is_not(None))
    newest, oldest = ready.order_by(Clip.number.desc()), ready.order_by(Clip.number)
    family = (
        ("where this came from", ready.where(Clip.id == clip.parent_id)),
        ("made from this", newest.where(Clip.parent_id == clip.id).limit(CHILDREN)),
    )
    neighbours = (
        ("made just before", newest.where(Clip.number < clip.number).limit(1)),
        ("made just after", oldest.where(Clip.number > clip.number).limit(1)),
    )
    with database.reader.connect() as connection:
        found: dict[str, Companion] = {}
        for relation, query in family if shared_only else family + neighbours:
            for row in connection.execute(query):
                found.setdefault(row.id, Companion(*row, relation))
    return list(found.values())
