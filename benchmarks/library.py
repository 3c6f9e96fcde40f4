"""A band's library with 10,000 and with 1,000,000 clips: pages, searches and filters; writes meanwhile; 500 who poll.

Clips of five members are put into a database of the studio's own making, index and all, hearts, shared ones and a bin
among them. The one who made most signs in over HTTP, and asks for everything from the studio as it is run, with limits
set. At the end it tells how much longer each page takes with the most clips than with the fewest.
`python benchmarks/library.py COUNT ...` takes other counts.
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

import requests
from _client import Connection, request
from _ground import machine, tell

from segue.db import Database
from segue.members import Members
from segue.models import Clip
from segue.recipe import SEEDS, Recipe
from tests.serving import Serving
from tests.visitor import hidden

COUNTS = (10_000, 1_000_000)
ROUNDS = 40
CLIENTS = 500
POLL_SECONDS = 60.0
POLL_EVERY = 5.0
"""Seconds between two polls of one client: what a page that has waited for a while does."""
WRITE_SECONDS = 5.0
NAMES = ("Ana", "Ben", "Cem", "Dan", "Eve")
SHARES = (29, 24, 24, 24, 24)
"""How the clips are spread over them: of a million, Ana, who asks, made 40,000 more than each of the others."""
LIMITS = "running=200 hour=1000 day=5000"
YEARS = 3 * 365 * 24 * 3600.0
"""Seconds in which all those clips were made."""
BIN = 29 * 24 * 3600.0
"""Seconds in which what is in the bin was thrown away: a day more, and the studio empties it."""
AT_WORK = 850.0
"""Seconds for which a clip that is not done is left alone; the studio believes in none that are much longer."""
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
    "mine": "/library?mine",
    "mine, with a word": "/library?mine&q=jazz",
    "hearts": "/library?hearts",
    "the bin": "/library/bin",
    "a clip's page": "/clips/{clip}",
    "the studio, under limits": "/",
}
COLUMNS = (
    "id, token, number, prompt_a, prompt_b, alpha, seed_image_id, denoising, num_inference_steps, provider, take, "
    "state, version, created_at, next_look_at, looks, stumbles, tries, held_until, tags, "
    "submitted_at, finished_at, member_id, shared_at, binned_at"
)


def main() -> None:
    """Measure each count in turn."""
    print(machine())
    medians = {}
    for count in [int(each) for each in sys.argv[1:]] or COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            medians[count] = measure(Path(folder) / "data", count)
    fewest, most = min(medians), max(medians)
    if fewest < most:
        print(f"\nGrowth: the median with {most:,} clips, for 1 with {fewest:,}")
        for name, median in medians[most].items():
            tell(name, median / medians[fewest][name], "")


def measure(data: Path, count: int) -> dict[str, float]:
    """Fill a library, and ask for it. The medians in milliseconds, by page."""
    data.mkdir()
    began = time.monotonic()
    database = Database(data / "segue.db")
    database.migrate()
    members = Members(database)
    invitation, *_ = [members.invite(name) for name in NAMES]
    ids = {member.name: member.id for member in members.everybody()}
    makers = [ids[name] for name in NAMES]
    fill(database, count, makers)
    waiting = at_work(database, makers)
    size = sum(path.stat().st_size for path in data.glob("segue.db*")) / 1e6
    print(f"\n{count:,} clips: filled in {time.monotonic() - began:.0f} s, {size:.0f} MB")
    medians = {}
    with Serving(data, SEGUE_MEMBER_LIMITS=LIMITS) as studio:
        cookie = sign_in(studio.address, invitation)
        for name, path in PAGES.items():
            address = path.format(middle=count // 2, clip=clip_id(count // 2))
            times = sorted(asyncio.run(ask(studio.port, cookie, address)))
            medians[name] = statistics.median(times)
            tell(f"{name}: median", medians[name], "ms", "", 1)
            tell(f"{name}: 95 of 100", times[int(len(times) * 0.95)], "ms", "under 50 ms", 1)
        writes, reads = write_while_reading(database, studio.port, cookie, makers[0])
        tell("clips written a second, while the library is read", writes, "/s")
        tell("library pages read a second meanwhile", reads, "/s")
        asyncio.run(polling(studio.port, cookie, waiting))
    database.close()
    return medians


def sign_in(address: str, invitation: str) -> str:
    """Accept an invitation as a browser would; its session's cookie."""
    with requests.Session() as http:
        door = f"{address}/invitations/{invitation}"
        token = hidden(http.get(door, timeout=30).text, "csrf_token")
        form = {"csrf_token": token, "password": "four words of mine"}
        answer = http.post(door, data=form, allow_redirects=False, timeout=30)
        assert answer.status_code == 303, answer.text
        return f"session={http.cookies['session']}"


