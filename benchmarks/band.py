"""The built-in band: from a recipe to encoded audio and picture, on one core; memory; and eight at once.

Each figure comes from a process of its own that has played one clip before, so that what loads once is not counted;
the first clip of a fresh process is told apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from _ground import ROOT, machine, middle, spread, tell

BLENDS = (
    ("funk slap bass", "church bells"),
    ("swing jazz trumpet", "berlin techno"),
    ("acoustic folk violin", "heavy metal guitar"),
    ("ambient choir", "drum and bass"),
    ("salsa with piano", "orchestra"),
    ("lo-fi rain", "uplifting trance"),
    ("solo piano", "a cappella gospel"),
    ("sitar and tabla", "synthwave"),
)
ROUNDS = 3
AT_ONCE = 8
ONE_CORE = {0}


def main() -> None:
    print(f"The band: {len(BLENDS)} blends at alpha 0.5, {ROUNDS} rounds. {machine()}")
    first = ask("first")
    tell("first clip of a fresh process, modules loaded with it", first["seconds"], "s")
    one = ask("one")
    tell("a clip: audio", middle(one["play"]), "s CPU", spread(one["play"]))
    tell("a clip: FLAC and picture", middle(one["encode"]), "s CPU", spread(one["encode"]))
    tell(
        "a clip, all of it, one core", middle(one["all"]), "s CPU", f"aim: under 0.6, better 0.3; {spread(one['all'])}"
    )
    tell("memory at its peak, over a process with the same modules loaded", one["megabytes"], "MB", "aim: under 150", 0)
    many = ask("many")
    tell("eight at once, a core for all of them", many["one core"], "s a clip")
    tell(
        "eight at once, all cores",
        many["all cores"],
        "s a clip",
        f"{many['one core'] / many['all cores']:.2f} times as fast",
    )
    tell("the same for eight at once", many["megabytes"], "MB", digits=0)


def ask(what: str) -> dict[str, Any]:
    """The figures of a fresh process."""
    answer = subprocess.run(
        [sys.executable, __file__, what],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(answer.stdout)
    return figures


def clip(number: int) -> tuple[float, float]:
    """The processor seconds of one clip: playing it, and writing its files."""
    from segue.audio.files import encode_flac
    from segue.audio.spectrogram import encode_picture
    from segue.sketch import play

    a, b = BLENDS[number % len(BLENDS)]
    began = time.thread_time()
    sound = play(a, b, 0.5, "vibes", 0.75, 50, number)
    played = time.thread_time()
    encode_flac(sound)
    encode_picture(sound.mean(axis=1))
    return played - began, time.thread_time() - played


def first() -> dict[str, Any]:
    began = time.monotonic()
    clip(0)
    return {"seconds": time.monotonic() - began}


def one() -> dict[str, Any]:
    os.sched_setaffinity(0, ONE_CORE)
    idle = loaded_megabytes()
    clip(0)
    costs = [clip(number) for number in range(ROUNDS * len(BLENDS))]
    return {
        "play": [play for play, _ in costs],
        "encode": [encode for _, encode in costs],
        "all": [play + encode for play, encode in costs],
        "megabytes": peak_megabytes() - idle,
    }


def many() -> dict[str, Any]:
    cores = os.sched_getaffinity(0)
    idle = loaded_megabytes()
    clip(0)
    figures: dict[str, Any] = {}
    for name, allowed in (("one core", ONE_CORE), ("all cores", cores)):
        with ThreadPoolExecutor(AT_ONCE, initializer=os.sched_setaffinity, initargs=(0, allowed)) as pool:
            began = time.monotonic()
            list(pool.map(clip, range(ROUNDS * AT_ONCE)))
            figures[name] = (time.monotonic() - began) / (ROUNDS * AT_ONCE)
    return figures | {"megabytes": peak_megabytes() - idle}


def loaded_megabytes() -> float:
    from segue.audio import files, spectrogram
    from segue.sketch import band

    assert files and spectrogram and band
    return peak_megabytes()


def peak_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps({"first": first, "one": one, "many": many}[sys.argv[1]]()))
    else:
        main()
