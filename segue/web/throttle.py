"""Throttle: who guesses passwords, or sends forms without end, is held up; nobody else notices.

It counts in this process's memory: several processes let through several times as much, which still is far too little
to guess a password. What costs money is counted in the database instead. Addresses that ask for nothing but a look,
above all the status of a clip, never come here.
"""

from __future__ import annotations

import logging
import math
import time
from functools import cache
from ipaddress import IPv6Network
from typing import TYPE_CHECKING

from flask import current_app, request
from werkzeug.exceptions import TooManyRequests

from segue.errors import LimitReached
from segue.naming import numeric
from segue.web import access

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import RateLimiter

HERE = "10 per minute"
FROM_ADDRESS = "100 per hour"
FOR_NAME = "30 per hour"
"""Wrong passwords: for a name from an address, so that nobody is held up who shares it; from an address; for a name."""
FORMS = "60 per minute"

log = logging.getLogger(__name__)


def check_tries(name: str) -> None:
    """Raise TooManyRequests where too many passwords were wrong lately, from here or for that name."""
    for limit, key in _tries(name):
        if not _limiter().test(_item(limit), *key):
            raise TooManyRequests(retry_after=_wait(limit, key))


def count_try(name: str) -> None:
    """A password was wrong. The log does not name the name: people type passwords there."""
    log.warning("wrong name or password from %s", _address())
    for limit, key in _tries(name):
        _limiter().hit(_item(limit), *key)


def count_form() -> None:
    """A form was sent. Raises LimitReached where there were too many; not for who sits at this machine, alone."""
    key = ("form", _address())
    if not access.at_home() and not _limiter().hit(_item(FORMS), *key):
        raise LimitReached("That was too fast. Nothing is lost: wait a little, then press again.", _wait(FORMS, key))


Key = tuple[str, str]


def _tries(name: str) -> list[tuple[str, Key]]:
    name, address = name.strip().casefold()[:100], _address()
    return [(HERE, ("here", f"{address} {name}")), (FROM_ADDRESS, ("address", address)), (FOR_NAME, ("name", name))]


def _address() -> str:
    """Whom to hold up: an address, or, where one household has more of them than there are sands, its network."""
    address = numeric(request.remote_addr or "")
    if address is None:
        return request.remote_addr or ""
    return str(IPv6Network((address, 64), strict=False)) if address.version == 6 else str(address)


def _wait(limit: str, key: Key) -> int:
    """Seconds until the count begins anew."""
    return max(1, math.ceil(_limiter().get_window_stats(_item(limit), *key).reset_time - time.time()))


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
