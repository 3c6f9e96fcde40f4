"""Bodies: what somebody sends us and what we send them, with an eye on its size and on the clock.

A thread reads for as long as the sender likes and sends for as long as the listener likes, and nothing calls it back.
So what takes too long has its connection cut. Which one that is, nobody tells us; but the system knows of each
connection when we last sent anything there, and how fast it is taken. At worst somebody has to ask again who came when
a slow body began to come.
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
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from wsgiref.types import WSGIEnvironment

BODY_SECONDS = 15.0
"""How long a body may take to come: more than whoever is being answered waits for the database."""
CROWD_SECONDS = 3.0
"""How long who sends or takes nothing is waited for once there is a crowd."""
LEAST_RATE = 4_000
"""Bytes a second that a listener has to take then: a clip in a minute or two."""
LOOK_SECONDS = 0.25
TICK_SECONDS = 0.1
"""How far the system's clock and ours may be apart."""
ESTABLISHED = 1
TCP_INFO = struct.Struct("=B23xI16xI72xQ16xI20xQ")
"""Of Linux's `tcp_info`: the state, what is on its way, milliseconds since we sent anything, the bytes that arrived,
those that wait to be sent, and for how many microseconds there were any. Other systems tell nothing, and nothing is cut
there."""

log = logging.getLogger(__name__)


class Bodies:
    """Reads bodies of at most `limit` bytes that come to `port` within `seconds`, and watches what is sent from there.

    Whoever listens may take as long as they like, until `crowd` or more are being read from or sent to at once: then
    nobody gets more than CROWD_SECONDS for nothing, nor goes on below LEAST_RATE.
    """

    def __init__(self, port: int, limit: int, crowd: int, seconds: float = BODY_SECONDS) -> None:
        self._port = port
        self._limit = limit
        self._crowd = crowd
        self._seconds = seconds
        self._reading: dict[int, float] = {}
        self._sending: dict[int, float] = {}
        threading.Thread(target=self._watch, name="bodies", daemon=True).start()

    def read(self, environ: WSGIEnvironment) -> bytes | None:
        """The body, a byte more than the limit where it has more; None when it did not come whole, or in time."""
        me, began = threading.get_ident(), time.monotonic()
        self._reading[me] = began
        try:
            body: bytes = environ["wsgi.input"].read(self._limit + 1)
        finally:
            del self._reading[me]
        announced = environ.get("CONTENT_LENGTH", "")
        whole = not announced.isdigit() or len(body) >= min(int(announced), self._limit + 1)
        return body if whole and time.monotonic() - began < self._seconds else None

    def sent(self, body: Iterable[bytes]) -> Iterator[bytes]:
        """The body of an answer, watched while it is being sent."""
        me = threading.get_ident()
        self._sending[me] = time.monotonic()
        try:
            yield from body
        finally:
            del self._sending[me]
            if close := getattr(body, "close", None):
                close()

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            reading, sending = _lasting(self._reading), _lasting(self._sending)
            try:
                if len(reading) + len(sending) >= self._crowd:
                    count = cut(self._port, CROWD_SECONDS, len(reading), len(sending))
                elif late := [age for age in reading if age >= self._seconds]:
                    count = cut_late(self._port, late)
                else:
                    continue
                if count:
                    log.warning("too slow: connections cut: %d", count)
            except OSError as error:
                log.warning("too slow, and nothing could be cut: %s", error)


def cut(port: int, seconds: float, senders: int, listeners: int = 0) -> int:
    """Cut so many connections at `port` that kept this process waiting for so long; how many it were."""
    late: list[tuple[int, float]] = []
    for listens, most in ((False, senders), (True, listeners)):
        late += [(descriptor, seconds) for waited, descriptor in _waited(port, listens)[:most] if waited >= seconds]
    return _cut(port, late)


def cut_late(port: int, ages: Iterable[float]) -> int:
    """Cut the connections at `port` whose bodies began to come so many seconds ago; how many it were.

    We have sent nothing there since; nor to those that wait for an answer of ours, but they did not come just then.
    """
    late: dict[int, float] = {}
    for age in ages:
        since = [descriptor for waited, descriptor in _waited(port, False) if waited >= age - TICK_SECONDS]
        if nearest := [descriptor for descriptor in since if descriptor not in late][-1:]:
            late[nearest[0]] = age - TICK_SECONDS
    return _cut(port, late.items())


def _waited(port: int, listens: bool) -> list[tuple[float, int]]:
    """How long each connection kept us waiting, by its number; the longest first."""
    told = {descriptor: _told(descriptor, port) for descriptor in map(int, os.listdir("/dev/fd"))}  # noqa: PTH208
    # The system's clock ticks every few milliseconds; who came within one tick has been given numbers in turn.
    waited = sorted((-one.waited, descriptor) for descriptor, one in told.items() if one and one.listens is listens)
    return [(-length, descriptor) for length, descriptor in waited]


def _cut(port: int, late: Iterable[tuple[int, float]]) -> int:
    # Looked at once more: a number may be another connection's by now.
    again = [(_told(descriptor, port, seconds), seconds) for descriptor, seconds in late]
    return sum(one is not None and one.waited >= seconds for one, seconds in again)


class _Told(NamedTuple):
    """What the system tells of a connection, as TCP_INFO has it."""

    state: int
    under_way: int
    quiet: int
    arrived: int
    unsent: int
    busy: int

    @property
    def listens(self) -> bool:
        """Whether there is something for them to take."""
        return bool(self.under_way or self.unsent)

    @property
    def waited(self) -> float:
        """Seconds since we sent anything, or since we began to, where it is taken too slowly."""
        quiet, busy = self.quiet / 1000, self.busy / 1e6
        return max(quiet, busy) if self.listens and self.arrived < LEAST_RATE * busy else quiet


def _told(descriptor: int, port: int, cut_after: float = math.inf) -> _Told | None:
    """What the system tells of this connection, which is cut if it kept us waiting for so long.

    None for what is no open connection at that port, and where the system does not tell.
    """
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return None
        # A copy: whoever the connection belongs to may close theirs any time.
        copy = os.dup(descriptor)
        try:
            connection = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)
            raise
        with connection:
            if connection.family not in (socket.AF_INET, socket.AF_INET6) or connection.getsockname()[1] != port:
                return None
            told = _Told(*TCP_INFO.unpack(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)))
            if told.state != ESTABLISHED:
                return None
            if told.waited >= cut_after:
                connection.shutdown(socket.SHUT_RDWR)
            return told
    except (OSError, AttributeError, struct.error):
        return None


def _lasting(begun: dict[int, float]) -> list[float]:
    now = time.monotonic()
    return [now - since for since in list(begun.values()) if now - since >= LOOK_SECONDS]
