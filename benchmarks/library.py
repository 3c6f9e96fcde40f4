"""The library with 10,000 and with 1,000,000 clips: pages, searches and filters; writes meanwhile; 500 who poll.

Clips are put into a database of the studio's own making, index and all, and asked for over HTTP from the studio as it
is run. `python benchmarks/library.py COUNT` takes one count instead of both.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from _client import Connection, request
from _ground import machine, tell

from segue.db import Database
from segue.models import Clip
from segue.models.clip import new_id
from segue.recipe import SEEDS, Recipe
from tests.serving import Serving

COUNTS = (10_000, 1_000_000)
ROUNDS = 40
CLIENTS = 500
POLL_SECONDS = 60.0
POLL_EVERY = 5.0
"""Seconds between two polls of one client: what a page that has waited for a while does."""
WRITE_SECONDS = 5.0
COMMON = [
    "church",
    "bells",
    "jazz",
    "piano",
    "rain",
    "techno",
    "choir",
    "funk",
    "synth",
    "solo",
    "rap",
    "slow",
    "late",
    "night",
    "desert",
    "dub",
    "soft",
    "guitar",
]
PAGES = {
    "first page": "/library",
    "page in the middle": "/library?after={middle}",
    "oldest first": "/library?sort=oldest",
    "a common word": "/library?q=jazz",
    "two common words": "/library?q=jazz+bells",
    "a rare word": "/library?q=rare77",
    "no such word": "/library?q=nothinglikeit",
    "a seed": "/library?seed=vibes",
    "what failed": "/library?state=failed",
    "seed, provider and state": "/library?seed=agile&provider=sketch&state=failed",
    "word, seed and state": "/library?q=jazz+piano&seed=agile&state=succeeded",
    "filters that share nothing": "/library?provider=cog&state=succeeded",
    "a tag": "/library?tag=verse",
    "a clip's page": "/clips/{clip}",
    "the studio": "/",
}
COLUMNS = (
    "id, token, number, prompt_a, prompt_b, alpha, seed_image_id, denoising, num_inference_steps, provider, take, "
    "state, version, created_at, next_look_at, looks, stumbles, tries, held_until, tags"
)


def main() -> None:
    """Measure each count in turn."""
    print(machine())
    for count in [int(sys.argv[1])] if len(sys.argv) > 1 else COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder) / "data", count)


def measure(data: Path, count: int) -> None:
    """Fill a library, and ask for it."""
    data.mkdir()
    began = time.monotonic()
    database = Database(data / "segue.db")
    database.migrate()
    clips = fill(database, count)
    size = sum(path.stat().st_size for path in data.glob("segue.db*")) / 1e6
    print(f"\n{count:,} clips: filled in {time.monotonic() - began:.0f} s, {size:.0f} MB")
    with Serving(data) as studio:
        for name, path in PAGES.items():
            address = path.format(middle=count // 2, clip=clips[0])
            times = sorted(asyncio.run(ask(studio.port, address)))
            tell(f"{name}: median", statistics.median(times), "ms", "", 1)
            tell(f"{name}: 95 of 100", times[int(len(times) * 0.95)], "ms", "under 50 ms", 1)
        writes, reads = write_while_reading(database, studio.port)
        tell("clips written a second, while the library is read", writes, "/s")
        tell("library pages read a second meanwhile", reads, "/s")
        asyncio.run(polling(studio.port, clips))
    database.close()


def fill(database: Database, count: int) -> list[str]:
    """Finished clips, most of them; some ids."""
    ids = [new_id() for _ in range(200)]
    raw = database.writer.raw_connection()
    cursor = raw.cursor()
    marks = ", ".join("?" * len(COLUMNS.split(", ")))
    cursor.execute("BEGIN IMMEDIATE")
    cursor.executemany(f"INSERT INTO clip ({COLUMNS}) VALUES ({marks})", cast(Any, rows(count, ids)))  # noqa: S608
    cursor.execute("COMMIT")
    raw.close()
    return ids


def rows(count: int, ids: list[str]) -> Iterator[tuple[object, ...]]:
    """What each clip's row holds."""
    chance = random.Random(5)
    seeds = [seed.id for seed in SEEDS]
    rare = [f"rare{number}" for number in range(3000)]
    began = time.time() - count
    for number in range(1, count + 1):
        clip_id = ids[number - 1] if number <= len(ids) else f"{number:020d}"
        state = "succeeded" if chance.random() < 0.93 else chance.choice(("failed", "canceled"))
        words = [" ".join([*chance.choices(COMMON, k=2), chance.choice(rare)]) for _ in "ab"]
        provider = "sketch" if chance.random() < 0.7 else "replicate"
        tags = "verse, bridge" if chance.random() < 0.01 else ""
        moment = began + number
        yield (
            clip_id, f"token {number}", number, *words, 0.5, chance.choice(seeds), 0.75, 50, provider, 4,
            state, 1, moment, moment, 0, 0, 0, 0.0, tags,
        )  # fmt: skip


async def ask(port: int, path: str) -> list[float]:
    """Milliseconds of each answer, once warm."""
    connection = await Connection.to(port)
    times = []
    for turn in range(ROUNDS + 3):
        began = time.perf_counter()
        answer = await connection.ask(request("GET", path, {"Accept": "text/html"}))
        if turn >= 3:
            times.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (path, answer.status)
    connection.close()
    return times


def write_while_reading(database: Database, port: int) -> tuple[float, float]:
    """New clips and read pages a second, at the same time."""
    over = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not over.is_set():
            with database.write() as session:
                session.add(Clip.of(Recipe(f"new bells {written}"), f"new {written}", time.time() + 3600))
            written += 1

    async def read() -> int:
        connection, pages, end = await Connection.to(port), 0, time.monotonic() + WRITE_SECONDS
        while time.monotonic() < end:
            assert (await connection.ask(request("GET", "/library?q=bells", {"Accept": "text/html"}))).status == 200
            pages += 1
        connection.close()
        return pages

    writer = threading.Thread(target=write)
    writer.start()
    pages = asyncio.run(read())
    over.set()
    writer.join()
    return written / WRITE_SECONDS, pages / WRITE_SECONDS


async def polling(port: int, clips: list[str]) -> None:
    """Many pages that wait, each asking now and then, for a minute."""
    times: list[float] = []
    errors = 0
    end = time.monotonic() + POLL_SECONDS

    async def wait(number: int) -> None:
        nonlocal errors
        await asyncio.sleep(random.uniform(0, POLL_EVERY))
        connection = await Connection.to(port)
        path = f"/clips/{clips[number % len(clips)]}/status"
        while time.monotonic() < end:
            began = time.perf_counter()
            try:
                answer = await connection.ask(request("GET", path))
                errors += answer.status != 200
            except (OSError, TimeoutError):
                errors += 1
                connection = await Connection.to(port)
            times.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(POLL_EVERY)
        connection.close()

    await asyncio.gather(*(wait(number) for number in range(CLIENTS)))
    times.sort()
    tell(f"{CLIENTS} clients for a minute: polls a second", len(times) / POLL_SECONDS, "/s")
    tell("99 of 100 answered within", times[int(len(times) * 0.99)], "ms", "", 1)
    tell("errors", errors, "", "0", 0)


if __name__ == "__main__":
    main()
