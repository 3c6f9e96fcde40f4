"""Belonging: whether this database and these files are one studio's.

A studio's id is a row in its database, and in media a small file: its mark. Where they differ, a setting is wrong, or a
disk is not mounted: then no file is thrown away, no clip is said to be gone, and no backup takes a good one's place.
"""

from __future__ import annotations

import logging
import time
from itertools import islice

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from segue import keeping
from segue.db import Database
from segue.errors import MediaError, SegueError, cause
from segue.media import Media
from segue.models import Clip, State, Studio

MARK = "studio/mark.txt"
"""Where in media the id is."""
LOOKED_AT = 10
"""Clips, or files, that are looked for at the other place before a studio of before there were marks gets one."""
ALL_THE_SAME = "If they are to go together all the same, `check --take-over` says so; see docs/care.md."

log = logging.getLogger(__name__)


class Apart(SegueError):
    """The database and the files are not one studio's; the message says what to look at."""


def together(database: Database, media: Media) -> bool:
    """Whether they belong together. If not, or where nobody can tell, that is logged."""
    try:
        check(database, media)
    except Apart as error:
        log.error("database and files do not go together: %s", error)
    except (MediaError, SQLAlchemyError) as error:
        log.error("nobody can tell whether database and files go together: %s.", cause(error))
    else:
        return True
    return False


def check(database: Database, media: Media) -> None:
    """Raise Apart unless they belong together; where neither has belonged to anybody yet, both are marked.

    Raises MediaError where files are not to be had.
    """
    studio = _studio(database)
    mark = _mark(media)
    if mark is None and not (studio and studio.marked_at):
        _check_kinship(database, media)
        _settle(database, media)
        return
    # Another process may have settled it in between.
    studio = studio or _studio(database)
    if mark is None:
        raise Apart(
            f"{media.place} does not hold this studio's files, for {MARK} is missing there: is the disk mounted, and "
            f"are SEGUE_DATA and SEGUE_MEDIA_URL right? {ALL_THE_SAME}"
        )
    if studio is None or studio.id != mark:
        raise Apart(
            f"The files in {media.place} are another studio's than the database {database.place}: check SEGUE_DATA, "
            f"SEGUE_DATABASE_URL and SEGUE_MEDIA_URL. {ALL_THE_SAME}"
        )
    if studio.marked_at is None:
        _settle(database, media)


def take_over(database: Database, media: Media) -> None:
    """Have them belong together from now on; whoever had one of them before notices. Raises MediaError."""
    studio = Studio.of()
    _put(media, studio.id)
    with database.write() as session:
        session.execute(delete(Studio))
        studio.mark(time.time())
        session.add(studio)


def _settle(database: Database, media: Media) -> None:
    """Mark both: each step may be the last one today, and many processes that take them write the same."""
    with database.write() as session:
        studio = session.scalars(select(Studio)).first() or Studio.of()
        session.add(studio)
    _put(media, studio.id)
    with database.write() as session:
        if mine := session.get(Studio, studio.id):
            mine.mark(time.time())


def _put(media: Media, own: str) -> None:
    with media.draft() as draft:
        draft.write(f"{own}\n".encode())
        media.put(MARK, draft)


def _check_kinship(database: Database, media: Media) -> None:
    """Raise Apart where one of them, neither being marked, has clips of which the other knows nothing."""
    kept = select(Clip.audio).where(Clip.state == State.SUCCEEDED, Clip.binned_at.is_(None), Clip.gone_at.is_(None))
    with database.read() as session:
        sounds = session.scalars(kept.order_by(Clip.number.desc()).limit(LOOKED_AT)).all()
        if not sounds:
            clips = (found[1] for file in media.files() if (found := keeping.FILE.fullmatch(file.key)))
            strangers = list(islice(clips, LOOKED_AT))
            if strangers and not session.scalars(select(Clip.id).where(Clip.id.in_(strangers))).first():
                raise Apart(
                    f"There are clips in {media.place} of which the database {database.place} knows nothing: are "
                    f"SEGUE_DATA, SEGUE_DATABASE_URL and SEGUE_MEDIA_URL right? {ALL_THE_SAME}"
                )
    if sounds and not any(media.find(sound or "") for sound in sounds):
        raise Apart(
            f"Not one of the newest clips in the database {database.place} is in {media.place}: is the disk mounted, "
            f"and are SEGUE_DATA, SEGUE_DATABASE_URL and SEGUE_MEDIA_URL right? {ALL_THE_SAME}"
        )


def _studio(database: Database) -> Studio | None:
    with database.read() as session:
        return session.scalars(select(Studio)).first()


def _mark(media: Media) -> str | None:
    """The id that is in media, if there is one."""
    try:
        # Listed, not looked for by its name: that a bucket is not there is only said to whoever lists it.
        file = next((file for file in media.files(MARK.partition("/")[0]) if file.key == MARK), None)
        return b"".join(file.chunks()).decode("ascii", "replace").strip() if file else None
    except MediaError as error:
        raise MediaError(f"{error.message} Files are kept in {media.place}.") from error
    except OSError as error:
        raise MediaError(f"{media.where(MARK)} cannot be read: {error.strerror or error}.") from error
