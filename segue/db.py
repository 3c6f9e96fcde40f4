"""The database: one engine, one way to write, one way to look, and migrations brought up to date at start."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, Select, create_engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from segue.errors import SettingsError

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 10
"""How long a writer waits for another before SQLite gives up."""

SNAPSHOTS = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
"""How each kind of database is told to show one moment."""


class Base(DeclarativeBase):
    """The tables' common ground."""


class Database:
    """An SQLite file in WAL mode: readers never wait, writers queue up and see each other's work."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = _engine(path)
        self.reader = _engine(path, isolation_level="AUTOCOMMIT")
        event.listen(self.writer, "connect", _leave_transactions_to_us)
        event.listen(self.writer, "connect", _outlive_a_power_cut)
        event.listen(self.writer, "begin", _take_the_write_lock)
        self._kept: weakref.WeakSet[PoolProxiedConnection] = weakref.WeakSet()
        self._write = sessionmaker(self.writer, expire_on_commit=False)
        self._read = sessionmaker(self.reader, expire_on_commit=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that holds the write lock from its first statement on; commits at the end, or rolls back."""
        with self._write.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only; each statement sees the newest committed state."""
        with self._read() as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection for looking only, all of whose statements see one moment. Nobody waits for it."""
        with self.reader.connect() as connection:
            connection.exec_driver_sql(SNAPSHOTS[connection.dialect.name])
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def prepared(self, statement: Select[*tuple[Any, ...]]) -> Callable[..., Any]:
        """A function of the statement's parameters that returns its first row as a plain tuple, or None.

        It goes around the pool, the statement cache and the result layer, which cost ten times as much as the query.
        """
        sql = str(statement.compile(self.reader))
        own = threading.local()

        def first(**values: object) -> Any:
            if not hasattr(own, "cursor"):
                # The thread owns it: when the thread ends, it goes back to the pool by itself.
                own.connection = self.reader.raw_connection()
                self._kept.add(own.connection)
                own.cursor = own.connection.cursor()
            # Fetching all of it ends the read: a statement left open would hold on to an old state.
            rows = own.cursor.execute(sql, values).fetchall()
            return rows[0] if rows else None

        return first

    def close(self) -> None:
        """Let go of every connection."""
        for connection in list(self._kept):
            connection.close()
        self.writer.dispose()
        self.reader.dispose()

    def migrate(self) -> None:
        """Bring the schema up to the newest revision; SettingsError when the file cannot be used."""
        try:
            if self._revision() != newest_revision():
                self._upgrade()
        except (SQLAlchemyError, OSError) as error:
            raise SettingsError(
                f"it cannot use its database {self.path} ({_cause(error)}): check the folder in SEGUE_DATA."
            ) from error

    def _revision(self) -> str | None:
        with self.reader.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def _upgrade(self) -> None:
        from alembic.util import CommandError

        try:
            with self.writer.begin() as connection:
                upgrade(connection)
        except CommandError as error:
            raise SettingsError(
                f"its database {self.path} was made by a newer Segue: upgrade the program, or name another SEGUE_DATA."
            ) from error


def upgrade(connection: Connection) -> None:
    """Bring the schema up to the newest revision, in the connection's own transaction."""
    from alembic import command

    command.upgrade(_alembic(connection), "head")


def downgrade(connection: Connection, revision: str) -> None:
    """Take the schema back to an older revision, in the connection's own transaction."""
    from alembic import command

    command.downgrade(_alembic(connection), revision)


def newest_revision() -> str:
    """The name of the last migration: files sort in the order they apply."""
    return max(revisions())


def revisions() -> set[str]:
    """The names of all migrations that this program knows."""
    return {path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def _alembic(connection: Connection) -> Any:
    # Alembic takes most of a second to load: only those who need it wait for it.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _engine(path: Path, **options: Any) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
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


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)
