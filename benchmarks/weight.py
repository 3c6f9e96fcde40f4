"""What a first visit moves, in a real browser with nothing kept: requests and kilobytes of the studio and of a clip.

Against them stands a Gradio demo of the same form, where Gradio can be installed. It gets a virtual environment of its
own among the temporary files, which is there the next time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests
from _ground import ROOT, machine, tell
from playwright.sync_api import Browser, Request, sync_playwright

from tests.browser.chromium import ARGUMENTS, find
from tests.serving import Serving, free_port
from tests.visitor import Visitor

CLIPS = 6
"""Clips in the list of recent ones: each makes the studio's page a little longer."""
SETTLE_MS = 1500
DEMO_PATIENCE = 60.0
INSTALL_PATIENCE = 300.0
MEDIA = ("/audio", "/spectrogram", "/picture")


@dataclass
class Load:
    """What one visit moved, heads and bodies, as they went over the wire."""

    requests: int = 0
    weighed: Counter[str] = field(default_factory=Counter)
    worker: int = 0

    def add(self, request: Request) -> None:
        sizes = request.sizes()
        moved = sizes["responseHeadersSize"] + sizes["responseBodySize"]
        path = urlsplit(request.url).path
        if request.service_worker or path == "/sw.js":
            # Once all is there and shown, and for the next time only.
            self.worker += moved
            return
        self.requests += 1
        kind = "media" if path.endswith(MEDIA) else request.resource_type
        self.weighed[kind] += moved

    @property
    def media(self) -> int:
        return self.weighed["media"]

    @property
    def page(self) -> int:
        return self.weighed.total() - self.media


def main() -> None:
    print(f"Weight of a first visit. {machine()}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=list(ARGUMENTS))
        with tempfile.TemporaryDirectory() as folder, Serving(Path(folder) / "data") as studio:
            visitor = Visitor(studio.address)
            clips = [
                visitor.blend(prompt_a=f"church bells {each}", prompt_b="late night jazz") for each in range(CLIPS)
            ]
            for clip in clips:
                visitor.wait(clip)
            report("studio", visit(browser, studio.address), "aim: at most 60 kB, 12 requests")
            report("clip", visit(browser, f"{studio.address}/clips/{clips[0]}"), "aim: at most 60 kB beside media")
        with demo() as address:
            if address:
                report("Gradio demo", visit(browser, address))
        browser.close()


def visit(browser: Browser, address: str) -> Load:
    """What a new visitor's browser moves until the network is quiet."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    done: list[Request] = []

    def note(request: Request) -> None:
        done.append(request)

    context.on("requestfinished", note)
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(SETTLE_MS)
    load = Load()
    for request in done:
        load.add(request)
    context.close()
    return load


def report(what: str, load: Load, aim: str = "") -> None:
    parts = ", ".join(f"{kind} {moved / 1000:.1f}" for kind, moved in load.weighed.most_common())
    tell(f"{what}: moved before it is quiet, media aside", load.page / 1000, "kB", f"{aim}; {parts}".lstrip("; "), 1)
    tell("  requests", load.requests, "", digits=0)
    if load.media:
        tell("  media", load.media / 1000, "kB", digits=1)
    if load.worker:
        tell("  afterwards, by the worker", load.worker / 1000, "kB", digits=1)


@contextmanager
def demo() -> Iterator[str | None]:
    """The address of the demo while it runs, or None, having said why."""
    python = with_gradio()
    if python is None:
        print("Gradio cannot be installed here, so there is nothing to measure against.")
        yield None
        return
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environ = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
    script = ROOT / "benchmarks" / "_gradio_demo.py"
    with subprocess.Popen([python, script, str(port)], env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            yield address if _answers(address) else None
        finally:
            process.terminate()


def with_gradio() -> Path | None:
    """A Python that has Gradio, or None."""
    home = Path(tempfile.gettempdir()) / "segue-gradio"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    install: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "gradio"]
    try:
        subprocess.run(install, check=True, timeout=INSTALL_PATIENCE, stdout=sys.stderr, stderr=subprocess.DEVNULL)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return python


def _answers(address: str) -> bool:
    deadline = time.monotonic() + DEMO_PATIENCE
    while time.monotonic() < deadline:
        try:
            return requests.get(address, timeout=10).ok
        except requests.ConnectionError:
            time.sleep(0.1)
    print("The Gradio demo does not start here, so there is nothing to measure against.")
    return False


if __name__ == "__main__":
    main()
