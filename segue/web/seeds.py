"""Seeds: heard and seen before one is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Response, abort, send_file

from segue import seeds
from segue.media import Folder
from segue.parts import parts


def audio(seed_id: str) -> Response:
    """GET /seeds/<seed>/audio: its two bars, as the built-in band plays them."""
    return _made(seeds.audio, seed_id, "audio/flac")


def picture(seed_id: str) -> Response:
    """GET /seeds/<seed>/picture: their spectrogram."""
    return _made(seeds.picture, seed_id, "image/png")


def _made(made: Callable[[str, Folder], Path], seed_id: str, media_type: str) -> Response:
    if seed_id not in seeds.AUDIBLE:
        abort(404)
    # The address says nothing of the band, which may have learnt something: browsers ask whether it still plays so.
    return send_file(made(seed_id, parts().media), mimetype=media_type, conditional=True, max_age=0)
