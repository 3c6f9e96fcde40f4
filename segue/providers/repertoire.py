"""What a Cog container can play, by its own account. A page never waits for that: it is learned in the background."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from segue.providers.answers import refusal
from segue.providers.base import ProviderError
from segue.providers.http import Http
from segue.recipe import SEED_NAME, SEEDS

FRESH_SECONDS = 60.0
FIRST_SECONDS = 0.3
"""How long the very first who wants to know waits; everybody after takes what is known."""
SEEDS_LIMIT = 100
"""Seeds of somebody's own that a form has room for."""
PARTS_LIMIT = 100
"""Parts of a schema that are looked at, however deep or round in circles they lead."""
MISSPELT = "mask_graident_top_fifth_75"
"""Listed by the hosted version, which has no such file: a run from it fails."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Offer:
    """seeds: the ids it lists; none where it lists none. cancel: a run can be stopped."""

    seeds: tuple[str, ...] = ()
    cancel: bool = False


class Repertoire:
    """The offer of the container called `title`, asked for over `http`. Methods are safe to call from any thread."""

    def __init__(self, http: Http, title: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._title = title
        self._clock = clock
        self._offer = Offer()
        self._asked_at = -FRESH_SECONDS
        self._asking = threading.Lock()
        self._heard = threading.Event()

    @property
    def known(self) -> Offer:
        """What it offered when it was last asked, at most a minute before it was last wanted."""
        now = self._clock()
        with self._asking:
            stale = now - self._asked_at >= FRESH_SECONDS
            if stale:
                self._asked_at = now
        if stale:
            threading.Thread(target=self._learn, name="repertoire", daemon=True).start()
        if not self._heard.wait(FIRST_SECONDS):
            self._heard.set()
        return self._offer

    def ask(self) -> Offer:
        """What it offers now. Raises ProviderError when it cannot say."""
        root = self._http.get("/")
        if root.status != 200:
            raise refusal(self._title, root)
        document = self._http.get("/openapi.json")
        if document.status >= 500:
            raise refusal(self._title, document)
        return Offer(listed_seeds(document.body), listed_cancel(root.body, document.body))

    def _learn(self) -> None:
        try:
            self._offer = self.ask()
        except ProviderError as error:
            log.info("%s What it can play is taken to be as before.", error)
        finally:
            self._heard.set()


def listed_seeds(document: Any) -> tuple[str, ...]:
    """The seeds in a container's OpenAPI document that can be offered: those we know first, in our order."""
    field = _at(document, ("components", "schemas", "Input", "properties", "seed_image_id"))
    lists = (part["enum"] for part in _parts(document, field) if isinstance(part.get("enum"), list))
    named = [name for name in next(lists, []) if isinstance(name, str) and SEED_NAME.fullmatch(name)]
    ours = [seed.id for seed in SEEDS if seed.id in named]
    theirs = [name for name in named if name not in ours and name != MISSPELT]
    return tuple(dict.fromkeys([*ours, *theirs]))[:SEEDS_LIMIT]


def listed_cancel(root: Any, document: Any) -> bool:
    """Whether a container's list of addresses, or its OpenAPI document, has one for canceling a run."""
    paths = _at(document, ("paths",))
    documented = isinstance(paths, dict) and any("/cancel" in path for path in paths)
    return documented or _at(root, ("predictions_cancel_url",)) is not None


def _parts(document: Any, schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema, and the others it is made of or refers to."""
    waiting = deque([schema])
    for _ in range(PARTS_LIMIT):
        if not waiting:
            return
        part = waiting.popleft()
        if not isinstance(part, dict):
            continue
        yield part
        for word in ("allOf", "anyOf", "oneOf"):
            if isinstance(others := part.get(word), list):
                waiting.extend(others)
        if isinstance(reference := part.get("$ref"), str):
            waiting.append(_at(document, reference.removeprefix("#/").split("/")))


def _at(document: Any, path: tuple[str, ...] | list[str]) -> Any:
    """What a path of keys leads to in a JSON value; None where it leads nowhere."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document
