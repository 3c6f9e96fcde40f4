"""The story of one clip: what each prompt asks for, where they meet, what is played, how it is mixed."""

import hashlib
from dataclasses import dataclass, replace
from math import exp

import numpy as np

from segue.sketch.composer import compose
from segue.sketch.harmony import NOTES, settled
from segue.sketch.keys import Key
from segue.sketch.mix import Stereo, mix
from segue.sketch.parameters import Parameters, blend
from segue.sketch.reading import Reading, read
from segue.sketch.rhythm import Luck
from segue.sketch.seeds import HOUSE_KEY, SEEDS

DETAIL_STEPS = 40  # inference steps that bring out 63 % of the detail; the default 50 bring 71 %


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is to be played, and in the key of which note: a pitch class, and its name."""

    parameters: Parameters
    tonic: int
    note: str


def arrange(prompt_a: str, prompt_b: str, alpha: float, seed_image_id: str, denoising: float) -> Arrangement:
    """What the prompts ask for together, as far from the seed as asked. Raises KeyError for an unknown seed."""
    seed = SEEDS[seed_image_id]
    wanted, key = _meet(read(prompt_a), read(prompt_b) if prompt_b.strip() else None, alpha)
    # The sound leaves the seed early, the groove late, as they do in the model.
    sound = 1 - (1 - denoising) ** 2
    parameters = seed.parameters.toward(wanted, sound=sound, groove=denoising**1.5)
    if key is None or denoising == 0:
        tonic = HOUSE_KEY if denoising == 1 else seed.tonic
        return Arrangement(parameters, tonic, NOTES[tonic])
    return Arrangement(replace(parameters, harmony=settled(parameters.harmony)), key.tonic, key.name)


def perform(arrangement: Arrangement, num_inference_steps: int, take: int) -> Stereo:
    """The finished loop, shape (225,792, 2)."""
    detail = 1 - exp(-num_inference_steps / DETAIL_STEPS)
    luck = Luck.of(_dice(take))
    score = compose(arrangement.parameters, arrangement.tonic, detail, luck)
    return mix(score, arrangement.parameters, arrangement.tonic)


def _meet(a: Reading, b: Reading | None, alpha: float) -> tuple[Parameters, Key | None]:
    """Both in one key while both are heard: the one that is named, or of two the nearer prompt's."""
    if b is None or alpha == 0:
        return a.parameters, a.key
    if alpha == 1:
        return b.parameters, b.key
    key = (a.key or b.key) if alpha < 0.5 else (b.key or a.key)
    parameters = blend(a.parameters, b.parameters, alpha)
    if key is not None and key.scale is not None:
        scale = {name.removeprefix("feel."): value for name, value in key.scale.items()}
        parameters = replace(parameters, feel=replace(parameters.feel, **scale))
    return parameters, key


def _dice(take: int) -> np.random.Generator:
    digest = hashlib.blake2b(str(take).encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))
