"""PostgreSQL as the studio uses it: one lock makes writers queue up, so that they see each other's work.

A server that was restarted is found again by itself. Waits have an end where a server is to be reached, where a lock
is to be had, and where a network is dead. There is none for an answer of a server that is there and says nothing, as
one whose processes were frozen: that would take a watch over every statement.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

from segue.addresses import postgresql_away, told

WRITE_LOCK = 5_034_830
"""The advisory lock of whoever writes; any number does, as long as everybody takes the same."""
REACHING: dict[str, Any] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""How long a server that does not answer is waited for: seconds, and milliseconds for what was sent."""
IDLE_SECONDS = 60
"""A machine that was cut off in the middle of a transaction does not hold the lock for longer."""


class Postgres:
    """A database on a server, by its `postgresql://` address."""

    setting = "SEGUE_DATABASE_URL"
    # No writer waits for it, and what is read may be sent on slowly: it is not cut off for being idle.
    snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0"

    def __init__(self, address: str) -> None:
        self._address = address
        self._url = make_url(address).set(drivername="postgresql+psycopg")
        self.place = told(address)

    def advice(self) -> str:
        return "check SEGUE_DATABASE_URL, and whether PostgreSQL runs there"

    def away(self) -> bool:
        return postgresql_away(self._address)

    def reader(self, patience: float) -> Engine:
        """Connections on which each statement sees the newest committed state."""
        return self._engine(patience, isolation_level="AUTOCOMMIT")

    def writer(self, patience: float) -> Engine:
        """Connections whose transactions hold the write lock from the start, or give up after so many seconds."""
        engine = self._engine(patience)
        event.listen(engine, "begin", _take_the_write_lock)
        return engine

    def _engine(self, patience: float, **options: Any) -> Engine:
        waits = f"-c lock_timeout={round(patience * 1000)} -c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
        engine = create_engine(
            self._url,
            connect_args={**REACHING, "options": waits, "application_name": "segue"},
            pool_pre_ping=True,
            max_overflow=-1,
            **options,
        )
        event.listen(engine, "connect", _take_any_text)
        return engine


def _take_the_write_lock(connection: Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")


def _take_any_text(connection: Any, _record: object) -> None:
    """Its text cannot hold NUL, which anybody may put into an address: it becomes the sign for what is unreadable."""
    from psycopg.types.string import StrDumper

    class Dumper(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))

    connection.adapters.register_dumper(str, Dumper)