def fill(database: Database, count: int, makers: list[str]) -> None:
    """Finished clips, and each member's hearts."""
    chance = random.Random(7)
    hearts = [
        (maker, clip_id(number)) for maker in makers for number in chance.sample(range(1, count + 1), count // 500)
    ]
    raw = database.writer.raw_connection()
    cursor = raw.cursor()
    marks = ", ".join("?" * len(COLUMNS.split(", ")))
    cursor.execute("BEGIN IMMEDIATE")
    cursor.executemany(f"INSERT INTO clip ({COLUMNS}) VALUES ({marks})", cast(Any, rows(count, makers)))  # noqa: S608
    cursor.executemany("INSERT INTO heart (member_id, clip_id) VALUES (?, ?)", hearts)
    cursor.execute("COMMIT")
    raw.close()


def at_work(database: Database, makers: list[str]) -> list[str]:
    """As many clips as there are clients to wait for them; their ids."""
    with database.write() as session:
        clips = [unfinished(f"waiting {number}", makers[number % len(makers)]) for number in range(CLIENTS)]
        for clip in clips:
            session.add(clip)
            session.flush()
        return [clip.id for clip in clips]


def unfinished(prompt: str, maker: str) -> Clip:
    """A clip that was asked for ten minutes ago, and that somebody else is said to be playing."""
    now = time.time()
    clip = Clip.of(Recipe(prompt), prompt, now - 600, member_id=maker)
    clip.claim("benchmark", now + AT_WORK, now)
    clip.wait(now + AT_WORK)
    return clip


def clip_id(number: int) -> str:
    return f"{number:020d}"


def rows(count: int, makers: list[str]) -> Iterator[tuple[object, ...]]:
    """What each clip's row holds."""
    chance = random.Random(5)
    seeds = [seed.id for seed in SEEDS]
    rare = [f"rare{number}" for number in range(3000)]
    now = time.time()
    for number in range(1, count + 1):
        state = "succeeded" if chance.random() < 0.93 else chance.choice(("failed", "canceled"))
        words = [" ".join([*chance.choices(COMMON, k=2), chance.choice(rare)]) for _ in "ab"]
        provider = "sketch" if chance.random() < 0.7 else "replicate"
        tags = "verse, bridge" if chance.random() < 0.01 else ""
        moment = now - YEARS * (1 - number / count)
        maker = chance.choices(makers, SHARES)[0]
        shared_at = moment if chance.random() < 0.05 else None
        binned_at = now - BIN * chance.random() if chance.random() < 0.01 else None
        yield (
            clip_id(number), f"token {number}", number, *words, 0.5, chance.choice(seeds), 0.75, 50, provider, 4,
            state, 1, moment, moment, 0, 0, 0, 0.0, tags, moment, moment, maker, shared_at, binned_at,
        )  # fmt: skip


async def ask(port: int, cookie: str, path: str) -> list[float]:
    """Milliseconds of each answer, once warm."""
    connection = await Connection.to(port)
    message = request("GET", path, {"Accept": "text/html", "Cookie": cookie})
    times = []
    for turn in range(ROUNDS + 3):
        began = time.perf_counter()
        answer = await connection.ask(message)
        if turn >= 3:
            times.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (path, answer.status)
    connection.close()
    return times


def write_while_reading(database: Database, port: int, cookie: str, maker: str) -> tuple[float, float]:
    """New clips and read pages a second, at the same time."""
    over = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not over.is_set():
            with database.write() as session:
                session.add(unfinished(f"new bells {written}", maker))
            written += 1

    async def read() -> int:
        connection, pages, end = await Connection.to(port), 0, time.monotonic() + WRITE_SECONDS
        message = request("GET", "/library?q=bells", {"Accept": "text/html", "Cookie": cookie})
        while time.monotonic() < end:
            assert (await connection.ask(message)).status == 200
            pages += 1
        connection.close()
        return pages

    writer = threading.Thread(target=write)
    writer.start()
    pages = asyncio.run(read())
    over.set()
    writer.join()
    return written / WRITE_SECONDS, pages / WRITE_SECONDS


async def polling(port: int, cookie: str, clips: list[str]) -> None:
    """Many pages that wait, each asking for its clip now and then, for a minute, with what it was told last."""
    times: list[float] = []
    errors = 0
    end = time.monotonic() + POLL_SECONDS

    async def wait(number: int) -> None:
        nonlocal errors
        await asyncio.sleep(random.uniform(0, POLL_EVERY))
        connection = await Connection.to(port)
        headers = {"Cookie": cookie}
        while time.monotonic() < end:
            began = time.perf_counter()
            try:
                answer = await connection.ask(request("GET", f"/clips/{clips[number]}/status", headers))
                errors += answer.status != (304 if "If-None-Match" in headers else 200)
                headers["If-None-Match"] = (answer.header(b"etag") or b"").decode()
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
