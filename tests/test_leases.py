"""Leases: renewed while the work goes on, and the work ended once it is no longer wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from sqlalchemy import event
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.orm import Session

from segue.clips import Clips
from segue.db import Database
from segue.leases import AGAIN_SECONDS, LEASE_SECONDS, RENEW_SECONDS, Leases
from segue.models import Clip
from segue.providers.connections import session
from segue.providers.timing import stopper, time_limit
from tests.bench import Bench
from tests.servers.host import Host
from tests.servers.riffusion import RiffusionServer
from tests.servers.wire import Exchange
from tests.serving import PATIENCE

pytestmark = pytest.mark.databases("sqlite", "postgresql")

PAUSE = LEASE_SECONDS + AGAIN_SECONDS


def _claim(bench: Bench, clip: Clip, holder: str) -> None:
    with bench.database.write() as session:
        session.get_one(Clip, clip.id).claim(holder, bench.now + LEASE_SECONDS, bench.now)


def _at_rest(leases: Leases) -> None:
    """Wait until nobody renews any more: a round that was under way has looked after all it had to."""
    looked, leave = threading.Event(), threading.Event()

    def stay() -> None:
        looked.set()
        leave.wait(PATIENCE)

    with leases.held("no clip") as nobody:
        leases.watch(nobody, stay)
        assert looked.wait(PATIENCE)
    leave.set()


def test_a_lease_is_renewed_for_as_long_as_the_work_goes_on(bench: Bench) -> None:
    leases = Leases(bench.database, lambda: bench.now, renew_seconds=0.02)
    clip = bench.submit()
    with leases.held(clip.id) as holder:
        _claim(bench, clip, holder)
        for _ in range(3):
            bench.now += LEASE_SECONDS - 1
            renewed = threading.Event()
            for _ in range(3000):
                if bench.clip(clip).held_until == bench.now + LEASE_SECONDS:
                    renewed.set()
                    break
                renewed.wait(0.02)
            assert renewed.is_set()
    _at_rest(leases)
    until = bench.clip(clip).held_until
    bench.now += LEASE_SECONDS
    threading.Event().wait(0.2)
    assert bench.clip(clip).held_until == until, "nobody renews what nobody works on"


def test_a_holder_is_taken_for_dead_by_our_own_clock_whatever_its_lease_says(bench: Bench) -> None:
    """A box whose clock is ahead of the others' sees every lease run out."""
    ahead = Leases(bench.database, lambda: bench.now + 15, renew_seconds=0.02)
    clip = bench.submit()
    _claim(bench, clip, "a worker elsewhere")
    assert ahead.until_gone(bench.clip(clip), bench.now + 15) == PAUSE
    assert ahead.until_gone(bench.clip(clip), bench.now + 15) is None, "it is watched already"
    bench.now += LEASE_SECONDS
    _claim(bench, clip, "a worker elsewhere")
    assert ahead.until_gone(bench.clip(clip), bench.now + 15) == PAUSE, "it was renewed meanwhile"
    bench.now += LEASE_SECONDS
    assert ahead.until_gone(bench.clip(clip), bench.now + 15) == 0.0
    assert ahead.until_gone(bench.clip(clip), bench.now + 15) == PAUSE
    bench.now += LEASE_SECONDS * 10
    assert ahead.until_gone(bench.clip(clip), bench.now + 15) == PAUSE, "who slept has seen nothing"


def test_what_waits_for_its_turn_is_held_by_nobody(bench: Bench) -> None:
    """Else the next turn would be spent on finding out again that its holder is dead."""
    clip = bench.submit()
    _claim(bench, clip, "a worker elsewhere")
    with bench.database.write() as session:
        session.get_one(Clip, clip.id).wait(bench.now + 60)
    waiting = bench.clip(clip)
    assert (waiting.holder, waiting.next_look_at) == (None, bench.now + 60)


def test_a_look_that_had_to_be_waited_for_proves_nothing(bench: Bench) -> None:
    """While a database is frozen, its holder waits for it as well."""
    leases = Leases(bench.database, lambda: bench.now)
    clip = bench.submit()
    _claim(bench, clip, "a worker elsewhere")
    assert leases.until_gone(bench.clip(clip), bench.now) == PAUSE
    bench.now += LEASE_SECONDS
    assert leases.until_gone(bench.clip(clip), bench.now - RENEW_SECONDS) == PAUSE
    bench.now += LEASE_SECONDS
    assert leases.until_gone(bench.clip(clip), bench.now) == 0.0


