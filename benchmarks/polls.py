"""Status polls a second, against a bare Flask JSON view on the same server class, in turns within one run.

Each turn asks the bare view, then a finished and a running clip, each with and without If-None-Match, through the same
client. The ratios are of answers a second within a turn, and of processor time an answer costs its server.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from _client import Connection, request
from _ground import ROOT, cpu_seconds, machine, middle, tell

from tests.servers.life import STUCK
from tests.servers.upstream import Upstream
from tests.serving import Serving, free_port
from tests.visitor import Visitor

CONNECTIONS = 16
TURNS = 7
SECONDS = 1.0
WARM_UP = 0.5
BARE = "bare Flask JSON view"


@dataclass(frozen=True)
class Target:
    """What is asked, of whom. `conditional`: the last ETag is sent along, as the page does."""

    name: str
    port: int
    pid: int
    path: str
    conditional: bool = False


@dataclass(frozen=True)
class Pace:
    """What a turn measured: answers a second, and seconds of processor time for each."""

    rate: float
    cost: float


def main() -> None:
    print(f"Polls: {CONNECTIONS} connections, {TURNS} turns of {SECONDS:.0f} s each. {machine()}")
    with Upstream(recording=False) as upstream, tempfile.TemporaryDirectory() as folder:
        upstream.gateway.script = STUCK
        settings = {
            "SEGUE_CHAINHUB_KEY": upstream.gateway.key,
            "SEGUE_CHAINHUB_URL": upstream.gateway.base,
            "SEGUE_FILE_HOSTS": upstream.files.netloc,
        }
        with Serving(Path(folder) / "data", **settings) as studio, bare_server() as bare:
            report(asyncio.run(measure(targets(studio, bare))))


def targets(studio: Serving, bare: Target) -> list[Target]:
    assert studio.process
    port, pid = studio.port, studio.process.pid
    visitor = Visitor(studio.address)
    finished = visitor.blend(prompt_a="finished", provider="sketch")
    visitor.wait(finished)
    running = visitor.blend(prompt_a="running", provider="chainhub")
    while visitor.status(running)["status"] != "processing":
        time.sleep(0.1)
    return [
        bare,
        Target("finished clip", port, pid, f"/clips/{finished}/status"),
        Target("finished clip, If-None-Match", port, pid, f"/clips/{finished}/status", conditional=True),
        Target("running clip", port, pid, f"/clips/{running}/status"),
        Target("running clip, If-None-Match", port, pid, f"/clips/{running}/status", conditional=True),
    ]


@contextmanager
def bare_server() -> Iterator[Target]:
    port = free_port()
    with subprocess.Popen([sys.executable, "benchmarks/_bare.py", str(port)], cwd=ROOT) as process:
        try:
            wait_for(port)
            yield Target(BARE, port, process.pid, "/clips/k3f9abcdefghijkmnpqr/status")
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            return asyncio.run(_knock(port))
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")


async def _knock(port: int) -> None:
    (await Connection.to(port)).close()


async def measure(asked: list[Target]) -> dict[str, list[Pace]]:
    paces: dict[str, list[Pace]] = defaultdict(list)
    for target in asked:
        await pace(target, WARM_UP)
    for _ in range(TURNS):
        for target in asked:
            paces[target.name].append(await pace(target, SECONDS))
    return paces


async def pace(target: Target, seconds: float) -> Pace:
    """Ask as fast as the answers come, for so long."""
    connections = [await Connection.to(target.port) for _ in range(CONNECTIONS)]
    cpu, start = cpu_seconds(target.pid), time.monotonic()
    counts = await asyncio.gather(*(keep_asking(each, target, start + seconds) for each in connections))
    took, cpu = time.monotonic() - start, cpu_seconds(target.pid) - cpu
    for connection in connections:
        connection.close()
    return Pace(sum(counts) / took, cpu / sum(counts))


async def keep_asking(connection: Connection, target: Target, until: float) -> int:
    count = 0
    message = request("GET", target.path)
    while time.monotonic() < until:
        answer = await connection.ask(message)
        assert answer.status in (200, 304), answer
        count += 1
        if target.conditional and answer.status == 200:
            etag = (answer.header(b"etag") or b"").decode()
            message = request("GET", target.path, {"If-None-Match": etag})
    return count


def report(paces: dict[str, list[Pace]]) -> None:
    bare = paces.pop(BARE)
    tell(BARE, middle([pace.rate for pace in bare]), "/s", f"{middle([pace.cost for pace in bare]) * 1e6:.0f} us", 0)
    for name, measured in paces.items():
        rate, cost = middle([pace.rate for pace in measured]), middle([pace.cost for pace in measured])
        tell(name, rate, "/s", f"{cost * 1e6:.0f} us", 0)
        pairs = list(zip(measured, bare, strict=True))
        tell(
            "  of the bare view's pace", middle([mine.rate / its.rate for mine, its in pairs]), "", "aim: at least 0.6"
        )
        tell(
            "  of the bare view's economy",
            middle([its.cost / mine.cost for mine, its in pairs]),
            "",
            "by processor time",
        )


if __name__ == "__main__":
    main()
