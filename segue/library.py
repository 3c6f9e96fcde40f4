"""Finding and arranging clips."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    ScalarSelect,
    Select,
    delete,
    exists,
    literal_column,
    select,
    table,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from segue import keeping
from segue.db import Database
from segue.media import Media
from segue.models import Clip, Heart, Member, State
from segue.recipe import tidy

PAGE = 24
SEARCH_LIMIT = 200
"""Characters of a search; what comes after them is not looked for."""
KEPT_IN_BIN = 30 * 24 * 3600.0
"""Seconds."""
STATES = ("succeeded", "making", "failed", "canceled")
"""What the shelf tells apart; what is not over is in the making."""

_CARD = select(
    Clip.id,
    Clip.number,
    Clip.prompt_a,
    Clip.prompt_b,
    Clip.own_title,
    Clip.alpha,
    Clip.seed_image_id,
    Clip.provider,
    Clip.take,
    Clip.state,
    Clip.gone_at,
)
"""What a card shows of a clip; loading whole clips for it would cost more than the page."""
_LIBRARY_CARD = _CARD.add_columns(Clip.tags, Clip.member_id, Clip.binned_at, Member.name.label("maker")).outerjoin_from(
    Clip, Member, Member.id == Clip.member_id
)

Card = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class Wish:
    """What somebody looks for. Empty words and filters ask for nothing; who is alone has an empty `who`."""

    words: str = ""
    mine: bool = False
    hearts: bool = False
    seed: str = ""
    provider: str = ""
    state: str = ""
    tag: str = ""
    oldest: bool = False
    who: str = ""

    @property
    def narrow(self) -> bool:
        """Whether it may leave clips out."""
        return bool(match(self))


@dataclass(frozen=True)
class Page:
    """Some cards, and the numbers that the page before ends at and the page after begins at, where there are such."""

    cards: Sequence[Card] = field(default_factory=list)
    previous: int | None = None
    next: int | None = None


def newest(database: Database, count: int) -> Sequence[Card]:
    """The cards of the last `count` clips made here, newest first."""
    with database.reader.connect() as connection:
        on_the_shelf = _CARD.where(Clip.binned_at.is_(None))
        return connection.execute(on_the_shelf.order_by(Clip.number.desc()).limit(count)).all()


def find(database: Database, wish: Wish, before: int | None = None, after: int | None = None) -> Page:
    """A page of what is wished for: the one `after` a clip's number in its order, or the one `before` it.

    Where there is nothing there, or less than a page before it, the first page.
    """
    with database.reader.connect() as connection:
        if before is not None:
            cards = _cards(connection, wish, before, back=True)
            if len(cards) > PAGE:
                cards = cards[:PAGE][::-1]
                return Page(cards, cards[0].number, cards[-1].number)
        if before is None and after is not None:
            cards = _cards(connection, wish, after)
            if cards:
                return Page(cards[:PAGE], cards[0].number, cards[PAGE - 1].number if len(cards) > PAGE else None)
        cards = _cards(connection, wish)
        return Page(cards[:PAGE], None, cards[PAGE - 1].number if len(cards) > PAGE else None)


def match(wish: Wish) -> str:
    """The wish as an expression of FTS5 on the shelf; empty where everything is wanted.

    Whatever comes from outside is quoted: it can be looked for, and not be an operator.
    """
    facets = [
        *([f"of{wish.who}"] if wish.mine else []),
        *([f"heart{wish.who}"] if wish.hearts else []),
        *([f"seed{_hex(wish.seed)}"] if wish.seed else []),
        *([f"by{_hex(wish.provider)}"] if wish.provider else []),
        *([f"state{wish.state}"] if wish.state in STATES else []),
    ]
    parts = []
    if words := _searchable(tidy(wish.words)[:SEARCH_LIMIT].split()):
        parts.append(f"words : ({' '.join(map(_quoted, words))})")
    if facets:
        parts.append(f"facets : ({' '.join(map(_quoted, facets))})")
    if tag := _searchable([tidy(wish.tag)]):
        parts.append(f"tags : {_quoted(tag[0])}")
    return " AND ".join(parts)


def _cards(connection: Connection, wish: Wish, cursor: int | None = None, *, back: bool = False) -> Sequence[Card]:
    """A page from `cursor` on, and one card more if there is another page. `back`: towards the beginning."""
    falling = wish.oldest is back
    expression = match(wish)
    number = literal_column("rowid") if expression else Clip.number
    chosen: Select[Any] = select(number.label("number"))
    if expression:
        shelf = table("shelf")
        chosen = chosen.select_from(shelf).where(literal_column("shelf").op("MATCH")(expression))
    else:
        chosen = chosen.where(Clip.binned_at.is_(None))
    if cursor is not None:
        chosen = chosen.where(number < cursor if falling else number > cursor)
    # Numbers first: they are found in order, and only a page of them is looked up.
    numbers = chosen.order_by(number.desc() if falling else number).limit(PAGE + 1).subquery()
    hearted = exists().where(Heart.clip_id == Clip.id, Heart.member_id == wish.who).label("hearted")
    cards = _LIBRARY_CARD.add_columns(hearted).where(Clip.number.in_(select(numbers.c.number)))
    return connection.execute(cards.order_by(Clip.number.desc() if falling else Clip.number)).all()


def _searchable(words: list[str]) -> list[str]:
    """Those words that the shelf's tokenizer would keep something of."""
    return [word for word in words if any(unicodedata.category(char)[0] in "LN" for char in word)]


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _hex(text: str) -> str:
    return text.encode().hex()


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
        Clip.state == State.SUCCEEDED, Clip.id != clip.id, Clip.binned_at.is_(None), Clip.gone_at.is_(None)
    )
    if shared_only:
        ready = ready.where(Clip.shared_at.is_not(None))
    newest = ready.order_by(Clip.number.desc())
    family = (
        ("where this came from", ready.where(Clip.id == clip.parent_id)),
        ("made from this", newest.where(Clip.parent_id == clip.id).limit(CHILDREN)),
    )
    neighbours = (
        ("made just before", ready.where(Clip.number == _neighbour(clip, earlier=True))),
        ("made just after", ready.where(Clip.number == _neighbour(clip, earlier=False))),
    )
    with database.reader.connect() as connection:
        found: dict[str, Companion] = {}
        for relation, query in family if shared_only else family + neighbours:
            for row in connection.execute(query):
                found.setdefault(row.id, Companion(*row, relation))
    return list(found.values())


