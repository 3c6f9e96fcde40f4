"""A house's limit: so many calls in any second; and whether its complaints are heeded."""

from __future__ import annotations

import threading
import time
from collections import deque

from tests.servers.behaviours import Behaviour
from tests.servers.shapes import problem, reply
from tests.servers.wire import Exchange

ON_ITS_WAY = 1.8
"""Seconds after a complaint in which calls may still arrive that were under way."""


class Limit:
    """Admits `a_second` calls in any second; None is any number. Counts those `refused` with a 429, and those that
    were `unheeding`: made during the quiet it asked for."""

    def __init__(self, a_second: int | None) -> None:
        self.a_second = a_second
        self.refused = 0
        self.unheeding = 0
        self._admitted: deque[float] = deque(maxlen=a_second)
        self._told_at = 0.0
        self._quiet_until = 0.0
        self._lock = threading.Lock()

    def guard(self, behaviour: Behaviour) -> Behaviour:
        """This behaviour, for calls that are within the limit."""

        def behave(exchange: Exchange) -> None:
            if self._admits():
                behaviour(exchange)
            else:
                self.complain(2)(exchange)

        return behave

    def complain(self, seconds: int, in_header: bool = False) -> Behaviour:
        """429, and when to come back, in the header or in the body; nothing is done."""

        def behave(exchange: Exchange) -> None:
            with self._lock:
                self.refused += 1
                self._told_at = time.monotonic()
                self._quiet_until = max(self._quiet_until, self._told_at + seconds)
            body = problem(f"Request was throttled. Expected available in {seconds} seconds.")
            if in_header:
                exchange.send(reply(429, body, headers={"Retry-After": str(seconds)}))
            else:
                exchange.send(reply(429, body | {"retry_after": seconds}))

        return behave

    def _admits(self) -> bool:
        now = time.monotonic()
        with self._lock:
            if self._told_at + ON_ITS_WAY < now < self._quiet_until:
                self.unheeding += 1
                return False
            if len(self._admitted) == self.a_second and now - self._admitted[0] < 1:
                return False
            if self.a_second:
                self._admitted.append(now)
            return True
