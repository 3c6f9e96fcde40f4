"""Passwords, hashed with Argon2id as RFC 9106 recommends; argon2-cffi knows the numbers."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from segue.errors import InvalidMember

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200
"""Characters; any will do."""

_one_at_a_time = threading.Lock()
"""Each takes 64 MiB: a crowd of guesses shall not take all there is."""


def hashed(password: str, name: str) -> str:
    """What to keep of a password. Raises InvalidMember for one that is too easy, or no text."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidMember("password", f"Take {SHORTEST} characters or more, at most {LONGEST}; four words are fine.")
    if len(set(password)) < 4 or password.casefold() == name.casefold():
        raise InvalidMember("password", "That is guessed at once. Four words that do not belong together are fine.")
    with _one_at_a_time:
        return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def fits(password: str, kept: str | None) -> tuple[bool, bool]:
    """Whether a password is the one that was kept, and whether it should be hashed anew.

    Where none was kept it takes just as long, so that nobody learns it from the clock.
    """
    from argon2.exceptions import InvalidHashError, VerifyMismatchError

    with _one_at_a_time:
        try:
            _hasher().verify(kept or _nobodys(), password[: LONGEST + 1].encode("utf-8", "surrogatepass"))
        except (VerifyMismatchError, InvalidHashError):
            return False, False
    return kept is not None, kept is not None and _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    # Who is alone never loads it.
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody's password")
