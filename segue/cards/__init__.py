"""Cards: a clip as one picture, for where its link is shown. Drawn when first asked for, and kept beside its sound.

Importing this package costs nothing; drawing brings in Pillow.
"""

from __future__ import annotations

import logging

from segue.errors import MediaError
from segue.media import Media
from segue.models import Clip

SIZE = (1200, 630)
"""What OpenGraph and Twitter ask for, in pixels."""
NAME = "card.jpg"
MEDIA_TYPE = "image/jpeg"
"""A PNG of a spectrogram would be five times as large."""

log = logging.getLogger(__name__)


def card(clip: Clip, media: Media) -> tuple[str, int]:
    """The key of the card of a clip that succeeded, and the bytes that were added for it. Raises MediaError."""
    assert clip.spectrogram is not None
    picture = clip.spectrogram

    def draw() -> bytes:
        from segue.cards.drawing import drawn

        with media.local(picture) as file:
            try:
                return drawn(clip.prompt_a, clip.prompt_b, clip.alpha, file)
            except (OSError, ValueError, SyntaxError) as error:
                log.warning("no card of %s: %s", picture, error)
                raise MediaError("This clip's picture cannot be read.") from error

    key = f"{picture.rpartition('/')[0]}/{NAME}"
    return key, media.made(key, draw)
