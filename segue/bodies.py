"""Bodies: what somebody sends us, read with an eye on its size and on the clock.

The thread that answers reads for as long as the sender likes, and nothing calls it back. So what takes too long has its
connection cut. Which one that is, nobody tells us; but it is among those to which we have not sent anything for as
long, and as they are answered in turn, it is one of the oldest. At worst somebody idle has to connect again.
"""

from __future__ import annotations

import logging
import math
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.types import WSGIEnvironment

BODY_SECONDS = 15.0
"""How long a body may take: more than whoever is being answered waits for the database."""
LOOK_SECONDS = 0.25
TCP_INFO_LENGTH = 104
ESTABLISHED = 1
LAST_SENT = 44
"""Linux's `tcp_info`: its length, what its first byte says of a connection that is open both ways, and where it has the
milliseconds since we sent anything. Other systems tell nothing, and nothing is cut there."""

log = logging.getLogger(__name__)


class Bodies:
    """Reads bodies of at most `limit` bytes that come to `port` within `seconds`.

    Where `crowd` or more are being read at once, those who queued behind them get no more time than that in all: an
    honest body was there long before its turn came.
    """

    def __init__(self, port: int, limit: int, crowd: int, seconds: float = BODY_SECONDS) -> None:
        self._port = port
        self._limit = limit
        self._crowd = crowd
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
            now = time.monotonic()
            lasting = [now - began for began in list(self._begun.values()) if now - began >= LOOK_SECONDS]
            late = len(lasting) >= self._crowd or max(lasting, default=0.0) >= self._seconds
            try:
                if late and (count := cut(self._port, self._seconds, len(lasting))):
                    log.warning("too slow: connections cut: %d", count)
            except OSError as error:
                log.warning("too slow, and nothing could be cut: %s", error)


def cut(port: int, seconds: float, most: int) -> int:
    """Cut the oldest connections at `port` to which this process sent nothing for so long; how many it were."""
    # The system's clock ticks every few milliseconds; who came within one tick has been given numbers in turn.
    idle = [(-_idle(descriptor, port), descriptor) for descriptor in map(int, os.listdir("/dev/fd"))]  # noqa: PTH208
    late = [descriptor for length, descriptor in sorted(idle)[:most] if -length >= seconds]
    # Looked at once more: a number may be another connection's by now.
    return sum(_idle(descriptor, port, seconds) >= seconds for descriptor in late)


def _idle(descriptor: int, port: int, cut_after: float = math.inf) -> float:
    """Seconds since we sent something there, or since it was made, if we never did; then it may be cut.

    0 for what is no connection at that port, and where the system does not tell.
    """
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return 0.0
        # A copy: whoever the connection belongs to may close theirs any time.
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            if connection.family not in (socket.AF_INET, socket.AF_INET6) or connection.getsockname()[1] != port:
                return 0.0
            told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_LENGTH)
            length = float(struct.unpack_from("I", told, LAST_SENT)[0] / 1000) if told[0] == ESTABLISHED else 0.0
            if length >= cut_after:
                connection.shutdown(socket.SHUT_RDWR)
            return length
    except (OSError, AttributeError, struct.error):
        return 0.0
