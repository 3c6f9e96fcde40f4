"""For those who run the studio: alive, and able to serve."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from segue.errors import SegueError
from segue.parts import Parts, parts

log = logging.getLogger(__name__)


def healthz() -> ResponseReturnValue:
    """GET /healthz: the process answers."""
    return jsonify(status="alive")


def readyz() -> ResponseReturnValue:
    """GET /readyz: database, queue and media can be used; 503 and the name of what cannot."""
    troubles = [name for name, check in CHECKS.items() if not _passes(name, check)]
    if troubles:
        return jsonify(status="not ready", trouble=troubles), 503
    return jsonify(status="ready")


def _database(here: Parts) -> None:
    with here.database.reader.connect() as connection:
        connection.execute(text("SELECT count(*) FROM clip WHERE id = ''"))


def _queue(here: Parts) -> None:
    here.jobs.ping()


def _media(here: Parts) -> None:
    with here.media.draft() as draft:
        draft.write(b"ready")
    here.media.find("ready/not.there")


CHECKS = {"database": _database, "queue": _queue, "media": _media}


def _passes(name: str, check: Callable[[Parts], None]) -> bool:
    try:
        check(parts())
    except (SQLAlchemyError, SegueError):
        log.exception("not ready: %s", name)
        return False
    return True
