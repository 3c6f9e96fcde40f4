"""A clip's family, what it came from and what came from it, and its neighbours in time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ScalarSelect, select

from segue import shelf
from segue.db import Database
from segue.models import Clip, State
from segue.recipe import blend_title
from segue.shelf import Wish

CHILDREN, SIBLINGS = 12, 4
"""At most so many are shown, the newest ones."""


@dataclass(frozen=True)
class Relative:
    """A clip on another one's page, and what it is to it, in words."""

    id: str
    prompt_a: str
    prompt_b: str
    own_title: str
    alpha: float
    state: State
    gone_at: float | None
    relation: str

    @property
    def title(self) -> str:
        """As a clip's own."""
        return self.own_title or blend_title(self.prompt_a, self.prompt_b)

    @property
    def ready(self) -> bool:
        """Whether it can be heard beside the other."""
        return self.state is State.SUCCEEDED and self.gone_at is None


def around(database: Database, clip: Clip, *, shared_only: bool = False) -> tuple[list[Relative], list[Relative]]:
    """Its family, finished or not, and its finished neighbours in time, each clip once.

    shared_only: of the family, parent and children that were shared as well and are finished; what a guest may know.
    """
    here = _RELATIVE.where(Clip.id != clip.id, Clip.binned_at.is_(None))
    if shared_only:
        here = here.where(Clip.shared_at.is_not(None), Clip.state == State.SUCCEEDED, Clip.gone_at.is_(None))
    newest = here.order_by(Clip.number.desc())
    family = [
        ("where this came from", here.where(Clip.id == clip.parent_id)),
        ("made from this", newest.where(Clip.parent_id == clip.id).limit(CHILDREN)),
    ]
    neighbours, dialect = [], database.reader.dialect.name
    if clip.parent_id and not shared_only:
        family.append(("made from the same", newest.where(Clip.parent_id == clip.parent_id).limit(SIBLINGS)))
    if not shared_only:
        neighbours = [
            ("made just before", here.where(Clip.number == _neighbour(clip, dialect, earlier=True))),
            ("made just after", here.where(Clip.number == _neighbour(clip, dialect, earlier=False))),
        ]
    with database.reader.connect() as connection:
        found = [
            [Relative(*row, relation) for relation, query in queries for row in connection.execute(query)]
            for queries in (family, neighbours)
        ]
    known = {relative.id for relative in found[0]}
    return found[0], [neighbour for neighbour in found[1] if neighbour.id not in known]


_RELATIVE = select(Clip.id, Clip.prompt_a, Clip.prompt_b, Clip.own_title, Clip.alpha, Clip.state, Clip.gone_at)


def _neighbour(clip: Clip, dialect: str, *, earlier: bool) -> ScalarSelect[int]:
    """The number of the finished clip made just before or after, as the shelf has it."""
    number, chosen = shelf.numbers(Wish(state=State.SUCCEEDED), dialect)
    ordered = (
        chosen.where(number < clip.number).order_by(number.desc())
        if earlier
        else chosen.where(number > clip.number).order_by(number)
    )
    return ordered.limit(1).scalar_subquery()
