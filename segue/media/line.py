"""The line to a bucket: what goes wrong on it, in words, and what is done while nobody answers."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from segue.errors import MediaError

PAUSE = 2.0
"""Seconds until somebody asks again, after nobody answered."""
AWAY = "Segue's storage cannot be reached."


class Line:
    """While nobody answers at the other end, one at a time asks again; all others are told at once.

    So a bucket that takes every connection and is silent holds one thread of a process, not all of them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._away = False
        self._again = -math.inf

    @contextmanager
    def ask(self) -> Iterator[None]:
        """Around one request and its answer. Raises MediaError."""
        with self._lock:
            if self._clock() < self._again:
                raise MediaError(AWAY)
            if self._away:
                self._again = math.inf
        away = self._away
        try:
            with in_words():
                yield
            away = False
        except MediaError as error:
            away = str(error) == AWAY
            raise
        finally:
            with self._lock:
                self._away = away
                self._again = self._clock() + PAUSE if away else -math.inf


@contextmanager
def in_words() -> Iterator[None]:
    """Translates what the client of the bucket raises."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise MediaError(f"Segue's storage refuses to be used ({code}).") from error
    except BotoCoreError as error:
        raise MediaError(AWAY) from error
