"""What a Cog container of riffusion runs, with prepared files for a model.

Prompt A says how it goes: "boom" fails, "crash" takes the whole worker down, "slow ..." plays until somebody lets go,
and everything else goes well. The variable SETUP makes it get ready slowly, or fail to.
"""

import os
import time
from pathlib import Path as File

from cog import BaseModel, BasePredictor, Input, Path  # type: ignore[import-untyped]

STEP_SECONDS = 0.02


class Output(BaseModel):
    audio: Path
    spectrogram: Path


class Predictor(BasePredictor):
    def setup(self) -> None:
        match os.environ.get("SETUP"):
            case "slow":
                wait()
            case "fail":
                raise RuntimeError("no weights")

    def predict(
        self,
        prompt_a: str = Input(default="funky synth solo"),
        prompt_b: str = Input(default="90's rap"),
        alpha: float = Input(default=0.5, ge=0, le=1),
        denoising: float = Input(default=0.75, ge=0, le=1),
        num_inference_steps: int = Input(default=50, ge=1),
        seed_image_id: str = Input(default="vibes"),
    ) -> Output:
        if prompt_a == "boom":
            raise RuntimeError("boom.\nThat was loud.")
        if prompt_a == "crash":
            os._exit(1)
        if prompt_a.startswith("slow"):
            wait()
        return Output(audio=Path("audio.wav"), spectrogram=Path("spectrogram.picture"))


def wait() -> None:
    """Until somebody lets go, in short steps: a run is canceled between two."""
    while not File("let_go").exists():
        time.sleep(STEP_SECONDS)
