"""The queue, wherever it is: jobs arrive once, early ones wait, and a server that was away is found again."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from segue.errors import QueueError, SettingsError, Unreachable
from segue.jobs import Jobs
from segue.logs import Plain
from tests.servers.daemon import Daemon
from tests.servers.postgres import PASSWORD, Postgres
from tests.servers.redis import Redis
from tests.serving import PATIENCE, free_port

KINDS = ("sqlite", "postgresql", "redis")


class Service:
    """What jobs call, noting what arrived."""

    def __init__(self) -> None:
        self.arrived: list[str] = []

    def advance(self, clip_id: str) -> None:
        self.arrived.append(clip_id)

    def call_off(self, clip_id: str) -> None:
        self.arrived.append(f"off {clip_id}")

    def recover(self) -> None:
        self.arrived.append("recovered")

    def expect(self, found: Callable[[list[str]], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not found(self.arrived):
            assert time.monotonic() < deadline, self.arrived
            time.sleep(0.02)


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    with Redis() as running:
        yield running


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where a queue is that nothing was in yet."""
    if request.param == "sqlite":
        yield tmp_path / "queue.db"
    elif request.param == "redis":
        server: Redis = request.getfixturevalue("redis")
        server.restart()
        yield server.address
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        address = postgres.fresh()
        yield address
        postgres.drop(address)


@pytest.fixture
def service() -> Service:
    return Service()


@contextmanager
def _open(place: Path | str, service: Service, first: Callable[[str], bool] = lambda chore: True) -> Iterator[Jobs]:
    jobs = Jobs(place)
    emptied, weighed = (partial(service.arrived.append, chore) for chore in ("emptied", "weighed"))
    jobs.serve(service, emptied, weighed, first)  # type: ignore[arg-type]
    yield jobs
    jobs._huey.storage.close()


@contextmanager
def _working(*jobs: Jobs, workers: int = 2) -> Iterator[None]:
    consumers = [each.embedded(workers) for each in jobs]
    for consumer in consumers:
        consumer.start()
    try:
        yield
    finally:
        for consumer in consumers:
            consumer.stop(graceful=True)


def test_what_is_put_in_arrives_once_whoever_takes_it(place: Path | str, service: Service) -> None:
    with _open(place, service) as web, _open(place, service) as one, _open(place, service) as other:
        for number in range(40):
            web.advance(f"clip {number}")
        web.call_off("clip 3")
        with _working(one, other):
            service.expect(lambda arrived: "off clip 3" in arrived and len(arrived) >= 41)
            time.sleep(0.3)
    mine = [name for name in service.arrived if "clip" in name]
    assert sorted(mine) == sorted([*(f"clip {number}" for number in range(40)), "off clip 3"])


def test_what_is_for_later_waits_in_every_time_zone(
    place: Path | str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _open(place, service) as here, _open(place, service) as there:
        here.advance("soon", delay=8.0)
        here.advance("much later", delay=900.0)
        with _working(here):
            service.expect(lambda _: here._huey.scheduled_count() == 2)
        assert service.arrived.count("soon") == 0
        # A file is on one machine only; a server may be asked from anywhere.
        if not isinstance(place, Path):
            monkeypatch.setenv("TZ", "Asia/Tokyo")
            time.tzset()
        try:
            with _working(there):
                service.expect(lambda arrived: "soon" in arrived)
        finally:
            monkeypatch.undo()
            time.tzset()
    assert service.arrived.count("soon") == 1
    assert "much later" not in service.arrived


def test_a_chore_is_seen_to_by_one_of_those_who_are_reminded_of_it(place: Path | str, service: Service) -> None:
    asked: list[str] = []
    lock = threading.Lock()

    def first(chore: str) -> bool:
        with lock:
            asked.append(chore)
            return asked.count(chore) == 1

    with _open(place, service, first) as one, _open(place, service, first) as other, _working(one, other):
        deadline = time.monotonic() + PATIENCE
        while asked.count("recover") < 2 or asked.count("weigh") < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert service.arrived.count("recovered") == service.arrived.count("weighed") == 1


@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_a_queue_that_is_away_fails_nobody_and_is_found_again(
    kind: str, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    server: Daemon = Redis() if kind == "redis" else Postgres()
    with server:
        address = server.address if isinstance(server, Redis) else server.fresh()  # type: ignore[attr-defined]
        with _open(address, service) as web, _open(address, service) as worker, _working(worker):
            web.advance("before")
            service.expect(lambda arrived: "before" in arrived)
            server.restart()
            web.advance("at once")
            service.expect(lambda arrived: "at once" in arrived)
            server.stop()
            web.advance("lost")
            with pytest.raises(QueueError):
                web.ping()
            server.start()
            web.advance("after")
            service.expect(lambda arrived: "after" in arrived)
    assert "recovery will find it" in caplog.text
    assert any(record.exc_info for record in caplog.records)
    assert "Traceback" not in "".join(map(Plain(re.compile("$.")).format, caplog.records))
    assert "do-not-tell" not in caplog.text


@pytest.mark.parametrize("scheme", ["postgresql", "redis"])
def test_a_queue_that_is_not_there_is_said_plainly(scheme: str, service: Service) -> None:
    port = free_port()
    with (
        pytest.raises(Unreachable, match=r"cannot use its queue .*SEGUE_QUEUE_URL") as told,
        _open(f"{scheme}://segue:do-not-tell@127.0.0.1:{port}/0", service),
    ):
        pass
    assert f"127.0.0.1:{port}" in told.value.message
    assert "do-not-tell" not in told.value.message
    assert told.value.exit_code == 1, "a service manager may try again"


def test_a_queue_that_refuses_does_not_come_right_by_itself(redis: Redis, postgres: Postgres, service: Service) -> None:
    wrong = (
        redis.address.replace("://", "://segue:do-not-guess@"),
        postgres.address("postgres").replace(PASSWORD, "x"),
    )
    for address in wrong:
        with pytest.raises(SettingsError, match="cannot use its queue") as told, _open(address, service):
            pass
        assert told.value.exit_code == 2


def test_what_is_in_the_queue_can_be_read_and_is_never_run(place: Path | str, service: Service) -> None:
    with _open(place, service) as jobs:
        jobs.advance("a clip")
        [job] = jobs._huey.storage.enqueued_items()
        assert json.loads(job)["args"] == ["a clip"]
        jobs._huey.storage.enqueue(b"cos\nsystem\n(S'touch /tmp/owned'\ntR.")
        with _working(jobs):
            service.expect(lambda arrived: "a clip" in arrived)
            jobs.advance("another")
            service.expect(lambda arrived: "another" in arrived)
    assert not Path("/tmp/owned").exists()  # noqa: S108
