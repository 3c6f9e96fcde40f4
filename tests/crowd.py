"""A crowd at a real server's door: connections that send or take next to nothing, each made anew once it is cut."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

SOON = 10.0
"""Seconds in which whoever is quick has to be answered all the same; less than what one slow sender gets."""
PAUSE = 0.25
AHEAD = 2048
"""What the system takes for a listener who does not want it yet; it takes a little more than it is asked to."""


class Crowd:
    """`count` connections to `port`. Each says `head`; then it sends `piece` and takes so many bytes at a time."""

    def __init__(self, port: int, count: int, head: bytes = b"", piece: bytes = b"", takes: int = 4096) -> None:
        self.answers = b""
        self._port = port
        self._head = head
        self._piece = piece
        self._takes = takes
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self._connections = [self._come() for _ in range(count)]

    def __enter__(self) -> Crowd:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        for connection in self._connections:
            connection.close()

    def _come(self) -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, AHEAD)
        try:
            connection.connect(("127.0.0.1", self._port))
            connection.sendall(self._head)
        except OSError:
            connection.close()
            raise
        connection.setblocking(False)
        return connection

    def _go_on(self) -> None:
        while not self._stop.wait(PAUSE):
            for number, connection in enumerate(self._connections):
                if not self._goes_on(connection):
                    connection.close()
                    # The server may have been stopped by now.
                    with suppress(OSError):
                        self._connections[number] = self._come()

    def _goes_on(self, connection: socket.socket) -> bool:
        try:
            connection.sendall(self._piece)
            if self._takes:
                told = connection.recv(self._takes)
                self.answers += told
                return bool(told)
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True
