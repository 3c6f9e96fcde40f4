"""Any process may die at any moment, and nothing is lost, doubled or stuck."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
import soundfile
from PIL import Image

from tests.servers.behaviours import Behaviour, after_acting, hang
from tests.servers.gateway import KEY
from tests.servers.life import DONE, HALFWAY, INSTANT, NEXT_LOOK, STARTING, Life
from tests.servers.upstream import Upstream
from tests.servers.wire import Exchange
from tests.serving import Serving
from tests.visitor import Visitor, hidden

ROUNDS = 24
SEED_NAME = "CRASH_SEED"
"""Set it in the environment to repeat the moments of an earlier run."""
LONGEST_ROUND = 1.5
LIVES = (INSTANT, NEXT_LOOK, Life((STARTING, HALFWAY, DONE)))
PATIENCE = 100.0
"""Seconds until every clip has to be over, or a run made; the last lease runs out after ten of them."""


@dataclass
class Ask:
    """A form as it was filled in, and the clips that pressing Blend led to: one, however often it was pressed."""

    form: dict[str, str]
    clips: set[str] = field(default_factory=set)

    def press(self, visitor: Visitor) -> None:
        answer = visitor.post(self.form)
        assert answer.status_code == 303, answer.text
        self.clips.add(answer.headers["Location"].rpartition("/")[2])


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as running:
        yield running


@pytest.fixture
def studio(tmp_path: Path, upstream: Upstream) -> Iterator[Serving]:
    with Serving(
        tmp_path / "data",
        SEGUE_CHAINHUB_KEY=KEY,
        SEGUE_CHAINHUB_URL=upstream.gateway.base,
        SEGUE_FILE_HOSTS=upstream.files.netloc,
    ) as running:
        yield running


@pytest.mark.timeout(900)
def test_killed_at_random_moments_every_clip_ends_well_or_says_why_and_none_runs_twice(
    studio: Serving, upstream: Upstream
) -> None:
    seed = int(os.environ.get(SEED_NAME) or time.time_ns() % 1_000_000)
    replay = f"to repeat these moments: {SEED_NAME}={seed}"
    chance = random.Random(seed)
    dawdle(upstream, chance)

    visitor = Visitor(studio.address)
    asks: list[Ask] = []
    for number in range(ROUNDS):
        asks += live_and_die(studio, upstream, visitor, chance, number)
        studio.start()

    for ask in asks:
        ask.press(visitor)
        assert len(ask.clips) == 1, f"one form made {len(ask.clips)} clips; {replay}"
    standings = {clip: visitor.wait(clip, PATIENCE, pause=0.2) for ask in asks for clip in ask.clips}
    assert len(standings) == len(asks), replay

    runs = upstream.gateway.counts()["prompts"]
    assert set(runs) <= {ask.form["prompt_a"] for ask in asks}, replay
    assert max(runs.values()) == 1, f"{runs.most_common(3)} were paid for twice; {replay}"
    for clip, standing in standings.items():
        check(visitor, clip, standing, replay)
    failed = [clip for clip, standing in standings.items() if standing["status"] == "failed"]
    assert 0 < len(failed) < len(asks), f"{len(failed)} of {len(asks)} failed; {replay}"

    again = [retry(visitor, clip) for clip in failed]
    assert not set(again) & set(standings), replay
    for clip in again:
        standing = visitor.wait(clip, PATIENCE)
        assert standing["status"] == "succeeded", f"{standing}; {replay}"
        check(visitor, clip, standing, replay)


def dawdle(upstream: Upstream, chance: random.Random) -> None:
    """Give a kill time to land before a run is made, after it, and between the bytes of its files."""
    upstream.gateway.on_create(slowly(chance, 0.2))
    upstream.gateway.on_get(slowly(chance, 0.05))
    upstream.files.on_audio(slowly(chance, 0.15))
    upstream.files.on_spectrogram(slowly(chance, 0.15))


def slowly(chance: random.Random, longest: float) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        exchange.wait(chance.uniform(0, longest))
        truth = exchange.act()
        exchange.wait(chance.uniform(0, longest))
        body = truth.head(len(truth.body)) + truth.body
        exchange.write(body[: len(body) // 2])
        exchange.wait(chance.uniform(0, longest))
        exchange.write(body[len(body) // 2 :])

    return behave


def live_and_die(
    studio: Serving, upstream: Upstream, visitor: Visitor, chance: random.Random, number: int
) -> list[Ask]:
    """Ask for a few clips, and cut the power while they are asked for, made or kept.

    Every fourth round waits until a run has been made whose answer does not come before that.
    """
    upstream.gateway.script = chance.choice(LIVES)
    players = ["chainhub", "chainhub", "sketch"] if number % 3 == 0 else ["chainhub"]
    asks = [
        Ask(visitor.form(prompt_a=f"round {number} clip {index} by {player}", prompt_b="rain", provider=player))
        for index, player in enumerate(players)
    ]
    runs = len(upstream.gateway.creates)
    if number % 4 == 0:
        upstream.gateway.on_create(after_acting(hang(PATIENCE)), times=1)
    pressing = threading.Thread(target=press_all, args=(asks, visitor))
    pressing.start()
    if number % 4 == 0:
        wait_for_a_run(upstream, runs)
    else:
        time.sleep(chance.uniform(0, LONGEST_ROUND))
    studio.kill()
    pressing.join()
    return asks


def press_all(asks: list[Ask], visitor: Visitor) -> None:
    with suppress(requests.RequestException):
        for ask in asks:
            ask.press(visitor)


def wait_for_a_run(upstream: Upstream, runs: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(upstream.gateway.creates) == runs:
        assert time.monotonic() < deadline, "no run was made"
        time.sleep(0.005)


def check(visitor: Visitor, clip: str, standing: dict[str, Any], replay: str) -> None:
    """A clip that is over has both files, or a reason and a way on."""
    if standing["status"] == "succeeded":
        assert len(soundfile.read(BytesIO(fetch(visitor, standing["audio"])))[0]) > 0, replay
        with Image.open(BytesIO(fetch(visitor, standing["spectrogram"]))) as picture:
            picture.load()
        return
    assert standing["status"] == "failed", f"{standing}; {replay}"
    assert standing["error"].endswith("."), f"{standing}; {replay}"
    page = visitor.http.get(f"{visitor.address}/clips/{clip}", timeout=30).text
    assert f'action="/clips/{clip}/retry"' in page, f"no Retry for {standing}; {replay}"


def fetch(visitor: Visitor, path: str) -> bytes:
    answer = visitor.http.get(visitor.address + path, timeout=30)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer.content


def retry(visitor: Visitor, clip: str) -> str:
    """Press Retry; the new clip's id."""
    page = visitor.http.get(f"{visitor.address}/clips/{clip}", timeout=30).text
    answer = visitor.http.post(
        f"{visitor.address}/clips/{clip}/retry",
        data={"csrf_token": hidden(page, "csrf_token")},
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rpartition("/")[2]
