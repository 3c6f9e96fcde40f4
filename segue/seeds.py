"""Seeds as sound and pictures: each seed as the built-in band plays it, made when first asked for, and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from segue.media import Media
from segue.recipe import SEEDS, STEPS_DEFAULT

if TYPE_CHECKING:
    from segue.sketch.mix import Stereo

HERE = Path(__file__).parent
FOLDER = "seeds"
"""Where in media all seeds are."""
THUMBNAIL = (256, 128)
"""Pixels, wide and high: twice what a pad shows, for fine screens."""
AUDIBLE = frozenset(seed.id for seed in SEEDS)
"""The seeds that the built-in band has; a model of somebody's own may have others, which only it can play."""


def audio(seed_id: str, media: Media) -> str:
    """The key of an audible seed's loop, FLAC. Raises MediaError."""

    def play() -> bytes:
        from segue.audio.files import encode_flac

        return encode_flac(_played(seed_id))

    return _made(seed_id, "flac", play, media)


def picture(seed_id: str, media: Media) -> str:
    """The key of the spectrogram of an audible seed's loop, PNG. Raises MediaError."""

    def draw() -> bytes:
        from segue.audio.spectrogram import encode_picture

        return encode_picture(_played(seed_id).mean(axis=1))

    return _made(seed_id, "png", draw, media)


def thumbnail(seed_id: str, media: Media) -> str:
    """The key of the same picture as small as a pad, WebP: a studio page shows several. Raises MediaError."""
    whole = picture(seed_id, media)

    def shrink() -> bytes:
        from PIL import Image

        small = BytesIO()
        with media.local(whole) as file, Image.open(file) as drawn:
            drawn.convert("L").resize(THUMBNAIL, Image.Resampling.BOX).save(small, "WEBP", quality=50, method=6)
        return small.getvalue()

    return _made(seed_id, "webp", shrink, media)


@cache
def band() -> str:
    """A name for the band as it is: all that decides how a seed sounds and looks."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(path for part in ("sketch", "audio") for path in (HERE / part).rglob("*") if path.is_file()):
        if path.parent.name != "__pycache__":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def folder() -> str:
    """Where in media this band's seeds are."""
    return f"{FOLDER}/{band()}/"


def _played(seed_id: str) -> Stereo:
    from segue.sketch import play

    return play("", "", 0.0, seed_id, denoising=0.0, num_inference_steps=STEPS_DEFAULT, take=0)


def _made(seed_id: str, extension: str, make: Callable[[], bytes], media: Media) -> str:
    """What a band of another kind made has another key, so that whoever changes the band hears the change."""
    key = f"{folder()}{seed_id}.{extension}"
    media.made(key, make)
    return key
