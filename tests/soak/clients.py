"""The clients: each makes one clip after another, at whichever web server answers, and follows it to its end."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random

import requests

from tests.visitor import Visitor

CLIENTS = 20
PAUSE = 0.5
"""Seconds between two looks, and before somebody tries again who met with nobody."""


class Client:
    """One of them. `made` has the ids of clips by the prompts they were asked for with."""

    def __init__(self, number: int, addresses: Sequence[str], until: float, at_last: float) -> None:
        self.made: dict[str, str] = {}
        self.ends: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.waits: list[float] = []
        self.unfinished: list[str] = []
        self._number = number
        self._until, self._at_last = until, at_last
        self._chance = Random(number)
        self._visitors = [Visitor(address) for address in addresses]
        for visitor in self._visitors:
            # One browser: its cookies are good at either.
            visitor.http.cookies = self._visitors[0].http.cookies
        self.thread = threading.Thread(target=self._live, name=f"client {number}")

    def _live(self) -> None:
        count = 0
        while time.monotonic() < self._until:
            prompt, count = f"client {self._number} asks for the {count}th time", count + 1
            began = time.monotonic()
            clip_id = self._ask(prompt)
            end = clip_id and self._follow(clip_id)
            if clip_id is None or not end:
                self.unfinished.append(prompt)
                continue
            self.made[prompt] = clip_id
            self.ends[end] += 1
            self.waits.append(time.monotonic() - began)

    def _ask(self, prompt: str) -> str | None:
        """The clip's id. The same form is sent again, elsewhere, until somebody takes it."""
        form: dict[str, str] | None = None
        while time.monotonic() < self._at_last:
            visitor = self._chance.choice(self._visitors)
            with self._patiently():
                form = form or visitor.form(prompt_a=prompt)
                return visitor.send(form)
        return None

    def _follow(self, clip_id: str) -> str | None:
        """How the clip ended."""
        while time.monotonic() < self._at_last:
            with self._patiently():
                standing = self._chance.choice(self._visitors).status(clip_id)
                if standing["poll_after_ms"] is None:
                    return str(standing["status"])
                time.sleep(PAUSE)
        return None

    @contextmanager
    def _patiently(self) -> Iterator[None]:
        """Whoever is not there, or has nothing but an error page, is asked again after a while."""
        try:
            yield
            return
        except requests.RequestException:
            self.errors["no answer"] += 1
        except AssertionError:
            self.errors["an error page"] += 1
        time.sleep(PAUSE)
