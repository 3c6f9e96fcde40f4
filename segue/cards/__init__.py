"""Cards: a clip as one picture, for where its link is shown. Drawn when first asked for, and kept beside its sound.

Importing this package costs nothing; drawing brings in Pillow.
"""

from __future__ import annotations

import logging
from pathlib import Path

from segue.errors import MediaError
from segue.media import Folder
from segue.models import Clip

SIZE = (1200, 630)
"""What OpenGraph and Twitter ask for, in pixels."""
MEDIA_TYPE = "image/jpeg"
"""A PNG of a spectrogram would be five times as large."""

log = logging.getLogger(__name__)


def card(clip: Clip, media: Folder) -> Path:
    """The card of a clip that succeeded. Raises MediaError."""
    assert clip.spectrogram is not None
    picture = media.path(clip.spectrogram)

    def draw() -> bytes:
        from segue.cards.drawing import drawn

        try:
            return drawn(clip.prompt_a, clip.prompt_b, clip.alpha, picture)
        except (OSError, ValueError, SyntaxError) as error:
            log.warning("no card of %s: %s", clip.spectrogram, error)
            raise MediaError("This clip's picture cannot be read.") from error

    return media.made(f"{clip.spectrogram.rpartition('/')[0]}/card.jpg", draw)
