"""What a house does next: drawn from the seed, the clip and the number of the call, whatever the threads are doing."""

from __future__ import annotations

import threading
from collections import Counter
from random import Random

from tests.chaos.faults import ENDS, TABLES, Scene, pick
from tests.chaos.limit import Limit
from tests.servers import life
from tests.servers.behaviours import Behaviour, honest
from tests.servers.life import Life
from tests.servers.trap import Trap

CREATES_A_SECOND = 5


class Mischief:
    """The moods of the house of that name. `dealt` counts its faults by kind of call and name; `dealt_to` by kind of
    call and clip, a clip being known by its first prompt."""

    def __init__(self, seed: int, house: str, key: str, inside: Trap) -> None:
        self.seed, self.house = seed, house
        self.on = True
        self.creates, self.looks = Limit(CREATES_A_SECOND), Limit(None)
        self.dealt: Counter[tuple[str, str]] = Counter()
        self.dealt_to: Counter[tuple[str, str]] = Counter()
        self._key, self._inside = key, inside
        self._calls: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def behaviour(self, what: str, whose: str) -> Behaviour:
        """How the next call of a kind goes, for a clip."""
        chance, number = self._chance(what, whose)
        fault = pick(TABLES[what], chance) if self.on and number <= ENDS.get(what, number) else None
        if fault is None:
            return honest
        with self._lock:
            self.dealt[what, fault.name] += 1
            self.dealt_to[what, whose] += 1
        return fault.trick(Scene(chance, self.creates if what == "create" else self.looks, self._inside))

    def life(self, whose: str) -> Life:
        """What becomes of the clip's next run: mostly good."""
        chance, _ = self._chance("life", whose)
        lives = (
            (30, life.NEXT_LOOK),
            (15, life.INSTANT),
            (20, life.STEADY),
            (20, life.STEADY.over(round(chance.uniform(1, 6), 1))),
            (4, life.wandering("dreaming")),
            (3, life.succeeded(_without_a_picture)),
            (3, life.failed()),
            # Some services quote the key they were given.
            (1, life.failed(f"Token {self._key} ran out of memory (E1001)")),
            (1, life.failed(f"Bearer {self._key} may not use that seed")),
            (1, life.aborted()),
            (1, life.canceled()),
            (1, life.removed()),
        )
        return chance.choices([each for _, each in lives], [weight for weight, _ in lives])[0]

    def _chance(self, what: str, whose: str) -> tuple[Random, int]:
        with self._lock:
            self._calls[what, whose] += 1
            number = self._calls[what, whose]
        return Random(f"{self.seed} {self.house} {what} {whose} {number}"), number


def _without_a_picture(output: life.Output) -> object:
    return {"audio": output["audio"]}
