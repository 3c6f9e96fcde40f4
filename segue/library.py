"""Finding and arranging clips."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    exists,
    func,
    select,
    update,
)

from segue import belonging, keeping, shelf
from segue.db import Database
from segue.errors import MediaError
from segue.logs import about
from segue.media import Media
from segue.models import LEAVING, Clip, Heart, Member
from segue.shelf import Wish

PAGE = 24
KEPT_IN_BIN = 30 * 24 * 3600.0
"""Seconds."""

log = logging.getLogger(__name__)

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
_LIBRARY_CARD = _CARD.add_columns(
    Clip.tags, Clip.member_id, Clip.binned_at, Clip.shared_at, Member.name.label("maker")
).outerjoin_from(Clip, Member, Member.id == Clip.member_id)

Card = Row[*tuple[Any, ...]]


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


def _cards(connection: Connection, wish: Wish, cursor: int | None = None, *, back: bool = False) -> Sequence[Card]:
    """A page from `cursor` on, and one card more if there is another page. `back`: towards the beginning."""
    falling = wish.oldest is back
    number, chosen = shelf.numbers(wish, connection.dialect.name)
    if cursor is not None:
        chosen = chosen.where(number < cursor if falling else number > cursor)
    # Numbers first: they are found in order, and only a page of them is looked up.
    numbers = chosen.order_by(number.desc() if falling else number).limit(PAGE + 1).subquery()
    hearted = exists().where(Heart.clip_id == Clip.id, Heart.member_id == wish.who).label("hearted")
    cards = _LIBRARY_CARD.add_columns(hearted).where(Clip.number.in_(select(numbers.c.number)))
    return connection.execute(cards.order_by(Clip.number.desc() if falling else Clip.number)).all()


def heart(database: Database, clip_id: str, who: str, on: bool) -> None:
    """Note that somebody is fond of a clip, or no longer."""
    with database.write() as session:
        if on and session.get(Heart, (who, clip_id)) is None:
            session.add(Heart(member_id=who, clip_id=clip_id))
        elif not on:
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
    thrown = _LIBRARY_CARD.where(Clip.binned_at > LEAVING)
    if member_id is not None:
        # Few clips are in the bin, and a member may have made many: they are looked for there, not among theirs.
        thrown = thrown.where(func.coalesce(Clip.member_id, "") == member_id)
    with database.reader.connect() as connection:
        return connection.execute(thrown.order_by(Clip.binned_at.desc()).limit(count)).all()


def empty_bin(database: Database, media: Media, now: float) -> None:
    """Throw away for good what has been in the bin for too long: its files, then its row. Its children stay."""
    late = Clip.binned_at < now - KEPT_IN_BIN
    with database.read() as session:
        found = session.scalars(select(Clip.id).where(late)).all()
    _throw_away(database, media, found, late)


def throw_away(database: Database, media: Media, ids: Sequence[str]) -> bool:
    """Throw away for good, now, those of them that are in the bin; False where not all could be."""
    return _throw_away(database, media, ids, Clip.binned_at.is_not(None))


def _throw_away(database: Database, media: Media, ids: Sequence[str], if_: ColumnElement[bool]) -> bool:
    if ids and not belonging.together(database, media):
        return False
    all_gone = True
    for clip_id in ids:
        with about(clip_id):
            try:
                _have_gone(database, media, clip_id, if_)
            except MediaError:
                log.exception("could not be thrown away; trying again in an hour")
                all_gone = False
    return all_gone


def _have_gone(database: Database, media: Media, clip_id: str, if_: ColumnElement[bool]) -> None:
    # In steps, each of which may be the last one today: a slow storage keeps nobody from writing.
    with database.write() as session:
        clip = session.scalars(select(Clip).where(Clip.id == clip_id, if_)).first()
        if clip is None:
            return
        clip.leave()
    for file in media.files(keeping.folder(clip_id)):
        media.remove(file.key)
    with database.write() as session:
        session.execute(update(Clip).where(Clip.parent_id == clip_id).values(parent_id=None))
        session.execute(delete(Clip).where(Clip.id == clip_id))
