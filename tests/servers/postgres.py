"""A real PostgreSQL on loopback, with a fresh database for each who asks."""

from __future__ import annotations

import itertools
import os
import pwd
import signal
import subprocess
from functools import cached_property
from typing import Any

import psycopg

from segue.db import Database
from tests.servers.daemon import Daemon
from tests.servers.packages import program

PASSWORD = "do-not-tell-4711"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
}
"""Quick, and safe enough: what it keeps is thrown away."""


class Postgres(Daemon):
    """It refuses to be root's, so there it runs as Debian's own user for it."""

    stop_signal = signal.SIGINT

    def __init__(self) -> None:
        super().__init__()
        self._count = itertools.count(1)
        self._data = self.folder / "data"
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "password").chmod(0o644)
        options = ("--username=segue", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        made = subprocess.run(
            [program("initdb"), *options, f"--pwfile={self.folder / 'password'}", str(self._data)],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            **self.owner(),
        )
        assert made.returncode == 0, made.stderr

    def command(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        return [program("postgres"), "-D", str(self._data), "-p", str(self.port), *settings]

    def ready(self) -> bool:
        try:
            psycopg.connect(self.address("postgres"), connect_timeout=30).close()
        except psycopg.OperationalError:
            return False
        return True

    def address(self, name: str) -> str:
        """Where a database is."""
        return f"postgresql://segue:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def fresh(self) -> str:
        """The address of a new database with nothing in it."""
        return self._copy("template0")

    def migrated(self) -> str:
        """The address of a new database with the studio's tables in it, and nothing in those."""
        return self._copy(self._studio)

    @cached_property
    def _studio(self) -> str:
        database = Database(self.fresh())
        database.migrate()
        database.close()
        return database.place.rpartition("/")[2]

    def _copy(self, template: str) -> str:
        name = f"studio{next(self._count)}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.address(name)

    def drop(self, address: str) -> None:
        """Throw a database away, whoever still uses it."""
        self.tell(f"DROP DATABASE {address.rpartition('/')[2]} WITH (FORCE)")

    def tell(self, statement: str) -> None:
        """Run a statement as who owns it all."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def owner(self) -> dict[str, Any]:
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}

    @cached_property
    def _user(self) -> pwd.struct_passwd | None:
        return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


class Lasting(Postgres):
    """As careful as it is by default: what it has said is kept outlasts a crash."""

    def command(self) -> list[str]:
        return [*super().command(), "--synchronous_commit=on", "--fsync=on", "--full_page_writes=on"]
