"""Throttle: who guesses passwords, or sends forms without end, is held up; nobody else notices.

It counts in this process's memory: several processes let through several times as much, which still is far too little
to guess a password. What costs money is counted in the database instead. Addresses that ask for nothing but a look,
above all the status of a clip, never come here.
"""

from __future__ import annotations

import math
import time
from functools import cache
from ipaddress import IPv6Network
from typing import TYPE_CHECKING

from flask import current_app, request
from werkzeug.exceptions import TooManyRequests

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import RateLimiter

BY_ADDRESS = ("10 per minute", "100 per hour")
BY_NAME = ("30 per hour",)
"""Wrong passwords."""
FORMS = ("60 per minute",)


def check_tries(name: str) -> None:
    """Raise TooManyRequests where too many passwords were wrong lately, from here or for that name."""
    for limit, key in _tries(name):
        if not _limiter().test(_item(limit), *key):
            raise _too_many(limit, key)


def count_try(name: str) -> None:
    """A password was wrong."""
    for limit, key in _tries(name):
        _limiter().hit(_item(limit), *key)


def count_form() -> None:
    """A form was sent. Raises TooManyRequests where there were too many."""
    for limit in FORMS:
        key = ("form", _address())
        if not _limiter().hit(_item(limit), *key):
            raise _too_many(limit, key)


Key = tuple[str, str]


def _tries(name: str) -> list[tuple[str, Key]]:
    from_here = [(limit, ("address", _address())) for limit in BY_ADDRESS]
    return from_here + [(limit, ("name", name.strip().casefold()[:100])) for limit in BY_NAME]


def _address() -> str:
    """Whom to hold up: an address, or, where one household has more of them than there are sands, its network."""
    address = request.remote_addr or ""
    return str(IPv6Network((address, 64), strict=False)) if ":" in address else address


def _too_many(limit: str, key: Key) -> TooManyRequests:
    until = _limiter().get_window_stats(_item(limit), *key).reset_time
    return TooManyRequests(retry_after=max(1, math.ceil(until - time.time())))


@cache
def _item(limit: str) -> RateLimitItem:
    from limits import parse

    return parse(limit)


def _limiter() -> RateLimiter:
    # Who only looks never loads it.
    if "segue.throttle" not in current_app.extensions:
        from limits.storage import MemoryStorage
        from limits.strategies import FixedWindowRateLimiter

        current_app.extensions["segue.throttle"] = FixedWindowRateLimiter(MemoryStorage())
    return current_app.extensions["segue.throttle"]  # type: ignore[no-any-return]
