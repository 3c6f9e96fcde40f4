"""From `python app.py` to the first page, and what it weighs: memory idle and after 50 clips, work while idle."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from _ground import ROOT, cpu_seconds, machine, megabytes, middle, spread, tell

from tests.serving import Serving, free_port
from tests.visitor import Visitor

STARTS = 7
CLIPS = 50
IDLE_SECONDS = 5.0
SETTLE = 1.0
PATIENCE = 30.0
CLIPS_PATIENCE = 120.0


def main() -> None:
    print(f"Cold start: {STARTS} starts, then {CLIPS} clips by the band. {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        starts(Path(folder))
        with Serving(Path(folder) / "data") as studio:
            weigh(studio)


def starts(folder: Path) -> None:
    fresh = [start(folder / f"fresh{number}")[0] for number in range(STARTS)]
    tell("to the first page, new data folder", middle(fresh), "s", spread(fresh))
    start(folder / "data")
    known = [start(folder / "data") for _ in range(STARTS)]
    waits = [wait for wait, _ in known]
    tell("to the first page, data folder as before", middle(waits), "s", f"aim: under 0.8; {spread(waits)}")
    tell("  processor time of it", middle([cost for _, cost in known]), "s")


def start(data: Path) -> tuple[float, float]:
    """Seconds from the command to the first page, and processor time spent on it."""
    port = free_port()
    ours = ("SEGUE_", "REPLICATE_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environ |= {"SEGUE_DATA": str(data), "SEGUE_PORT": str(port)}
    began = time.monotonic()
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            until_a_page(port, began + PATIENCE)
            return time.monotonic() - began, cpu_seconds(process.pid)
        finally:
            process.terminate()


def until_a_page(port: int, deadline: float) -> None:
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return
        except ConnectionError:
            time.sleep(0.005)
        finally:
            connection.close()
    raise TimeoutError("no page came")


def weigh(studio: Serving) -> None:
    assert studio.process
    pid = studio.process.pid
    visitor = Visitor(studio.address)
    visitor.form()
    time.sleep(SETTLE)
    tell("memory, idle", megabytes(pid), "MB", "aim: under 130", 0)
    tell("idle work", idle_share(pid) * 100, "%", "of a core; aim: under 2")
    before, began = cpu_seconds(pid), time.monotonic()
    clips = [visitor.blend(prompt_a=f"church bells {number}", prompt_b="late night jazz") for number in range(CLIPS)]
    ends = [visitor.wait(clip, CLIPS_PATIENCE, pause=0.2)["status"] for clip in clips]
    assert ends == ["succeeded"] * CLIPS
    tell(f"a clip by the band, of {CLIPS} asked for at once", (time.monotonic() - began) / CLIPS, "s")
    tell("  processor time of it", (cpu_seconds(pid) - before) / CLIPS, "s")
    time.sleep(SETTLE)
    tell(f"memory after {CLIPS} clips", megabytes(pid), "MB", "aim: under 200", 0)
    tell(f"idle work after {CLIPS} clips", idle_share(pid) * 100, "%", "of a core; aim: under 2")


def idle_share(pid: int) -> float:
    before, began = cpu_seconds(pid), time.monotonic()
    time.sleep(IDLE_SECONDS)
    return (cpu_seconds(pid) - before) / (time.monotonic() - began)


if __name__ == "__main__":
    main()
