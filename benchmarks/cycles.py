"""Whole cycles a second, from the form to a kept clip, with 50 musicians at once against an instant gateway.

A cycle is what a browser does: get the form, press Blend, ask how the clip stands, at once and then as often as the
studio says, until both files are kept. Afterwards nothing may be lost: every clip succeeded and was made once.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from _client import Answer, Connection, request
from _ground import ROOT, cpu_seconds, machine, middle, spread, tell

from tests.serving import Serving, free_port

CLIENTS = 50
WARM_UP = 3.0
WINDOW = 15.0
CLIP_PATIENCE = 30.0
CHECKED = 50
"""Clips whose files are fetched in the end."""


@dataclass
class Tally:
    """What the musicians saw."""

    ends: list[float] = field(default_factory=list)
    lasted: list[float] = field(default_factory=list)
    clips: list[str] = field(default_factory=list)
    succeeded: int = 0
    requests: int = 0
    polls: int = 0


def main() -> None:
    print(f"Cycles: {CLIENTS} clients for {WINDOW:.0f} s. {machine()}")
    with (
        tempfile.TemporaryDirectory() as folder,
        gateway() as (settings, counts_port, gateway_pid),
        Serving(Path(folder) / "data", **settings) as studio,
    ):
        assert studio.process
        pids = {"studio": studio.process.pid, "gateway": gateway_pid}
        asyncio.run(measure(studio.port, counts_port, pids))


@contextmanager
def gateway() -> Iterator[tuple[dict[str, str], int, int]]:
    """An instant gateway in a process of its own: settings for the studio, its port, its process."""
    port = free_port()
    command = [sys.executable, "-m", "tests.servers", "--instant", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            words = process.stdout.readline().split()
            yield dict(word.split("=", 1) for word in words if "=" in word), port, process.pid
        finally:
            process.send_signal(signal.SIGTERM)


async def measure(port: int, counts_port: int, pids: dict[str, int]) -> None:
    tally = Tally()
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for client in range(CLIENTS):
            group.create_task(musician(port, client, tally, stop))
        await asyncio.sleep(WARM_UP)
        begin, before, mine = time.monotonic(), spent(pids), own_cpu()
        requests, polls = tally.requests, tally.polls
        await asyncio.sleep(WINDOW)
        end, after, mine = time.monotonic(), spent(pids), own_cpu() - mine
        requests, polls = tally.requests - requests, tally.polls - polls
        stop.set()

    lasted = [lasted for at, lasted in zip(tally.ends, tally.lasted, strict=True) if begin <= at < end]
    done = len(lasted)
    tell("cycles a second", done / (end - begin), "/s", "aim: at least 100", digits=1)
    tell("one cycle, in the middle", middle(lasted), "s", spread(lasted))
    tell("requests a cycle", requests / done, "", f"of them {polls / done:.2f} polls")
    for name in pids:
        tell(f"processor time a cycle: {name}", (after[name] - before[name]) / done * 1000, "ms")
    tell("processor time a cycle: these clients", mine / done * 1000, "ms")
    await check(port, counts_port, tally)


async def musician(port: int, client: int, tally: Tally, stop: asyncio.Event) -> None:
    connection = await Connection.to(port)
    cookie = ""
    number = 0
    while not stop.is_set():
        start = time.monotonic()
        page = await connection.ask(request("GET", "/", {"Cookie": cookie} if cookie else None))
        assert page.status == 200, page
        cookie = (page.header(b"set-cookie") or cookie.encode()).decode().partition(";")[0]
        number += 1
        body = filled_in(page, f"client {client} cycle {number}")
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        made = await connection.ask(request("POST", "/clips", headers, body))
        assert made.status == 303, made
        address = (made.header(b"location") or b"").decode()
        tally.clips.append(address)
        tally.requests += 2
        end = await follow(connection, address, tally)
        tally.succeeded += end == "succeeded"
        tally.ends.append(time.monotonic())
        tally.lasted.append(time.monotonic() - start)
    connection.close()


def filled_in(page: Answer, prompt: str) -> bytes:
    text = page.body.decode()
    fields = {name: hidden(text, name) for name in ("csrf_token", "token")}
    return urlencode({**fields, "prompt_a": prompt, "prompt_b": "jazz", "provider": "chainhub"}).encode()


def hidden(page: str, name: str) -> str:
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = tag and re.search(r'value="([^"]*)"', tag[0])
    assert value, f"no field {name} in the page"
    return unescape(value[1])


async def follow(connection: Connection, address: str, tally: Tally) -> str:
    """Ask until the clip is over; how it ended."""
    deadline = time.monotonic() + CLIP_PATIENCE
    etag = ""
    pause = None
    while time.monotonic() < deadline:
        answer = await connection.ask(request("GET", f"{address}/status", {"If-None-Match": etag} if etag else None))
        tally.requests += 1
        tally.polls += 1
        if answer.status == 200:
            standing = json.loads(answer.body)
            pause = standing["poll_after_ms"]
            if pause is None:
                return str(standing["status"])
            etag = (answer.header(b"etag") or b"").decode()
        assert pause is not None
        await asyncio.sleep(pause / 1000)
    return "never over"


async def check(port: int, counts_port: int, tally: Tally) -> None:
    """Nothing lost, nothing doubled, and the files are there."""
    connection = await Connection.to(counts_port)
    counts = json.loads((await connection.ask(request("GET", "/_counts"))).body)
    connection.close()
    connection = await Connection.to(port)
    kept = 0
    for address in tally.clips[-CHECKED:]:
        for file in ("audio", "spectrogram"):
            answer = await connection.ask(request("GET", f"{address}/{file}"))
            kept += answer.status == 200 and len(answer.body) > 0
    connection.close()
    clips = len(tally.clips)
    whole = (
        tally.succeeded == clips == len(set(tally.clips)) == counts["creates"]
        and set(counts["prompts"].values()) == {1}
        and kept == 2 * min(CHECKED, clips)
    )
    print(
        f"{clips} clips asked for, {tally.succeeded} succeeded, {counts['creates']} made upstream, "
        f"{kept} of {2 * min(CHECKED, clips)} files fetched: {'nothing lost' if whole else 'SOMETHING IS LOST'}"
    )
    if not whole:
        sys.exit(1)


def spent(pids: dict[str, int]) -> dict[str, float]:
    return {name: cpu_seconds(pid) for name, pid in pids.items()}


def own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
