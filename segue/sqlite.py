"""SQLite as the studio uses it: a file in WAL mode, where readers never wait and writers queue up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

NEEDED = 1024 * 1024
"""Bytes on the disk, without which a database cannot even be read."""


class Sqlite:
    """A database in a file."""

    setting = "SEGUE_DATA"
    snapshot = "BEGIN"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = str(path.absolute())

    def advice(self) -> str:
        try:
            full = shutil.disk_usage(self._path.parent).free < NEEDED
        except OSError:
            full = False
        return "the disk is full, make room on it" if full else "check the folder in SEGUE_DATA"

    def away(self) -> bool:
        return False

    def reader(self, patience: float) -> Engine:
        """Connections on which each statement sees the newest committed state."""
        return self._engine(patience, isolation_level="AUTOCOMMIT")

    def writer(self, patience: float) -> Engine:
        """Connections whose transactions hold the write lock from the start, or give up after so many seconds."""
        engine = self._engine(patience)
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "connect", _outlive_a_power_cut)
        event.listen(engine, "begin", _take_the_write_lock)
        return engine

    def _engine(self, patience: float, **options: Any) -> Engine:
        engine = create_engine(
            URL.create("sqlite+pysqlite", database=str(self._path)),
            connect_args={"timeout": patience, "check_same_thread": False},
            paramstyle="named",
            pool_size=16,
            max_overflow=-1,
            **options,
        )
        event.listen(engine, "connect", _prepare)
        return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _outlive_a_power_cut(connection: Any, _record: object) -> None:
    # That a run is being asked for has to be on the disk before it is: it costs money.
    connection.execute("PRAGMA synchronous=FULL")


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    # The driver's own guess at when to begin a transaction would come too late.
    connection.isolation_level = None


def _take_the_write_lock(connection: Connection) -> None:
    # Taking the lock before the first read means that what a transaction read is still true when it writes.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
