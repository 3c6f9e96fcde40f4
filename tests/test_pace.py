"""How fast providers are asked: limits kept, complaints heeded, by all together."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from segue import pace
from segue.models import Clip, State
from segue.providers.base import Capabilities, Provider, Rate
from segue.providers.sketch import Sketch
from tests.bench import Bench
from tests.servers import life
from tests.servers.behaviours import Behaviour
from tests.servers.shapes import problem, reply
from tests.servers.upstream import Upstream
from tests.servers.wire import Exchange

pytestmark = pytest.mark.databases("sqlite", "postgresql")


class Limited:
    """A house that lets nobody in before its gap of seconds has passed, on the clock of the bench."""

    def __init__(self, bench: Bench, gap: float) -> None:
        self.bench, self.gap = bench, gap
        self.admitted: list[float] = []
        self.refused = 0

    def __call__(self, exchange: Exchange) -> None:
        now = self.bench.now
        wait = self.admitted[-1] + self.gap - now if self.admitted else 0.0
        if wait > 1e-6:
            self.refused += 1
            exchange.send(reply(429, problem("Request was throttled.", retry_after=round(wait + 0.5))))
            return
        self.admitted.append(now)
        exchange.send(exchange.act())


def _work_off(bench: Bench, steps: int = 5000) -> None:
    for _ in range(steps):
        if not bench.queue.due:
            return
        bench.step()
    raise AssertionError("they never came to an end")


def _all(bench: Bench, clips: list[Clip]) -> list[State]:
    return [bench.clip(clip).state for clip in clips]


@pytest.mark.databases("sqlite")
def test_fifty_clips_at_a_house_that_takes_six_a_minute_all_get_there(bench: Bench) -> None:
    house: Behaviour = (limited := Limited(bench, gap=10.0))
    bench.upstream.gateway.on_create(house)
    clips = [bench.submit(f"clip {number}") for number in range(50)]
    _work_off(bench)
    assert _all(bench, clips) == [State.SUCCEEDED] * 50
    assert len(limited.admitted) == 50
    # Its limit is met once, and after that hardly ever tried again.
    assert limited.refused <= 15
    assert limited.admitted[-1] - limited.admitted[0] < 50 * 20


def test_one_complaint_makes_everybody_wait(bench: Bench) -> None:
    house: Behaviour = (limited := Limited(bench, gap=30.0))
    bench.upstream.gateway.on_create(house)
    for number in range(5):
        bench.submit(f"clip {number}")
    began = bench.now
    while bench.queue.due[0][0] < began + 20:
        bench.step()
    assert (len(limited.admitted), limited.refused) == (1, 1)


@pytest.fixture
def replicate_bench(tmp_path: Path, replicate: Upstream, database_at: Path | str) -> Iterator[Bench]:
    with Bench(tmp_path / "bench", replicate, where=database_at) as running:
        yield running


@pytest.mark.databases("sqlite")
def test_replicates_limits_are_kept_without_being_told(replicate_bench: Bench) -> None:
    bench = replicate_bench
    bench.upstream.gateway.script = life.INSTANT
    moments: list[float] = []

    def note(exchange: Exchange) -> None:
        moments.append(bench.now)
        exchange.send(exchange.act())

    bench.upstream.gateway.on_create(note)
    for number in range(100):
        bench.submit(f"clip {number}")
    _work_off(bench)
    assert len(moments) == 100
    rate = bench.providers["replicate"].capabilities.creates
    assert rate is not None
    assert rate.burst + rate.a_minute < 600
    # After the burst they come evenly.
    assert moments.count(moments[0]) <= rate.burst + 1
    late = [later - earlier for earlier, later in pairwise(sorted(moments[rate.burst + 1 :]))]
    assert min(late) >= 60 / rate.a_minute - 1e-6


class Metered(Sketch):
    """A band with a limit on looks."""

    capabilities: Capabilities = replace(Sketch.capabilities, creates=Rate(60, burst=2))


def test_any_minute_admits_no_more_than_rate_and_burst(bench: Bench) -> None:
    provider: Provider = Metered()
    clip = bench.submit()
    now = bench.now
    admitted = []
    while now < bench.now + 120:
        with bench.database.write() as session:
            mine = session.get_one(Clip, clip.id)
            if pace.turn(session, mine, provider, True, now) <= now:
                admitted.append(now)
        now += 0.25
    assert max(sum(start <= moment < start + 60 for moment in admitted) for start in admitted) <= 62
    assert len(admitted) >= 120


def test_a_chore_is_one_workers_in_each_minute(bench: Bench) -> None:
    def asked(chore: str, now: float) -> bool:
        with bench.database.write() as session:
            return pace.first(session, chore, now)

    minute = 1_800_000_000.0
    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(lambda now: asked("recover", now), [minute, minute, minute + 1, minute + 1])) == 1
    assert asked("empty_bin", minute)
    assert not asked("recover", minute + 59.9)
    assert asked("recover", minute + 60.0)
    assert not asked("recover", minute + 60.1)
    assert asked("recover", minute - 24 * 3600), "a clock that was wrong holds up nobody"


def test_who_does_one_thing_at_a_time_is_asked_one_thing_at_a_time(bench: Bench) -> None:
    class Solo(Sketch):
        capabilities: Capabilities = replace(Sketch.capabilities, at_once=1)

    provider: Provider = Solo()
    first, second = bench.submit(provider="sketch"), bench.submit(provider="sketch")
    with bench.database.write() as session:
        playing = session.get_one(Clip, first.id)
        playing.claim("another worker", bench.now + 10, bench.now)
        playing.submit(playing=True, now=bench.now)
    with bench.database.write() as session:
        waiting = session.get_one(Clip, second.id)
        assert pace.turn(session, waiting, provider, True, bench.now) > bench.now
        assert pace.turn(session, waiting, provider, True, bench.now + 11) == bench.now + 11, "its holder has died"


def test_looks_that_are_throttled_slow_down_looks_and_not_creates(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    bench.upstream.gateway.on_get(lambda exchange: exchange.send(reply(429, problem("later", retry_after=60))), times=1)
    bench.step()
    assert bench.clip(clip).next_look_at == bench.now + 60
    other = bench.submit("another")
    bench.queue.due.sort(key=lambda job: job[2] != other.id)
    bench.clips.advance(other.id)
    assert bench.clip(other).prediction_id is not None
    bench.clips.advance(other.id)
    assert bench.clip(other).next_look_at > bench.now + 50, "looks of others wait as well"
