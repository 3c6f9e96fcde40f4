"""The built-in band as a provider: no key, no network, no cost."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import BinaryIO

from segue.providers import TITLES
from segue.providers.base import Capabilities, Output, Prediction, Provider, ProviderError, Status
from segue.recipe import SEEDS, Recipe

MEND = "Whoever runs this studio has to mend it; then press Retry."


class Sketch(Provider):
    """Plays a recipe on the spot: `create` answers with a finished prediction that carries its files' bytes."""

    name = "sketch"
    title = TITLES["sketch"]
    capabilities = Capabilities(
        tuple(seed.id for seed in SEEDS), takes=True, costs=False, blocking=True, cancel=False, usual_seconds=1
    )

    def create(self, recipe: Recipe, name: str) -> Prediction:
        # Numeric code is heavy to load, so a studio that only renders at Riffusion never does.
        from segue.audio.files import encode_flac
        from segue.audio.spectrogram import encode_picture
        from segue.sketch import hear, play

        _read_vocabulary()
        samples = play(
            prompt_a=recipe.prompt_a,
            prompt_b=recipe.prompt_b,
            alpha=recipe.alpha,
            seed_image_id=recipe.seed_image_id,
            denoising=recipe.denoising,
            num_inference_steps=recipe.num_inference_steps,
            take=recipe.take or 0,
        )
        prediction = Prediction(
            id=None,
            status=Status.SUCCEEDED,
            audio=encode_flac(samples),
            spectrogram=encode_picture(samples.mean(axis=1)),
            heard=hear(recipe.prompt_a, recipe.prompt_b, recipe.alpha, recipe.seed_image_id, recipe.denoising),
        )
        del samples
        _give_back()
        return prediction

    def fetch(self, output: Output, into: BinaryIO) -> None:
        assert isinstance(output, bytes)
        into.write(output)

    def examine(self) -> list[str]:
        return [f"It is built in, and knows {_read_vocabulary():,} words in their spellings."]


def _read_vocabulary() -> int:
    """How many spellings the band knows. Raises ProviderError where somebody taught it what makes no sense."""
    try:
        from segue.sketch.vocabulary import FORMS
    except Exception as error:
        raise ProviderError(f"The band cannot read its words. {error}", permanent=True, advice=MEND) from error
    return len(FORMS)


def _give_back() -> None:
    """Give the system back what a clip needed, where the C library would keep it: 100 MB with four workers."""
    with suppress(OSError, AttributeError):  # only GNU's has it
        ctypes.CDLL("libc.so.6").malloc_trim(0)
