"""Time limits for calls as a whole: no trickle of bytes outlasts its welcome.

Timeouts of sockets start anew with every byte. So one thread looks after all calls that are under way, and cuts the
connection of any that has had its time.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

SWEEP_SECONDS = 0.25

_mine = threading.local()


class _Limit:
    """A call's time, and the connection it is using."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.connection: Any = None
        self.up = False

    def cut(self) -> None:
        self.up = True
        with suppress(AttributeError, OSError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Whatever connection this thread uses within the block is cut after so many seconds.

    Raises ReadTimeout when that happened, since an answer that was cut in its head may look like a whole one.
    """
    limit = _mine.limit = _Limit(seconds)
    _watch.begin(limit)
    try:
        yield
    finally:
        _watch.end(limit)
        _mine.limit = None
    if limit.up:
        from requests import ReadTimeout

        raise ReadTimeout(f"took longer than {seconds:.0f} s, or was no longer wanted")


def stopper() -> Callable[[], None]:
    """A function for another thread that cuts whatever call this one is in the middle of."""
    mine = _mine.__dict__

    def stop() -> None:
        limit: _Limit | None = mine.get("limit")
        if limit is not None:
            limit.cut()

    return stop


def uses(connection: object) -> None:
    """Say that this thread's call goes over that connection, which has a `sock`."""
    limit: _Limit | None = getattr(_mine, "limit", None)
    if limit is not None:
        limit.connection = connection


class _Watch:
    """Cuts the calls that have had their time."""

    def __init__(self) -> None:
        self._under_way: set[_Limit] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def begin(self, limit: _Limit) -> None:
        with self._changed:
            self._under_way.add(limit)
            # A process that was forked has the calls of its parent, but not its threads.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._sweep, name="timing", daemon=True)
                self._thread.start()
            self._changed.notify()

    def end(self, limit: _Limit) -> None:
        with self._changed:
            self._under_way.discard(limit)

    def _sweep(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._under_way))
                for limit in self._under_way:
                    # Again and again: a call that was stopped may only now be connected.
                    if limit.up or time.monotonic() > limit.end:
                        limit.cut()
            time.sleep(SWEEP_SECONDS)


_watch = _Watch()
