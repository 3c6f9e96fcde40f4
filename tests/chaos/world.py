"""Everything outside the studio: the houses, their file hosts, and two hosts that nobody may visit."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Self

from tests.chaos.houses import UnrulyGateway, UnrulyReplicate
from tests.chaos.mischief import Mischief
from tests.servers.host import Host
from tests.servers.trap import Trap

KEYS = {"chainhub": "sk-chaos-Kq7vT2mXw9", "replicate": "r8_chaosHd4Lp8sZn3"}


class World:
    """`houses` by name. `elsewhere` is where answers' `urls` point; `inside` where lies and redirects lead."""

    def __init__(self, seed: int) -> None:
        self.elsewhere, self.inside = Trap(), Trap()
        moods = {house: Mischief(seed, house, key, self.inside) for house, key in KEYS.items()}
        self.houses: dict[str, UnrulyGateway] = {
            "chainhub": UnrulyGateway(moods["chainhub"], self.elsewhere, KEYS["chainhub"]),
            "replicate": UnrulyReplicate(moods["replicate"], self.elsewhere, KEYS["replicate"]),
        }
        self._running = ExitStack()

    @property
    def settings(self) -> dict[str, str]:
        """What the studio is told of it."""
        chainhub, replicate = self.houses["chainhub"], self.houses["replicate"]
        return {
            "SEGUE_CHAINHUB_KEY": chainhub.key,
            "SEGUE_CHAINHUB_URL": chainhub.base,
            "REPLICATE_API_TOKEN": replicate.key,
            "SEGUE_REPLICATE_URL": replicate.base,
            "SEGUE_FILE_HOSTS": f"{chainhub.files.netloc} {replicate.files.netloc}",
        }

    @property
    def traps(self) -> dict[str, Trap]:
        return {"the host that answers point to": self.elsewhere, "the private host": self.inside}

    @property
    def hosts(self) -> list[tuple[str, Host, tuple[str, ...]]]:
        """Every host, and the keys it may not see."""
        both = tuple(KEYS.values())
        others = {house: tuple(key for other, key in KEYS.items() if other != house) for house in KEYS}
        return [
            *((name, trap, both) for name, trap in self.traps.items()),
            *((f"the files of {name}", house.files, both) for name, house in self.houses.items()),
            *((name, house, others[name]) for name, house in self.houses.items()),
        ]

    def calm(self) -> None:
        """From now on everybody is honest."""
        for house in self.houses.values():
            house.mischief.on = False

    def __enter__(self) -> Self:
        for _, host, _ in self.hosts:
            self._running.enter_context(host)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()
