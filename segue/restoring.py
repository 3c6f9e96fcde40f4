"""Restoring a backup into a studio in which nothing is yet.

Everything in the file is checked before anything is changed. Files come first and rows last, in one transaction: until
it ends, there is nothing in the studio, and it can be tried again.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from segue import belonging, keys, limits
from segue.backups import FORMAT, MANIFEST, SECRET, SUMS, TABLES
from segue.db import Base, Database, downgrade, revisions, upgrade
from segue.errors import SegueError, cause
from segue.media import KEY, Media
from segue.models import UNDER_WAY, Clip, Member, Studio

NAME = re.compile(rf"{MANIFEST}|{SECRET}|tables/[a-z_]+/\d+\.jsonl|media/{KEY.pattern}|{SUMS}")
LEFT_BEHIND = (
    "The backup was taken while this was being made. It may have been finished where it was taken, so it was not asked "
    "for again. Press Retry to make a new one."
)
MEMBER_LIMIT = 64 * 1024 * 1024
"""Bytes of one file, or of some rows: twice what a studio keeps of one. Only the list of all has no end."""
KNOWN = {table.name for table in TABLES}


class NotRestored(SegueError):
    """A backup that cannot be used, or not here; nothing was changed."""


@dataclass(frozen=True)
class Restored:
    """What came back: how many clips, members and files, and how many clips that were being made ended by it."""

    clips: int
    members: int
    files: int
    ended: int


@dataclass(frozen=True)
class Facts:
    """Of a backup: its schema's revision, and when it was taken, in seconds since the epoch."""

    revision: str
    taken_at: float


def restore(database: Database, media: Media, secret: Path | None, path: Path, *, take_over: bool = False) -> Restored:
    """Bring back everything that is in a backup. Raises NotRestored, Apart, MediaError.

    secret: where the keys that sign cookies are kept, unless they are given. take_over: files of another studio's that
    are in media are this one's from now on.
    """
    facts = _examined(path)
    with database.reader.connect() as connection:
        _check_empty(database, connection)
    (belonging.take_over if take_over else belonging.check)(database, media)
    files = 0
    for name, content in _members(path, "media/"):
        with media.draft() as draft:
            draft.write(content)
            media.put(name.removeprefix("media/"), draft)
        files += 1
    try:
        with _keys(secret, path):
            clips, members, ended = _bring_back(database, path, facts)
    except NotRestored:
        # What was another studio's before stays: it may yet be wanted.
        for name, _ in () if take_over else _members(path, "media/"):
            media.remove(name.removeprefix("media/"))
        raise
    return Restored(clips, members, files, ended)


@contextmanager
def _keys(secret: Path | None, path: Path) -> Iterator[None]:
    """Have a backup's keys once all is well within; that they can be written is seen before."""
    lines = [line for _, content in _members(path, SECRET) for line in content.decode("latin-1").splitlines()]
    if secret is None or not lines:
        yield
        return
    if not keys.long_enough([line.partition(" ")[0] for line in lines]):
        raise NotRestored("The file holds a secret key that is too short to be one.")
    try:
        draft = keys.written(secret, lines)
    except OSError as error:
        raise NotRestored(f"{secret} cannot be written: {error.strerror or error}.") from error
    try:
        yield
        draft.replace(secret)
    finally:
        draft.unlink(missing_ok=True)


def _bring_back(database: Database, path: Path, facts: Facts) -> tuple[int, int, int]:
    """Put all rows into an empty database, or none. Returns how many clips, members, and ended clips."""
    try:
        with database.writer.begin() as connection:
            _check_empty(database, connection)
            own = dict(connection.execute(select(Studio.__table__)).mappings().one())
            _clear(connection)
            downgrade(connection, facts.revision)
            _insert(connection, _rows(path))
            upgrade(connection)
            connection.execute(insert(Studio), own)
            # Cards and other formats are not in it, and are made again: what is here is weighed afresh.
            connection.execute(update(Clip).values(size=None))
            ended = _end(connection, facts.taken_at)
            return _count(connection, Clip), _count(connection, Member), ended
    except OperationalError:
        # Nothing is wrong with the backup: the database went.
        raise
    except (SQLAlchemyError, ValueError, RecursionError) as error:
        raise NotRestored(f"Its rows do not fit this studio's database: {cause(error)}.") from error


