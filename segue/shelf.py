"""The shelf: which clips somebody's wish finds.

SQLite has an index of its own for it, which answers everything; PostgreSQL keeps the words beside each clip. Both say
what they find as numbers, which are in order already.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, func, literal_column, select, table

from segue.models import UNDER_WAY, Clip, Heart, State
from segue.recipe import tidy

SEARCH_LIMIT, WORDS_LIMIT = 200, 6
"""Characters and words of a search; what comes after them is not looked for."""
STATES = ("succeeded", "making", "failed", "canceled")
"""What the shelf tells apart; what is not over is in the making."""


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


def numbers(wish: Wish, dialect: str) -> tuple[ColumnElement[int], Select[Any]]:
    """The numbers of the clips that are wished for, in no order yet, and the column to order and limit them by."""
    if wish.narrow and dialect == "sqlite":
        rowid: ColumnElement[int] = literal_column("rowid", Integer)
        found = literal_column("shelf").op("MATCH")(match(wish))
        return rowid, select(rowid.label("number")).select_from(table("shelf")).where(found)
    return Clip.number.expression, select(Clip.number).where(Clip.binned_at.is_(None), *_conditions(wish))


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
    if words := _words(wish):
        parts.append(f"words : ({' '.join(map(_quoted, words))})")
    if facets:
        parts.append(f"facets : ({' '.join(map(_quoted, facets))})")
    if tag := _searchable([tidy(wish.tag)]):
        parts.append(f"tags : {_quoted(tag[0])}")
    return " AND ".join(parts)


def _conditions(wish: Wish) -> Iterator[ColumnElement[bool]]:
    """The same wish in PostgreSQL's words."""
    shelf: ColumnElement[Any] = literal_column("clip.shelf")
    if wish.mine:
        yield Clip.member_id == wish.who if wish.who else Clip.member_id.is_(None)
    if wish.hearts:
        yield Clip.id.in_(select(Heart.clip_id).where(Heart.member_id == wish.who))
    if wish.seed:
        yield Clip.seed_image_id == wish.seed
    if wish.provider:
        yield Clip.provider == wish.provider
    if wish.state == "making":
        yield Clip.state.in_(UNDER_WAY)
    elif wish.state in STATES:
        yield Clip.state == State(wish.state)
    for word in _words(wish):
        yield shelf.op("@@")(_phrase(word))
    if tag := _searchable([tidy(wish.tag)]):
        # Tags have a weight of their own, which the index does not know.
        yield shelf.op("@@")(_phrase(tag[0]))
        yield func.ts_filter(shelf, literal_column("'{a}'")).op("@@")(_phrase(tag[0]))


def _phrase(words: str) -> ColumnElement[Any]:
    return func.phraseto_tsquery(literal_column("'shelf'::regconfig"), func.shelf_fold(words))


def _words(wish: Wish) -> list[str]:
    return _searchable(tidy(wish.words)[:SEARCH_LIMIT].split()[:WORDS_LIMIT])


def _searchable(words: list[str]) -> list[str]:
    """Those words that the shelf's tokenizer would keep something of."""
    return [word for word in words if any(unicodedata.category(char)[0] in "LN" for char in word)]


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _hex(text: str) -> str:
    return text.encode().hex()