def test_nobody_takes_over_what_could_not_be_renewed_while_the_database_was_away(bench: Bench) -> None:
    leases = Leases(bench.database, lambda: bench.now, renew_seconds=0.02)
    clip = bench.submit()
    _claim(bench, clip, "a worker elsewhere")
    held = bench.clip(clip)
    assert leases.until_gone(held, bench.now) == PAUSE
    away = iter(
        [OperationalError("SELECT 1", {}, Exception("gone")), InternalError("SELECT 1", {}, Exception("cut off"))]
    )

    def deed() -> str:
        for error in away:
            raise error
        return "done"

    assert leases.insist(deed) == "done"
    bench.now += LEASE_SECONDS
    assert leases.until_gone(held, bench.now) == PAUSE


class Forgetful(Database):
    """It keeps what it was told first, and that it did is never heard."""

    lost = 1

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
        if self.lost:
            self.lost -= 1
            raise OperationalError("COMMIT", {}, Exception("the connection was cut"))


def test_a_claim_whose_answer_was_lost_is_made_again(bench: Bench) -> None:
    clip = bench.submit()
    forgetful = Forgetful(bench.database.where)
    Clips(forgetful, bench.providers, bench.media, bench.queue, clock=lambda: bench.now).advance(clip.id)
    forgetful.close()
    assert bench.clip(clip).prediction_id == bench.upstream.gateway.creates[0].id
    assert len(bench.upstream.gateway.creates) == 1


def test_leases_are_renewed_without_a_walk_through_the_table(bench: Bench) -> None:
    """Every process does so every few seconds, while it holds the write lock."""
    asked: list[str] = []

    @event.listens_for(bench.database.writer, "before_cursor_execute")
    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        asked.append(statement)

    leases = Leases(bench.database, lambda: bench.now, renew_seconds=0.02)
    clip = bench.submit()
    with leases.held(clip.id) as holder:
        _claim(bench, clip, holder)
        bench.now += 1
        while bench.clip(clip).held_until != leases.until():
            threading.Event().wait(0.02)
    _at_rest(leases)
    assert any("SET held_until" in statement and "clip.id IN" in statement for statement in asked)


def test_work_is_stopped_once_its_clip_is_canceled(bench: Bench) -> None:
    leases = Leases(bench.database, lambda: bench.now, renew_seconds=0.02)
    stopped = threading.Event()
    clip = bench.submit()
    with leases.held(clip.id) as holder:
        _claim(bench, clip, holder)
        leases.watch(holder, stopped.set)
        assert not stopped.wait(0.2)
        bench.clips.cancel(clip.id)
        assert stopped.wait(PATIENCE)
    _at_rest(leases)


class Silent(Host):
    """Never answers."""

    def serve(self, exchange: Exchange) -> None:
        exchange.wait(PATIENCE * 2)


@pytest.mark.parametrize("connected", [True, False])
def test_a_call_is_cut_from_outside(connected: bool) -> None:
    begun, stopped, ended = (threading.Event() for _ in range(3))
    stops = []

    def call() -> None:
        stops.append(stopper())
        try:
            with session(None) as client, time_limit(PATIENCE * 2):
                begun.set()
                assert connected or stopped.wait(PATIENCE)
                client.get(host.address, timeout=PATIENCE * 2)
        except requests.RequestException:
            ended.set()

    with Silent() as host:
        thread = threading.Thread(target=call)
        thread.start()
        assert begun.wait(PATIENCE)
        while connected and not host.connections:
            threading.Event().wait(0.01)
        stops[0]()
        stopped.set()
        assert ended.wait(PATIENCE)
        thread.join()


def test_a_canceled_run_of_a_server_that_hangs_gives_its_worker_back(bench: Bench) -> None:
    def hang(exchange: Exchange) -> None:
        exchange.wait(PATIENCE * 3)

    with RiffusionServer() as server:
        server.on_run(hang)
        with Bench(bench.folder / "own", bench.upstream, {"SEGUE_RIFFUSION_URL": server.address}) as own:
            clip = own.submit(provider="riffusion")
            worker = threading.Thread(target=own.step)
            worker.start()
            while not server.requests:
                threading.Event().wait(0.01)
            own.clips.cancel(clip.id)
            worker.join(PATIENCE)
            assert not worker.is_alive()
