"""The built-in band: two prompts in, two bars of sound out.

    words -> reading (Parameters) -> band (blended, so far from the seed) -> composer (a score) -> mix

It sketches in a moment what the model renders in a minute, on the same grid: two 4/4 bars at 93.75 BPM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segue.sketch.mix import Stereo


def play(
    prompt_a: str,
    prompt_b: str,
    alpha: float,
    seed_image_id: str,
    denoising: float,
    num_inference_steps: int,
    take: int,
) -> Stereo:
    """A loop of 225,792 frames, float32 of shape (frames, 2), within -1..1; the same bytes each time.

    Alpha 0 is prompt A alone, as is an empty `prompt_b`; alpha 1 is prompt B alone. Denoising 0 is the seed
    itself, 1 is free of it. Steps add detail. Any text plays.
    Raises KeyError for an unknown seed.
    """
    # NumPy loads with the first clip, not with the server.
    from segue.sketch.band import arrange, perform

    return perform(arrange(prompt_a, prompt_b, alpha, seed_image_id, denoising), num_inference_steps, take)


def hear(prompt_a: str, prompt_b: str, alpha: float, seed_image_id: str, denoising: float) -> str:
    """What the band understands of the prompts, e.g. `funk, slap bass · bright → church bells · E dorian`.

    Raises KeyError for an unknown seed.
    """
    from segue.sketch.hearing import tell

    return tell(prompt_a, prompt_b, alpha, seed_image_id, denoising)
