"""The story: everybody comes, everything goes wrong, then there is peace, and it is seen what is left."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos import outcome
from tests.chaos.crew import Crew
from tests.chaos.outcome import Outcome
from tests.chaos.visitors import Crowd, asks
from tests.chaos.world import World

SEED = "CHAOS_SEED"
CLIPS = "CHAOS_CLIPS"
A_CLIP = 0.4
"""Seconds of chaos for each clip asked for."""


def seed() -> int:
    """The one asked for, or a new one."""
    return int(os.environ.get(SEED) or time.time_ns() % 1_000_000)


def clips(usually: int) -> int:
    """How many clips."""
    return int(os.environ.get(CLIPS) or usually)


@contextmanager
def chaos(seed: int, clips: int, folder: Path, peace: float, searching: float) -> Iterator[Outcome]:
    """What is left afterwards, while the studio still runs; `peace` and `searching` are the seconds that visitors stay
    after the last fault."""
    began = time.monotonic()
    data = folder / "data"
    with World(seed) as world, Crew(data, seed, **world.settings) as crew:
        crowd = Crowd(crew.studio.address, asks(seed, clips, clips * A_CLIP))
        crew.under_fire()
        crowd.come()
        crew.in_peace()
        world.calm()
        crowd.stay(peace, searching)
        yield Outcome(
            seed,
            crowd,
            crew,
            world,
            outcome.rows(data / "segue.db"),
            crew.logs,
            outcome.now(),
            time.monotonic() - began,
        )
