"""The database: one way to write, one way to look, and migrations brought up to date at start.

It is SQLite in a file, or PostgreSQL by its address; nobody else needs to know which.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, PoolProxiedConnection, Select, inspect, text
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from segue.errors import SettingsError, Unreachable, cause
from segue.sqlite import Sqlite

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 10
"""How long a writer waits for another before it gives up."""
AWAY = (OperationalError, InterfaceError, InternalError)
"""What it raises when it cannot be used just now: it is restarted, moved or busy, or has cut somebody off."""
MIGRATION_SECONDS = 15 * 60
"""How long a program that starts waits for others: for one that brings the schema up to date, or for a backup."""
LOCK_SECONDS, LOCK_PAUSE = 2, 3.0
"""For how long at a time, and how long between: at PostgreSQL, all wait behind who waits for a whole table."""
LOCKED = {"55P03", "SQLITE_BUSY"}
"""What the drivers call it."""

log = logging.getLogger(__name__)


class Base(DeclarativeBase):
    """The tables' common ground."""


class Kind(Protocol):
    """What SQLite and PostgreSQL each do in their own way. `place` may be shown; `setting` names it.

    `snapshot` begins a transaction whose statements all see one moment, and that lasts for as long as somebody looks.
    """

    place: str
    setting: str
    snapshot: str

    def advice(self) -> str:
        """What to do where it cannot be used."""

    def away(self) -> bool:
        """Whether it is a server that is not there just now."""

    def reader(self, patience: float) -> Engine: ...

    def writer(self, patience: float) -> Engine: ...


class Database:
    """A file's path, or the address of a server: readers never wait, writers queue up and see each other's work."""

    def __init__(self, where: Path | str, patience: float = BUSY_SECONDS) -> None:
        self.where = where
        self._kind = _kind(where)
        self.place = self._kind.place
        self.writer = self._kind.writer(patience)
        self.reader = self._kind.reader(patience)
        self._driver: Any = self.reader.dialect.loaded_dbapi
        self._idle: list[tuple[PoolProxiedConnection, Any]] = []
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
            connection.exec_driver_sql(self._kind.snapshot)
            try:
                yield connection
            finally:
                # Ended by hanging up: where the server has gone meanwhile, a statement would hide why.
                connection.invalidate()

    def prepared(self, statement: Select[*tuple[Any, ...]]) -> Callable[..., Any]:
        """A function of the statement's parameters that returns its first row as a plain tuple, or None.

        It goes around the pool, the statement cache and the result layer, which cost ten times as much as the query.
        """
        sql = str(statement.compile(self.reader))

        def first(**values: object) -> Any:
            try:
                return self._first(sql, values)
            except self._driver.Error as error:
                raise DBAPIError.instance(sql, values, error, self._driver.Error, hide_parameters=True) from error

        return first

    def close(self) -> None:
        """Let go of every connection."""
        while self._idle:
            self._idle.pop()[0].close()
        self.writer.dispose()
        self.reader.dispose()

    def migrate(self) -> None:
        """Bring the schema up to the newest revision.

        SettingsError when the database cannot be used; Unreachable when its server is away just now.
        """
        away = self._kind.away()
        try:
            if self._revision() != newest_revision():
                self._upgrade()
        except (SQLAlchemyError, OSError) as error:
            trouble = Unreachable if away or self._kind.away() else SettingsError
            raise trouble(
                f"it cannot use its database {self.place} ({cause(error)}): {self._kind.advice()}."
            ) from error

    def _first(self, sql: str, values: dict[str, object]) -> Any:
        connection, cursor = self._look_out()
        try:
            # Fetching all of it ends the read: a statement left open would hold on to an old state.
            rows = cursor.execute(sql, values).fetchall()
        except self._driver.Error as error:
            hung_up = self.reader.dialect.is_disconnect(error, connection.driver_connection, cursor)
            connection.invalidate()
            if not hung_up:
                raise
            # The server was restarted since somebody last asked.
            return self._first(sql, values)
        self._idle.append((connection, cursor))
        return rows[0] if rows else None

    def _look_out(self) -> tuple[PoolProxiedConnection, Any]:
        with suppress(IndexError):
            return self._idle.pop()
        connection = self.reader.raw_connection()
        return connection, connection.cursor()

    def _revision(self) -> str | None:
        with self.reader.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def _upgrade(self) -> None:
        from alembic.util import CommandError

        engine = self._kind.writer(LOCK_SECONDS)
        end = time.monotonic() + MIGRATION_SECONDS
        try:
            while not self._upgraded(engine, last=time.monotonic() > end):
                time.sleep(LOCK_PAUSE)
        except CommandError as error:
            raise SettingsError(
                f"its database {self.place} was made by a newer Segue: upgrade the program, or name another "
                f"{self._kind.setting}."
            ) from error
        finally:
            engine.dispose()

    def _upgraded(self, engine: Engine, last: bool) -> bool:
        try:
            with engine.begin() as connection:
                upgrade(connection)
        except OperationalError as error:
            if last or not {getattr(error.orig, name, None) for name in ("sqlstate", "sqlite_errorname")} & LOCKED:
                raise
            log.warning("waiting for others to let go of the database, to bring it up to date")
            return False
        return True


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


def _kind(where: Path | str) -> Kind:
    if isinstance(where, Path):
        return Sqlite(where)
    # Its driver takes a while to load.
    from segue.postgres import Postgres

    return Postgres(where)
