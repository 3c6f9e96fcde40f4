"""Seeds as sound and pictures: each seed as the built-in band plays it, made when first asked for, and kept."""

from __future__ import annotations

import hashlib
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from segue.media import Folder
from segue.recipe import SEEDS, STEPS_DEFAULT

if TYPE_CHECKING:
    from segue.sketch.mix import Stereo

HERE = Path(__file__).parent
THUMBNAIL = (256, 128)
"""Pixels, wide and high: twice what a pad shows, for fine screens."""
AUDIBLE = frozenset(seed.id for seed in SEEDS)
"""The seeds that the built-in band has; a model of somebody's own may have others, which only it can play."""


def audio(seed_id: str, media: Folder) -> Path:
    """The loop of an audible seed, FLAC. Raises MediaError."""

    def play() -> bytes:
        from segue.audio.files import encode_flac

        return encode_flac(_played(seed_id))

    return media.made(_key(seed_id, "flac"), play)


def picture(seed_id: str, media: Folder) -> Path:
    """The spectrogram of an audible seed's loop, PNG. Raises MediaError."""

    def draw() -> bytes:
        from segue.audio.spectrogram import encode_picture

        return encode_picture(_played(seed_id).mean(axis=1))

    return media.made(_key(seed_id, "png"), draw)


def thumbnail(seed_id: str, media: Folder) -> Path:
    """The same picture as small as a pad, WebP: a studio page shows several. Raises MediaError."""
    whole = picture(seed_id, media)

    def shrink() -> bytes:
        from PIL import Image

        small = BytesIO()
        with Image.open(whole) as drawn:
            drawn.convert("L").resize(THUMBNAIL, Image.Resampling.BOX).save(small, "WEBP", quality=50, method=6)
        return small.getvalue()

    return media.made(_key(seed_id, "webp"), shrink)


@cache
def band() -> str:
    """A name for the band as it is: all that decides how a seed sounds and looks."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(path for part in ("sketch", "audio") for path in (HERE / part).rglob("*") if path.is_file()):
        if path.parent.name != "__pycache__":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _played(seed_id: str) -> Stereo:
    from segue.sketch import play

    return play("", "", 0.0, seed_id, denoising=0.0, num_inference_steps=STEPS_DEFAULT, take=0)


def _key(seed_id: str, extension: str) -> str:
    """What a band of another kind made has another key, so that whoever changes the band hears the change."""
    return f"seeds/{band()}/{seed_id}.{extension}"
