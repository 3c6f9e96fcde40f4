"""Where the queue is: SQLite in a file, or PostgreSQL or Redis by an address. Huey's storages, made to outlive trouble.

None of them has to keep what is in it: after a restart, a power cut or a theft, `recover` finds what was forgotten.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from huey import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import PostgresStorage, RedisStorage, SqliteStorage

from segue.addresses import REDIS, postgresql_away

TROUBLE = (sqlite3.Error, psycopg.Error, redis.RedisError)
"""What the storages raise when a queue cannot be reached."""
REACH_SECONDS = 2
BUSY_SECONDS = 10
"""How long a server may take to let somebody in, and Redis to answer, or PostgreSQL to take what is sent."""
SCHEMA_LOCK = 5_034_831


def queue(where: Path | str) -> Huey:
    """The queue in a file, or at an address. Raises one of TROUBLE when it cannot be used.

    Each studio needs a database of its own there, such as redis://host/1: all that share one take each other's jobs.
    """
    if isinstance(where, Path):
        place: dict[str, Any] = {"storage_class": File, "filename": str(where), "timeout": BUSY_SECONDS}
    elif urlsplit(where).scheme in REDIS:
        pool = redis.ConnectionPool.from_url(where, socket_connect_timeout=REACH_SECONDS, socket_timeout=BUSY_SECONDS)
        place = {"storage_class": Redis, "connection_pool": pool}
    else:
        place = {"storage_class": Postgres, "dsn": where, "table_prefix": "queue", **_REACHING}
    huey = Huey("segue", results=False, serializer=Plain(), **place)
    if isinstance(huey.storage, Postgres):
        huey.on_shutdown(name="stop listening")(huey.storage.stop_listening)
    return huey


def away(where: Path | str, error: BaseException) -> bool:
    """Whether that trouble is a server which is not there just now, and no setting that is wrong."""
    if isinstance(error, redis.RedisError):
        refused = isinstance(error, redis.AuthenticationError)
        return isinstance(error, redis.ConnectionError | redis.TimeoutError) and not refused
    return isinstance(where, str) and postgresql_away(where)


class Plain(Serializer):
    """Jobs as JSON: who gets at the queue can have clips looked after, and nothing else."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data._asdict(), default=datetime.isoformat).encode()

    def _deserialize(self, data: bytes) -> Message:
        fields = json.loads(data)
        fields["eta"] = fields["eta"] and datetime.fromisoformat(fields["eta"])
        return Message(**fields)


class File(SqliteStorage):
    """Safe when a process dies, and no slower than that: after a power cut, `resume` finds what the queue forgot."""

    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection


class Redis(RedisStorage):
    """Machines in different time zones agree on when a job is due."""

    def convert_ts(self, ts: datetime) -> float:
        return ts.replace(tzinfo=UTC).timestamp()


class Postgres(PostgresStorage):
    """Makes its tables one process at a time, and notices a server that was restarted before it is needed."""

    def initialize_schema(self) -> None:
        self.ddl: list[str] = [f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})", *self.ddl]
        super().initialize_schema()

    @property
    def conn(self) -> Any:
        connection = super().conn
        try:
            connection.execute("")
        except psycopg.OperationalError:
            return super().conn
        return connection

    def stop_listening(self) -> None:
        """Give back the connection on which this thread waited to be told of work."""
        if listening := getattr(self._listen_local, "conn", None):
            listening.close()

    def add_to_schedule(self, data: bytes, ts: datetime) -> None:
        super().add_to_schedule(data, ts.replace(tzinfo=UTC))

    def read_schedule(self, ts: datetime) -> Any:
        return super().read_schedule(ts.replace(tzinfo=UTC))


_REACHING = {
    "connect_timeout": REACH_SECONDS,
    "tcp_user_timeout": BUSY_SECONDS * 1000,
    "options": f"-c lock_timeout={BUSY_SECONDS}s",
    "application_name": "segue queue",
}
