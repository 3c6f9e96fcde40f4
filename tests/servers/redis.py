"""A real Redis on loopback that keeps nothing: what a restart forgets is found again by the studio."""

from __future__ import annotations

import socket

from tests.servers.daemon import Daemon
from tests.servers.packages import program


class Redis(Daemon):
    """Each test may have its own of the sixteen databases."""

    def command(self) -> list[str]:
        return [
            program("redis-server"),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]

    def ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"
