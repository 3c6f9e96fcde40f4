"""Wires to others who answer as a rule, and what is done while they do not."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Wire:
    """While nobody answers at the other end, one at a time asks again; all others are told at once.

    So somebody who takes every connection and is silent holds one thread of a process, not all of them.

    silence: raised by who asked in vain. refusal: raised by who was answered, if not as they wished. told: makes what
    the others are told. pause: seconds until somebody asks again. answered: whether there is reason to believe that
    somebody answers; else one asks first.
    """

    def __init__(
        self,
        silence: type[Exception],
        told: Callable[[], Exception],
        pause: float,
        *,
        refusal: type[Exception] | tuple[()] = (),
        answered: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._silence = silence
        self._told = told
        self._pause = pause
        self._refusal = refusal
        self._clock = clock
        self._lock = threading.Lock()
        self._away = not answered
        self._again = -math.inf

    @contextmanager
    def ask(self) -> Iterator[None]:
        """Around one request and its answer."""
        with self._lock:
            if self._clock() < self._again:
                raise self._told()
            if self._away:
                self._again = math.inf
        away, again = self._away, -math.inf
        try:
            yield
            away = False
        except self._refusal:
            away = False
            raise
        except self._silence:
            away, again = True, self._clock() + self._pause
            raise
        finally:
            with self._lock:
                self._away, self._again = away, again
