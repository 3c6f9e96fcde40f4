"""Bodies: what somebody sends us, read with an eye on its size and on the clock.

The thread that answers reads for as long as the sender likes, and nothing calls it back. What takes too long therefore
has its connection cut, along with all others to which nothing was sent for as long: those wait in line to do the same,
or idle. So nobody is kept waiting by slow senders, however many, for longer than one of them may take.
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.types import WSGIEnvironment

BODY_SECONDS = 15.0
"""How long a body may take: more than whoever is being answered waits for the database."""
LOOK_SECONDS = 0.5
TCP_INFO_LENGTH = 104
LAST_SENT = 44
"""Where Linux's `tcp_info` has the milliseconds since we sent anything. Other systems tell nothing; nothing is cut."""

log = logging.getLogger(__name__)


class Bodies:
    """Reads bodies of at most `limit` bytes that come to `port` within `seconds`."""

    def __init__(self, port: int, limit: int, seconds: float = BODY_SECONDS) -> None:
        self._port = port
        self._limit = limit
        self._seconds = seconds
        self._begun: dict[int, float] = {}
        threading.Thread(target=self._watch, name="bodies", daemon=True).start()

    def read(self, environ: WSGIEnvironment) -> bytes | None:
        """The body, a byte more than the limit where it has more; None when it did not come whole, or in time."""
        with self._timed() as began:
            body: bytes = environ["wsgi.input"].read(self._limit + 1)
        announced = environ.get("CONTENT_LENGTH", "")
        whole = not announced.isdigit() or len(body) >= min(int(announced), self._limit + 1)
        return body if whole and time.monotonic() - began < self._seconds else None

    @contextmanager
    def _timed(self) -> Iterator[float]:
        me, began = threading.get_ident(), time.monotonic()
        self._begun[me] = began
        try:
            yield began
        finally:
            del self._begun[me]

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            earliest = min(list(self._begun.values()), default=None)
            late = earliest is not None and time.monotonic() - earliest >= self._seconds
            if late and (count := cut(self._port, self._seconds)):
                log.warning("too slow: %d connections were cut", count)


def cut(port: int, seconds: float) -> int:
    """Cut those connections at `port` of this process to which nothing was sent for so long; how many there were."""
    return sum(_cut(int(name), port, seconds) for name in os.listdir("/dev/fd"))  # noqa: PTH208


def _cut(descriptor: int, port: int, seconds: float) -> bool:
    try:
        # A copy: whoever it belongs to may close it any time, and its number may be somebody else's then.
        connection = socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return False
    with connection:
        try:
            if connection.family not in (socket.AF_INET, socket.AF_INET6) or connection.getsockname()[1] != port:
                return False
            connection.getpeername()
            told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_LENGTH)
            idle: bool = struct.unpack_from("I", told, LAST_SENT)[0] / 1000 >= seconds
            if idle:
                connection.shutdown(socket.SHUT_RDWR)
            return idle
        except (OSError, AttributeError, struct.error):
            return False
