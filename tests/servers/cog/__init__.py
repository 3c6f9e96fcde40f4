"""Cog's own server, in a process of its own: what a team's container runs, without the container."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import requests

from tests.servers.media import Media, hosted_media
from tests.serving import PATIENCE, free_port

HERE = Path(__file__).parent
LOOK_SECONDS = 0.02


class CogServer:
    """`with CogServer(folder) as cog:` starts it on loopback, ready unless `setup` is "slow" or "fail".

    See `predict.py` for how prompts go, and `openapi_schema.json` for what it lists and checks: that file is written
    as building an image writes it. `let_go()` ends slow runs and slow setups, `hold()` makes the next ones slow again.
    """

    def __init__(self, folder: Path, setup: str = "", media: Media | None = None) -> None:
        self.media = media or hosted_media()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._setup = setup
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def health(self) -> str:
        return str(requests.get(f"{self.address}/health-check", timeout=PATIENCE).json()["status"])

    def wait_until(self, *words: str) -> None:
        """Wait until its health is one of those."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if self.health in words:
                    return
            except requests.ConnectionError:
                assert self._process is None or self._process.poll() is None, self._log.read_text()
            time.sleep(LOOK_SECONDS)
        raise AssertionError(f"not {words} after {PATIENCE} s:\n{self._log.read_text()}")

    def let_go(self) -> None:
        (self._folder / "let_go").touch()

    def hold(self) -> None:
        (self._folder / "let_go").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self._prepare()
        # Its worker is started as `python`, whichever that is.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": path, "PORT": str(self.port), "COG_PREDICT_TYPE_STUB": "predict.py:Predictor"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cog.server.http", "--host", "127.0.0.1"],
                cwd=self._folder,
                env=os.environ | own | {"SETUP": self._setup},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until(*{"slow": ("STARTING",), "fail": ("SETUP_FAILED",)}.get(self._setup, ("READY",)))
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self.let_go()
        # With its worker, which is of its session.
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def _prepare(self) -> None:
        (self._folder / ".cog").mkdir(parents=True)
        shutil.copy(HERE / "openapi_schema.json", self._folder / ".cog")
        for name in ("predict.py", "cog.yaml"):
            shutil.copy(HERE / name, self._folder)
        (self._folder / "audio.wav").write_bytes(self.media.audio)
        (self._folder / "spectrogram.picture").write_bytes(self.media.spectrogram)
