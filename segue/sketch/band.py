"""The story of one clip: what each prompt asks for, where they meet, what is played, how it is mixed."""

import hashlib
from math import exp

import numpy as np

from segue.sketch.mix import Stereo, mix
from segue.sketch.parameters import Parameters, blend
from segue.sketch.score import Luck, compose
from segue.sketch.seeds import SEEDS, Seed
from segue.sketch.words import read

DETAIL_STEPS = 40  # inference steps that bring out 63 % of the detail; the default 50 bring 71 %


def meet(prompt_a: str, prompt_b: str, alpha: float) -> Parameters:
    """What the two prompts ask for together."""
    if not prompt_b.strip():
        return read(prompt_a)
    return blend(read(prompt_a), read(prompt_b), alpha)


def perform(wanted: Parameters, seed_image_id: str, denoising: float, num_inference_steps: int, take: int) -> Stereo:
    """The finished loop, shape (225,792, 2). Raises KeyError for an unknown seed."""
    seed = SEEDS[seed_image_id]
    parameters = _leave_seed(seed, wanted, denoising)
    detail = 1 - exp(-num_inference_steps / DETAIL_STEPS)
    # One set of dice for every alpha, so that clips along the fader are one family.
    luck = Luck.of(_dice(take))
    return mix(compose(parameters, seed, detail, luck), parameters, detail)


def _leave_seed(seed: Seed, wanted: Parameters, denoising: float) -> Parameters:
    """The sound leaves the seed early, the groove late, as it does in the model."""
    sound = 1 - (1 - denoising) ** 2
    groove = denoising**3
    return seed.parameters.toward(wanted, sound=sound, groove=groove)


def _dice(take: int) -> np.random.Generator:
    digest = hashlib.blake2b(str(take).encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))