def _examined(path: Path) -> Facts:
    """What a backup says of itself that is whole, of our own making, and not of the future."""
    digests: dict[str, str] = {}
    manifest = said = b""
    try:
        with tarfile.open(path, "r|") as tar:
            for member in tar:
                if not member.isreg() or not NAME.fullmatch(member.name) or member.name in digests or said:
                    raise NotRestored(f"The file is no backup of Segue's: it holds {member.name!r}.")
                # A hole in a file may be larger than any disk.
                if member.issparse() or (member.size > MEMBER_LIMIT and member.name != SUMS):
                    raise NotRestored(f"The file is no backup of Segue's: {member.name!r} is larger than any.")
                first, digests[member.name] = _digest(tar, member)
                manifest = first if member.name == MANIFEST else manifest
                said = first if member.name == SUMS else said
    except (tarfile.TarError, EOFError) as error:
        raise NotRestored(f"The file is no backup, or it is damaged or cut short: {error}.") from error
    except OSError as error:
        raise NotRestored(f"The file cannot be read: {error.strerror or error}.") from error
    if next(iter(digests), None) != MANIFEST:
        raise NotRestored("The file is no backup of Segue's.")
    facts = _facts(manifest)
    if not said:
        raise NotRestored("The file is cut short: its end is missing.")
    del digests[SUMS]
    if said.decode(errors="replace") != "".join(f"{digest}  {name}\n" for name, digest in digests.items()):
        raise NotRestored("The file is damaged: what is in it is not what was put into it.")
    return facts


def _digest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[bytes, str]:
    """A member's content, where it is one that says something of the others, and its SHA-256."""
    file = tar.extractfile(member)
    assert file is not None
    if member.name in (MANIFEST, SUMS):
        content = file.read()
        return content, hashlib.sha256(content).hexdigest()
    return b"", hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _facts(manifest: bytes) -> Facts:
    try:
        said = json.loads(manifest)
        newer = said["format"] > FORMAT or said["revision"] not in revisions()
        program, revision = str(said["program"]), str(said["revision"])
        taken_at = datetime.fromisoformat(said["taken_at"]).timestamp()
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotRestored("The file is damaged: its first part makes no sense.") from error
    if newer:
        raise NotRestored(f"The file was made by a newer Segue, {program}: upgrade this one first.")
    return Facts(revision, taken_at)


def _check_empty(database: Database, connection: Connection) -> None:
    if _count(connection, Clip) or _count(connection, Member):
        raise NotRestored(
            f"The studio in {database.place} is not empty: a backup is restored only where there are no clips and no "
            "members. "
            "Name a new folder in SEGUE_DATA, or a new database."
        )


def _clear(connection: Connection) -> None:
    """Take away what a studio writes down before anybody has made anything."""
    for table in reversed(Base.metadata.sorted_tables):
        connection.execute(delete(table))


def _count(connection: Connection, table: type[Clip] | type[Member]) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _members(path: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    """What of a backup that was examined has a name that begins so, in its order."""
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            if member.name.startswith(prefix):
                file = tar.extractfile(member)
                assert file is not None
                yield member.name, file.read()


def _rows(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name, content in _members(path, "tables/"):
        table, rows = name.split("/")[1], [json.loads(line) for line in content.splitlines()]
        if table not in KNOWN or not all(isinstance(row, dict) for row in rows):
            raise ValueError(f"{name} has none of ours")
        yield table, rows


def _insert(connection: Connection, parts: Iterator[tuple[str, list[dict[str, Any]]]]) -> None:
    """Rows come in an order in which what they refer to is there already, but for rows of their own table."""
    metadata, later = MetaData(), []
    for name, rows in parts:
        table = Table(name, metadata, autoload_with=connection)
        own = [key.parent for key in table.foreign_keys if key.column.table is table]
        connection.execute(insert(table), [row | dict.fromkeys(column.name for column in own) for row in rows])
        for column in own:
            which = [key == bindparam(f"its {key.name}") for key in table.primary_key]
            values = [
                {f"its {key.name}": row[key.name] for key in table.primary_key} | {"value": row[column.name]}
                for row in rows
                if row[column.name] is not None
            ]
            later.append((update(table).where(*which).values({column.name: bindparam("value")}), values))
    for change, values in later:
        if values:
            connection.execute(change, values)


def _end(connection: Connection, taken_at: float) -> int:
    """End the clips that a provider may be asked for a second time: where the backup was taken, they went on.

    They end at that moment: nobody knows for how long after it they ran.

    One whose run is known is only asked after, which costs nothing, so it goes on here as well.
    """
    with Session(connection) as session:
        waiting = session.scalars(select(Clip).where(Clip.state.in_(UNDER_WAY), Clip.prediction_id.is_(None))).all()
        for clip in waiting:
            clip.fail(LEFT_BEHIND, max(taken_at, clip.created_at))
            limits.settle(session, clip)
        session.commit()
    return len(waiting)
