"""Musicians: they fill in forms, click twice, change their minds, and try again."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

import requests

from tests.visitor import Visitor, hidden

VISITORS = 6
PLAYERS = {"chainhub": 45, "replicate": 45, "sketch": 10}
"""Of a hundred clips, who plays how many."""
UNREACHED = 60.0
"""Seconds somebody keeps pressing a button of a studio that does not answer."""
RUSH = range(50, 75)
"""Of each hundred forms, those that come all at once."""
GLANCE = 1.0
"""Seconds between looks at a clip."""
RETRIES = 2
SEARCHED = "Looking whether the run has started"
"""What a clip says while its run is looked for."""

T = TypeVar("T")


@dataclass
class Ask:
    """What one form is for. Its prompt is its own; `clips` has the clip it made, and then those of each Retry.

    twice: Blend is pressed two times at once. cancel_after: seconds until it is canceled. retries: how often Retry is
    pressed if it fails. pause: seconds before the form is filled in.
    """

    prompt: str
    player: str
    twice: bool
    cancel_after: float | None
    retries: int
    pause: float
    clips: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    asked_at: float = 0.0
    canceled: set[str] = field(default_factory=set)
    look_at: float = 0.0
    searched: bool = False
    over: bool = False


def asks(seed: int, clips: int, seconds: float) -> list[Ask]:
    """So many, put down over about so many seconds; in each hundred there is a rush."""
    chance = Random(f"{seed} asks")
    mean = seconds * VISITORS / clips
    return [
        Ask(
            prompt=f"chaos {seed} clip {number}",
            player=chance.choices(list(PLAYERS), list(PLAYERS.values()))[0],
            twice=chance.random() < 0.2,
            cancel_after=chance.choice((0.0, 0.3, 1.0, 3.0, 8.0)) if chance.random() < 0.12 else None,
            retries=RETRIES if chance.random() < 0.4 else 0,
            pause=0.0 if number % 100 in RUSH else chance.uniform(0.2 * mean, 2 * mean),
        )
        for number in range(clips)
    ]


class Crowd:
    """A few visitors who share the asks."""

    def __init__(self, address: str, plan: list[Ask]) -> None:
        self.asks = plan
        self._visitors = [(Visitor(address), plan[first::VISITORS]) for first in range(VISITORS)]

    def come(self) -> None:
        """Ask for everything, and look after it meanwhile."""
        self._all(self._come)

    def stay(self, seconds: float, searching: float) -> None:
        """Look after everything until it is over, or for so long. What is still being looked for upstream after
        `searching` seconds is waited for no more."""
        now = time.monotonic()
        self._all(lambda visitor, mine: self._stay(visitor, mine, now + seconds, now + searching))

    @property
    def visitor(self) -> Visitor:
        return self._visitors[0][0]

    def _all(self, do: Callable[[Visitor, list[Ask]], None]) -> None:
        with ThreadPoolExecutor(VISITORS) as pool:
            for done in [pool.submit(do, visitor, mine) for visitor, mine in self._visitors]:
                done.result()

    def _come(self, visitor: Visitor, mine: list[Ask]) -> None:
        for ask in mine:
            time.sleep(ask.pause)
            press(visitor, ask)
            tend(visitor, mine)

    def _stay(self, visitor: Visitor, mine: list[Ask], deadline: float, searching: float) -> None:
        while (now := time.monotonic()) < deadline:
            tend(visitor, mine)
            if all(ask.over or (ask.searched and now > searching) for ask in mine):
                return
            time.sleep(0.1)


def press(visitor: Visitor, ask: Ask) -> None:
    """Fill in the form and press Blend, once or twice, until somebody answers."""
    form = insist(lambda: visitor.form(prompt_a=ask.prompt, prompt_b="rain", provider=ask.player))
    ask.asked_at = time.monotonic()
    with ThreadPoolExecutor(2) as fingers:
        clicks = [fingers.submit(insist, lambda: _post(visitor, "/clips", form)) for _ in range(1 + ask.twice)]
    ask.places |= {click.result() for click in clicks}
    ask.clips.append(min(ask.places))


def tend(visitor: Visitor, mine: list[Ask]) -> None:
    """Look at the clips that are not over and due for it, and do with them what was planned."""
    now = time.monotonic()
    for ask in mine:
        if not ask.clips or ask.over or ask.look_at > now:
            continue
        ask.look_at = now + GLANCE
        clip = ask.clips[-1]
        standing = insist(lambda: visitor.status(clip))  # noqa: B023 - called at once
        ask.searched = SEARCHED in standing["message"]
        if standing["poll_after_ms"] is None:
            again = standing["status"] == "failed" and len(ask.clips) <= ask.retries
            following = _press(visitor, clip, "retry") if again else clip
            ask.over = following == clip
            if not ask.over:
                ask.clips.append(following)
        elif ask.cancel_after is not None and now >= ask.asked_at + ask.cancel_after and clip not in ask.canceled:
            _press(visitor, clip, "cancel")
            ask.canceled.add(clip)


def insist(do: Callable[[], T]) -> T:
    """Once more, when the studio was just killed."""
    deadline = time.monotonic() + UNREACHED
    while True:
        try:
            return do()
        except requests.RequestException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _press(visitor: Visitor, clip: str, button: str) -> str:
    """Press a button on a clip's page; the id of the clip it leads to."""
    page = insist(lambda: visitor.http.get(f"{visitor.address}/clips/{clip}", timeout=30).text)
    if f'action="/clips/{clip}/{button}"' not in page:
        return clip
    return insist(lambda: _post(visitor, f"/clips/{clip}/{button}", {"csrf_token": hidden(page, "csrf_token")}))


def _post(visitor: Visitor, path: str, form: dict[str, str]) -> str:
    answer = requests.post(
        visitor.address + path, data=form, cookies=visitor.http.cookies, allow_redirects=False, timeout=30
    )
    assert answer.status_code == 303, f"{path}: {answer.status_code} {answer.text}"
    return answer.headers["Location"].rpartition("/")[2]
