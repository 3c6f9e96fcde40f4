"""One run, and how each house tells it."""

import os
import time
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.servers.files import FileHost
from tests.servers.life import CANCELED, FINISHED, Life, Look
from tests.servers.schema import VERSION
from tests.servers.trap import Trap

ID_BYTES = 16
ANOTHER_MODEL = "black-forest-labs/flux-kontext-dev"
ANOTHER_INPUT = {
    "aspect_ratio": "match_input_image",
    "input_image": "https://replicate.delivery/xezq/XfwWjHJ7HfrmXE6ukuLVEpXWfeQ3PQeRI5mApuLXRxST7XMmC/tmpc91tlq20.png",
    "output_format": "jpg",
    "prompt": "Make the letters 3D, floating in space on a city street",
    "prompt_upsampling": False,
    "safety_tolerance": 2,
}
"""The gateway's documentation shows riffusion's answer with this model and its input."""


def new_id() -> str:
    """26 small letters and digits, as Replicate's are."""
    return b32encode(os.urandom(ID_BYTES)).decode().rstrip("=").lower()


def timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Prediction:
    """One run, which was paid for."""

    input: dict[str, Any]
    life: Life
    id: str = field(default_factory=new_id)
    created_at: str = field(default_factory=timestamp)
    born: float = field(default_factory=time.monotonic)
    gets: int = 0
    canceled: bool = False
    started_at: str | None = None
    completed_at: str | None = None

    def look(self) -> Look:
        return CANCELED if self.canceled else self.life.at(self.gets, time.monotonic() - self.born)

    def cancel(self) -> None:
        """Nothing happens to one that is finished."""
        self.canceled = self.canceled or self.look().status not in FINISHED

    def told_by_a_gateway(self, files: FileHost, trap: Trap) -> dict[str, Any]:
        """As the document has it: another model's name and input, a hidden version, addresses on a host that
        is not the gateway's."""
        look = self.look()
        return {
            "id": self.id,
            "model": ANOTHER_MODEL,
            "version": "hidden",
            "input": ANOTHER_INPUT,
            "logs": look.logs,
            "output": look.output(files.output(self.id)) if look.status == "succeeded" else None,
            "data_removed": False,
            "error": look.error,
            "status": look.status,
            "created_at": self.created_at,
            "urls": self.urls(trap),
            **look.changes,
        }

    def told_by_replicate(self, files: FileHost, trap: Trap) -> dict[str, Any]:
        look = self.look()
        if look.status != "starting":
            self.started_at = self.started_at or timestamp()
        if look.status in FINISHED:
            self.completed_at = self.completed_at or timestamp()
        known = {
            "model": "riffusion/riffusion",
            "version": VERSION,
            "input": self.input,
            "started_at": self.started_at,
            "completed_at": self.completed_at,
            "source": "api",
            "metrics": {"predict_time": 2.94} if self.completed_at else {},
        }
        return self.told_by_a_gateway(files, trap) | known | dict(look.changes)

    def urls(self, trap: Trap) -> dict[str, str]:
        """Addresses that nobody may follow."""
        here = f"{trap.address}/v1/predictions/{self.id}"
        return {
            "cancel": f"{here}/cancel",
            "get": here,
            "stream": f"{trap.address}/v1/files/{self.id}",
            "web": here,
        }
