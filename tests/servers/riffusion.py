"""The server that came with riffusion, with plain tones for a model."""

import base64
import hashlib
import io
import json
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
import soundfile
from PIL import Image
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound

from tests.servers.behaviours import Behaviour, honest
from tests.servers.host import Host
from tests.servers.media import SAMPLE_RATE, SAMPLES, SIZE
from tests.servers.script import Script
from tests.servers.wire import Answer, Exchange

SEED_IMAGES = (
    "agile",
    "marim",
    "mask_beat_lines_80",
    "mask_gradient_dark",
    "mask_gradient_top_70",
    "mask_gradient_top_fifth_75",
    "mask_top_third_75",
    "mask_top_third_95",
    "motorway",
    "og_beat",
    "vibes",
)
PROMPT = {"prompt": str, "seed": int, "denoising": float, "guidance": float}
REQUEST = {"alpha": float, "num_inference_steps": int, "seed_image_id": str}
HTML = "text/html; charset=utf-8"


class Refused(Exception):
    """What is said with a 400."""


class RiffusionServer(Host):
    """`POST /run_inference/`, one run at a time, no key: the same request plays the same.

    Types are checked, ranges are not. A seed image is looked up by joining its id to a path: `strange` has the ids that
    would have led elsewhere. `missing` are known seeds whose files are not there. `on_run` says how a run goes wrong.
    """

    def __init__(self) -> None:
        super().__init__()
        self.missing: set[str] = set()
        self.strange: list[str] = []
        self.runs: list[dict[str, Any]] = []
        self._run: Script[Behaviour] = Script(honest)
        self._turn = threading.Lock()

    def on_run(self, behaviour: Behaviour, times: int | None = None) -> None:
        """So many times, or from now on; see `Script`."""
        self._run.add(behaviour, times)

    def serve(self, exchange: Exchange) -> None:
        request = exchange.request
        if request.path == "/run_inference":
            exchange.send(Answer(308, b"", HTML, {"Location": f"{self.address}/run_inference/"}))
        elif request.path != "/run_inference/":
            exchange.send(page(NotFound()))
        elif request.method != "POST":
            exchange.send(page(MethodNotAllowed(["POST", "OPTIONS"])))
        else:
            exchange.acts_by(lambda: self.run(request.body))
            self._run.next()(exchange)

    def run(self, body: bytes) -> Answer:
        with self._turn:
            try:
                asked = json.loads(body)
                self.check(asked)
            except Refused as refusal:
                return Answer(400, str(refusal).encode(), HTML)
            except (ValueError, TypeError):
                return page(InternalServerError())
            self.runs.append(asked)
            return Answer(200, json.dumps(played(asked)).encode(), HTML)

    def check(self, asked: Mapping[str, Any]) -> None:
        for name in ("start", "end"):
            if name not in asked:
                raise Refused(f'missing value for field "{name}"')
            fields(asked[name], PROMPT, f"{name}.")
        fields(asked, REQUEST)
        seed = asked["seed_image_id"]
        if seed not in SEED_IMAGES:
            self.strange.append(seed)
        if seed not in SEED_IMAGES or seed in self.missing:
            raise Refused(f"Invalid seed image: {seed}")


def fields(given: Mapping[str, Any], wanted: Mapping[str, type], where: str = "") -> None:
    for name, kind in wanted.items():
        if name not in given:
            raise Refused(f'missing value for field "{where}{name}"')
        value = given[name]
        if type(value) is not kind:
            had = type(value).__name__
            raise Refused(
                f'wrong value type for field "{where}{name}" - should be "{kind.__name__}" '
                f'instead of value "{value}" of type "{had}"'
            )


def played(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A tone and a picture that are this request's alone."""
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()
    chance = np.random.default_rng(list(digest))
    sound = 0.3 * np.sin(np.arange(SAMPLES) * chance.uniform(0.01, 0.1))
    soundfile.write(audio := io.BytesIO(), sound, SAMPLE_RATE, format="MP3")
    rows = np.repeat(chance.integers(0, 255, SIZE, dtype=np.uint8)[:, None], SIZE, axis=1)
    Image.fromarray(rows).convert("RGB").save(image := io.BytesIO(), "JPEG")
    return {
        "audio": "data:audio/mpeg;base64," + base64.b64encode(audio.getvalue()).decode(),
        "image": "data:image/jpeg;base64," + base64.b64encode(image.getvalue()).decode(),
        "duration_s": round(SAMPLES / SAMPLE_RATE, 2),
    }


def page(error: HTTPException) -> Answer:
    """What Flask says by itself."""
    return Answer(error.code or 500, error.get_body().encode(), HTML)
