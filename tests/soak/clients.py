"""The clients: each makes one clip after another, at whichever web server answers, and follows it to its end."""

from __future__ import annotations

import math
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

TWICE = 0.2
"""How many forms are sent again though they were answered."""


class Client:
    """One of them. `made` has the ids of clips by the prompts they were asked for with, `unfinished` the prompts of
    those whose end was not seen, and `waits` the seconds from asking to the end of the others."""

    def __init__(self, number: int, addresses: Sequence[str]) -> None:
        self.asked = 0
        self.made: dict[str, str] = {}
        self.errors: Counter[str] = Counter()
        self.waits: list[float] = []
        self.unfinished: list[str] = []
        self._number = number
        self._enough = False
        self._at_last = math.inf
        self._chance = Random(number)
        self._visitors = [Visitor(address) for address in addresses]
        for visitor in self._visitors:
            # One browser: its cookies are good at either.
            visitor.http.cookies = self._visitors[0].http.cookies
        self.thread = threading.Thread(target=self._live, name=f"client {number}")

    def asks_no_more(self, seconds: float) -> None:
        """What is under way has so long to come to its end."""
        self._at_last = time.monotonic() + seconds
        self._enough = True

    def _live(self) -> None:
        while not self._enough:
            self.asked += 1
            prompt, began = f"client {self._number} clip {self.asked}", time.monotonic()
            clip_id = self._ask(prompt)
            if clip_id:
                self.made[prompt] = clip_id
            if clip_id and self._ended(clip_id):
                self.waits.append(time.monotonic() - began)
            else:
                self.unfinished.append(prompt)

    def _ask(self, prompt: str) -> str | None:
        """The clip's id. The same form is sent again, elsewhere, until somebody takes it."""
        form: dict[str, str] | None = None
        while time.monotonic() < self._at_last:
            visitor = self._chance.choice(self._visitors)
            with self._patiently():
                form = form or visitor.form(prompt_a=prompt)
                clip_id = visitor.send(form)
                if self._chance.random() < TWICE:
                    self._chance.choice(self._visitors).send(form)
                return clip_id
        return None

    def _ended(self, clip_id: str) -> bool:
        """Whether the clip is over, which is waited for."""
        while time.monotonic() < self._at_last:
            with self._patiently():
                if self._chance.choice(self._visitors).status(clip_id)["poll_after_ms"] is None:
                    return True
                time.sleep(PAUSE)
        return False

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
