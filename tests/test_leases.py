"""Leases: renewed while the work goes on, and the work ended once it is no longer wanted."""

from __future__ import annotations

import threading

import pytest
import requests

from segue.leases import LEASE_SECONDS, Leases
from segue.models import Clip
from segue.providers.connections import session
from segue.providers.timing import stopper, time_limit
from tests.bench import Bench
from tests.servers.host import Host
from tests.servers.riffusion import RiffusionServer
from tests.servers.wire import Exchange

pytestmark = pytest.mark.databases("sqlite", "postgresql")

PATIENCE = 20.0


def _claimed(bench: Bench, holder: str) -> Clip:
    clip = bench.submit()
    with bench.database.write() as session:
        session.get_one(Clip, clip.id).claim(holder, bench.now + LEASE_SECONDS, bench.now)
    return clip


def test_a_lease_is_renewed_for_as_long_as_the_work_goes_on(bench: Bench) -> None:
    leases = Leases(bench.database, lambda: bench.now, renew_seconds=0.02)
    with leases.held() as holder:
        clip = _claimed(bench, holder)
        for _ in range(3):
            bench.now += LEASE_SECONDS - 1
            renewed = threading.Event()
            for _ in range(500):
                if bench.clip(clip).held_until == bench.now + LEASE_SECONDS:
                    renewed.set()
                    break
                renewed.wait(0.02)
            assert renewed.is_set()
    bench.now += LEASE_SECONDS
    threading.Event().wait(0.1)
    assert bench.clip(clip).claimable(bench.now), "nobody renews what nobody works on"


def test_work_is_stopped_once_its_clip_is_canceled(bench: Bench) -> None:
    leases = Leases(bench.database, lambda: bench.now, renew_seconds=0.02)
    stopped = threading.Event()
    with leases.held() as holder:
        clip = _claimed(bench, holder)
        leases.watch(holder, stopped.set)
        assert not stopped.wait(0.2)
        bench.clips.cancel(clip.id)
        assert stopped.wait(PATIENCE)


class Silent(Host):
    """Never answers."""

    def serve(self, exchange: Exchange) -> None:
        exchange.wait(PATIENCE * 2)


def test_a_call_is_cut_from_outside() -> None:
    ended = threading.Event()
    stops = []

    def call() -> None:
        stops.append(stopper())
        try:
            with session(None) as client, time_limit(PATIENCE * 2):
                client.get(host.address, timeout=PATIENCE * 2)
        except requests.RequestException:
            ended.set()

    with Silent() as host:
        thread = threading.Thread(target=call)
        thread.start()
        while not host.connections:
            threading.Event().wait(0.01)
        threading.Event().wait(0.1)
        stops[0]()
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