def _neighbour(clip: Clip, *, earlier: bool) -> ScalarSelect[int]:
    """The number of the finished clip made just before or after, as the shelf has it."""
    number: ColumnElement[int] = literal_column("rowid", Integer)
    ready = literal_column("shelf").op("MATCH")(match(Wish(state=State.SUCCEEDED)))
    chosen = select(number).select_from(table("shelf")).where(ready)
    ordered = (
        chosen.where(number < clip.number).order_by(number.desc())
        if earlier
        else chosen.where(number > clip.number).order_by(number)
    )
    return ordered.limit(1).scalar_subquery()


def heart(database: Database, clip_id: str, who: str, on: bool) -> None:
    """Note that somebody is fond of a clip, or no longer."""
    with database.write() as session:
        if on:
            row = insert(Heart).values(member_id=who, clip_id=clip_id)
            session.execute(row.on_conflict_do_nothing())
        else:
            session.execute(delete(Heart).where(Heart.member_id == who, Heart.clip_id == clip_id))


def hearted(database: Database, clip_id: str, who: str) -> bool:
    """Whether somebody is fond of a clip."""
    with database.read() as session:
        return session.get(Heart, (who, clip_id)) is not None


def maker(database: Database, clip: Clip) -> str | None:
    """The name of the member who made a clip."""
    with database.read() as session:
        return session.scalars(select(Member.name).where(Member.id == clip.member_id)).first()


def those(database: Database, ids: Sequence[str]) -> list[Clip]:
    """The clips of those ids that are here, in that order."""
    with database.read() as session:
        found = {clip.id: clip for clip in session.scalars(select(Clip).where(Clip.id.in_(ids)))}
    return [found[clip_id] for clip_id in ids if clip_id in found]


def binned(database: Database, member_id: str | None = None, count: int = 200) -> Sequence[Card]:
    """The cards of what is in the bin, thrown away last first; of one member's clips, or of everybody's."""
    thrown = _LIBRARY_CARD.where(Clip.binned_at.is_not(None))
    if member_id is not None:
        thrown = thrown.where(Clip.member_id == member_id)
    with database.reader.connect() as connection:
        return connection.execute(thrown.order_by(Clip.binned_at.desc()).limit(count)).all()


def empty_bin(database: Database, media: Media, now: float) -> None:
    """Throw away for good what has been in the bin for too long: its files, then its row. Its children stay."""
    late = Clip.binned_at < now - KEPT_IN_BIN
    with database.read() as session:
        found = session.scalars(select(Clip.id).where(late)).all()
    for clip_id in found:
        # It holds the write lock from here on: nobody puts it back meanwhile.
        with database.write() as session:
            if session.scalars(select(Clip.id).where(Clip.id == clip_id, late)).first() is None:
                continue
            for file in media.files(keeping.folder(clip_id)):
                media.remove(file.key)
            session.execute(update(Clip).where(Clip.parent_id == clip_id).values(parent_id=None))
            session.execute(delete(Clip).where(Clip.id == clip_id))
