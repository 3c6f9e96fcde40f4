"""Seeds: heard and seen before one is chosen."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, request
from werkzeug.wrappers import Response as AnyResponse

from segue import seeds
from segue.media import Media
from segue.parts import parts
from segue.web.sending import send

LASTING = 365 * 24 * 3600
"""Seconds that a browser may keep what its address names fully."""


def audio(seed_id: str) -> AnyResponse:
    """GET /seeds/<seed>/audio: its two bars, as the built-in band plays them."""
    return _made(seeds.audio, seed_id, "audio/flac")


def picture(seed_id: str) -> AnyResponse:
    """GET /seeds/<seed>/picture: their spectrogram; with `?small=<band>` as a pad shows it."""
    band = request.args.get("small")
    if band is None:
        return _made(seeds.picture, seed_id, "image/png")
    return _made(seeds.thumbnail, seed_id, "image/webp", lasting=band == seeds.band())


def _made(made: Callable[[str, Media], str], seed_id: str, media_type: str, *, lasting: bool = False) -> AnyResponse:
    if seed_id not in seeds.AUDIBLE:
        abort(404)
    # Most addresses say nothing of the band, which may have learnt something: browsers ask whether it still plays so.
    max_age = LASTING if lasting else 0
    return send(made(seed_id, parts().media), media_type, max_age=max_age)
