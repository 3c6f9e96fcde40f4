"""Restoring a backup into a studio in which nothing is yet.

Everything in the file is checked before anything is changed. Files come first and rows last, in one transaction: until
it ends, there is nothing in the studio, and it can be tried again.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from segue import keys, limits
from segue.backups import FORMAT, MANIFEST, SECRET, SUMS
from segue.db import Base, Database, downgrade, revisions, upgrade
from segue.errors import SegueError, cause
from segue.media import KEY, Media
from segue.models import UNDER_WAY, Clip, Member

NAME = re.compile(rf"{MANIFEST}|{SECRET}|tables/[a-z_]+/\d+\.jsonl|media/{KEY.pattern}|{SUMS}")
LEFT_BEHIND = (
    "The backup was taken while this was being made. It may have been finished where it was taken, so it was not asked "
    "for again. Press Retry to make a new one."
)


class NotRestored(SegueError):
    """A backup that cannot be used, or not here; nothing was changed."""


@dataclass(frozen=True)
class Restored:
    """What came back: how many clips, members and files, and how many clips that were being made ended by it."""

    clips: int
    members: int
    files: int
    ended: int


def restore(database: Database, media: Media, secret: Path, path: Path) -> Restored:
    """Bring back everything that is in a backup. Raises NotRestored, MediaError."""
    revision = _examined(path)
    with database.reader.connect() as connection:
        _check_empty(connection)
    files = 0
    for name, content in _members(path, "media/"):
        with media.draft() as draft:
            draft.write(content)
            media.put(name.removeprefix("media/"), draft)
        files += 1
    try:
        with database.writer.begin() as connection:
            _check_empty(connection)
            _clear(connection)
            downgrade(connection, revision)
            _insert(connection, _rows(path))
            upgrade(connection)
            ended = _end(connection)
            clips, members = (_count(connection, table) for table in (Clip, Member))
    except (SQLAlchemyError, ValueError) as error:
        raise NotRestored(f"Its rows do not fit this studio's database: {cause(error)}.") from error
    for _, content in _members(path, SECRET):
        keys.put(secret, content.decode("latin-1").splitlines())
    return Restored(clips, members, files, ended)


def _examined(path: Path) -> str:
    """The schema's revision of a backup that is whole, of our own making, and not of the future."""
    digests: dict[str, str] = {}
    manifest = said = b""
    try:
        with tarfile.open(path, "r|") as tar:
            for member in tar:
                if not member.isreg() or not NAME.fullmatch(member.name) or member.name in digests or said:
                    raise NotRestored(f"{path} is no backup of Segue's: it holds {member.name!r}.")
                first, digests[member.name] = _digest(tar, member)
                manifest = first if member.name == MANIFEST else manifest
                said = first if member.name == SUMS else said
    except (tarfile.TarError, EOFError) as error:
        raise NotRestored(f"{path} is no backup, or it is damaged or cut short: {error}.") from error
    except OSError as error:
        raise NotRestored(f"{path} cannot be read: {error.strerror or error}.") from error
    if next(iter(digests), None) != MANIFEST:
        raise NotRestored(f"{path} is no backup of Segue's.")
    revision = _revision(path, manifest)
    if not said:
        raise NotRestored(f"{path} is cut short: its end is missing.")
    del digests[SUMS]
    if said.decode(errors="replace") != "".join(f"{digest}  {name}\n" for name, digest in digests.items()):
        raise NotRestored(f"{path} is damaged: what is in it is not what was put into it.")
    return revision


def _digest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[bytes, str]:
    """A member's content, where it is one that says something of the others, and its SHA-256."""
    file = tar.extractfile(member)
    assert file is not None
    if member.name in (MANIFEST, SUMS):
        content = file.read()
        return content, hashlib.sha256(content).hexdigest()
    return b"", hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _revision(path: Path, manifest: bytes) -> str:
    try:
        facts = json.loads(manifest)
        newer = facts["format"] > FORMAT or facts["revision"] not in revisions()
        program, revision = str(facts["program"]), str(facts["revision"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotRestored(f"{path} is damaged: its first part makes no sense.") from error
    if newer:
        raise NotRestored(f"{path} was made by a newer Segue, {program}: upgrade this one first.")
    return revision


def _check_empty(connection: Connection) -> None:
    if _count(connection, Clip) or _count(connection, Member):
        raise NotRestored(
            "This studio is not empty: a backup is restored only where there are no clips and no members. "
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
        yield name.split("/")[1], [json.loads(line) for line in content.splitlines()]


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


def _end(connection: Connection) -> int:
    """End the clips that a provider may be asked for a second time: where the backup was taken, they went on.

    One whose run is known is only asked after, which costs nothing, so it goes on here as well.
    """
    now = time.time()
    with Session(connection) as session:
        waiting = session.scalars(select(Clip).where(Clip.state.in_(UNDER_WAY), Clip.prediction_id.is_(None))).all()
        for clip in waiting:
            clip.fail(LEFT_BEHIND, now)
            limits.settle(session, clip)
        session.commit()
    return len(waiting)
