"""A real server as a process of its own, on a free port of loopback, that can be restarted."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.serving import PATIENCE, free_port


class Daemon:
    """Subclasses say what to run, and when it is ready. `stop_signal` ends it at once, whoever is connected."""

    stop_signal = signal.SIGTERM

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"segue-{type(self).__name__.lower()}-"))
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What to run."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether it answers."""
        raise NotImplementedError

    def start(self) -> Self:
        """Start it, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, **self.owner())
        deadline = time.monotonic() + PATIENCE
        while not self.ready():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.02)
        return self

    def stop(self, how: signal.Signals | None = None) -> None:
        """Stop it, with another signal than usual if one is given; every connection is cut."""
        if self._process is not None:
            self._process.send_signal(how or self.stop_signal)
            self._process.wait(PATIENCE)
            self._process = None

    def restart(self, how: signal.Signals | None = None) -> None:
        """Stop it and start it again in the same place."""
        self.stop(how)
        self.start()

    def owner(self) -> dict[str, Any]:
        """Whose process it is, as subprocess has it: ours, if nothing is said."""
        return {}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
