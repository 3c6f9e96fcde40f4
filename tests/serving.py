"""The studio as people run it: `python app.py` in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import requests

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0
"""Seconds anything may take that ends by itself: the machine may be busy, or stand still for a while."""

_held: list[socket.socket] = []


class Serving:
    """A serving process on a free port, with its own data folder and only the settings given."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / f"{data.name}.log"
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SEGUE_", "REPLICATE_"))},
            "SEGUE_DATA": str(data),
            "SEGUE_PORT": str(self.port),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Serving:
        """Start it, and wait until it is ready."""
        self.begin()
        self.until_ready()
        return self

    def begin(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )

    def until_ready(self) -> None:
        """Wait until it has everything it needs."""
        assert self.process is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if requests.get(self.address + "/readyz", timeout=5).status_code == 200:
                    return
            except (requests.ConnectionError, requests.Timeout):
                assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        raise AssertionError(f"not ready after {PATIENCE} s:\n{self.log.read_text()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it with a signal; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.stop(signal.SIGKILL)

    def __enter__(self) -> Serving:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()


def free_port() -> int:
    """A port on which nobody listens but who is told of it here, as often as they like.

    It is held, not listened on, as long as this process lives: the system gives it to nobody else meanwhile.
    """
    held = socket.socket()
    for shared in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        held.setsockopt(socket.SOL_SOCKET, shared, 1)
    held.bind(("127.0.0.1", 0))
    _held.append(held)
    return int(held.getsockname()[1])
