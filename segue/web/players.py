"""The players as the pages show them: what each one can do, and what asking it means, in words.

All of it follows from capabilities, which may change: a snapshot is taken for each page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from segue.providers.base import Capabilities, Provider
from segue.recipe import SEED_DEFAULT, SEEDS, STEPS_LIMIT, Seed, seed_title
from segue.seeds import AUDIBLE

NO_PRICES: Mapping[str, str] = {}
LATE = 1.5
"""Times its usual length after which a run is called late."""


@dataclass(frozen=True)
class Player:
    """A provider on the form."""

    name: str
    title: str
    seeds: tuple[str, ...]
    takes: bool
    words: str
    steps: str

    @property
    def first_seed(self) -> str:
        """The seed a form starts with: the usual one where the player has it."""
        return SEED_DEFAULT if SEED_DEFAULT in self.seeds or not self.seeds else self.seeds[0]


@dataclass(frozen=True)
class Pad:
    """A seed on the form, and the names of the players who have it."""

    seed: Seed
    players: tuple[str, ...]

    @property
    def audible(self) -> bool:
        """Whether the built-in band can play it to those who are choosing."""
        return self.seed.id in AUDIBLE


def players(providers: Mapping[str, Provider], prices: Mapping[str, str] = NO_PRICES) -> dict[str, Player]:
    """Those of this studio by name, in the order they are offered in. `prices`: what a run costs, in words."""
    return {
        name: _player(provider, provider.capabilities, prices.get(name, "")) for name, provider in providers.items()
    }


def pads(those: Iterable[Player]) -> list[Pad]:
    """Every seed that one of them has: the known ones in their order, then those of a model of somebody's own."""
    having: dict[str, list[str]] = {}
    for player in those:
        for seed in player.seeds:
            having.setdefault(seed, []).append(player.name)
    known = [seed for seed in SEEDS if seed.id in having]
    own = [Seed(name, seed_title(name), musical=False) for name in having if name not in {seed.id for seed in known}]
    return [Pad(seed, tuple(having[seed.id])) for seed in [*known, *own]]


def stops(can: Capabilities) -> bool:
    """Whether a run that is canceled surely costs no more."""
    return can.cancel or not can.costs


def usually(can: Capabilities) -> str:
    """How long a run takes, e.g. `about 10 seconds`."""
    seconds = can.usual_seconds
    if seconds >= 90:
        return f"about {round(seconds / 60)} minutes"
    return "about a second" if seconds <= 1 else f"about {seconds} seconds"


def late_after(can: Capabilities) -> int:
    """The seconds after which a run takes longer than usual."""
    return max(2, round(can.usual_seconds * LATE))


def _player(provider: Provider, can: Capabilities, price: str) -> Player:
    name = provider.name
    return Player(name, provider.title, can.seeds, can.takes, _words(name, can, price), _steps(name))


def _words(name: str, can: Capabilities, price: str) -> str:
    if name == "sketch":
        return f"{f'{price} a run' if price else 'Free'}, {usually(can)}. A sketch, not Riffusion."
    if can.costs:
        costs = f"{price} a run" if price else "Each run costs"
        return f"{costs}; usually {usually(can)}, minutes when the model has to wake up."
    turns = {None: "", 1: "one clip at a time, "}.get(can.at_once, f"{can.at_once} clips at a time, ")
    return f"Your own Riffusion; {f'{price} a run, ' if price else ''}{turns}usually {usually(can)}."


def _steps(name: str) -> str:
    if name == "sketch":
        more = "More steps play in more detail: ghost notes, fills, ornaments. It takes no longer."
    else:
        more = "More is finer and slower."
    return f"1 to {STEPS_LIMIT}. {more}"
