"""Cycles a second with one and two web servers, one and two workers, on SQLite and on PostgreSQL, all on this machine.

A cycle is that of `cycles.py`. On SQLite all share one folder; on PostgreSQL it is the database and the queue.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from _ground import machine, middle, spread, tell
from cycles import CLIENTS, Tally, gateway, musician

from tests.chaos.crew import Worker
from tests.servers.postgres import Lasting
from tests.serving import Serving

WARM_UP = 4.0
WINDOW, WINDOWS = 3.0, 4
COUNTS = (1, 2)


def main() -> None:
    print(f"Scale: {CLIENTS} clients for {WINDOWS} times {WINDOW:.0f} s at each. {machine()}")
    with gateway() as (settings, _, _), Lasting() as postgres:
        for name in ("SQLite", "PostgreSQL"):
            first = 0.0
            for webs, workers in itertools.product(COUNTS, COUNTS):
                address = postgres.fresh()
                where = {"SEGUE_DATABASE_URL": address, "SEGUE_QUEUE_URL": address} if name == "PostgreSQL" else {}
                with tempfile.TemporaryDirectory() as folder, boxes(folder, webs, workers, settings | where) as ports:
                    rates = asyncio.run(measure(ports))
                found = middle(rates)
                first = first or found
                what = f"{name}, {webs} web server{'s'[: webs - 1]}, {workers} worker{'s'[: workers - 1]}"
                tell(what, found, "/s", f"{found / first:.2f} of one and one; {spread(rates)}", digits=1)


@contextmanager
def boxes(folder: str, webs: int, workers: int, settings: Mapping[str, str]) -> Iterator[list[int]]:
    """The ports of that many web servers."""
    data = Path(folder) / "data"
    with ExitStack() as running:
        servers = [running.enter_context(Serving(data, SEGUE_WORKERS="0", **settings)) for _ in range(webs)]
        for number in range(workers):
            running.enter_context(Worker(number, data, **settings))
        yield [server.port for server in servers]


async def measure(ports: list[int]) -> list[float]:
    """Cycles a second in each window, with the clients spread over the ports."""
    tally, stop = Tally(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for client in range(CLIENTS):
            group.create_task(musician(ports[client % len(ports)], client, tally, stop))
        await asyncio.sleep(WARM_UP)
        begin = time.monotonic()
        await asyncio.sleep(WINDOW * WINDOWS)
        stop.set()
    assert tally.succeeded == len(tally.clips), "something was lost"
    counts = Counter((at - begin) // WINDOW for at in tally.ends)
    return [counts[window] / WINDOW for window in range(WINDOWS)]


if __name__ == "__main__":
    main()
