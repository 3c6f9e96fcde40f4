"""Waiting at the start for servers that come up later than the studio: after a power cut, all begin at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from segue.errors import Unreachable

START_SECONDS = 60.0
"""How long a program that starts waits for its database, and for its queue."""
PAUSE_SECONDS = 1.0
REACH_SECONDS = 5

log = logging.getLogger(__name__)
Done = TypeVar("Done")


def until_there(deed: Callable[[], Done], seconds: float) -> Done:
    """Do something that raises Unreachable while a server is away, again and again, for so long at the most."""
    end = time.monotonic() + seconds
    told = False
    while True:
        try:
            return deed()
        except Unreachable as error:
            if time.monotonic() >= end:
                raise
            if not told:
                log.warning("waiting for up to %.0f s: %s", seconds, error)
            told = True
        time.sleep(PAUSE_SECONDS)


def postgresql_away(address: str) -> bool:
    """Whether a PostgreSQL does not answer, or lets nobody in yet. One that refuses a password is there."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn, Ping

    try:
        where = make_conninfo(address, connect_timeout=REACH_SECONDS)
    except ProgrammingError:
        return False
    return PGconn.ping(where.encode()) in (Ping.REJECT, Ping.NO_RESPONSE)
