"""How clips are shown and named: shares and file names."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from segue.models import Clip

GROOVE_LOST = 0.9
"""Past this denoising the model may leave the seed's tempo, so a file name had better not promise one."""
WORDS_IN_NAME = 40
"""Characters a prompt may take up in a file name."""


def blend(alpha: float) -> str:
    """The crossfader in words, e.g. `70% A · 30% B`; no line ends between a share and whose it is."""
    share = min(max(round(alpha * 100), 0), 100)
    return f"{100 - share}%\N{NO-BREAK SPACE}A · {share}%\N{NO-BREAK SPACE}B"


def day(moment: float) -> str:
    """The day of a moment in UTC, e.g. `12 December`."""
    date = datetime.fromtimestamp(moment, UTC)
    return f"{date.day} {date:%B}"


def file_name(clip: Clip, extension: str) -> str:
    """A name to find it by, e.g. `church-bells_to_jazz_a030_94bpm_k3f9.flac`: letters, digits and `_-#` only.

    A title of its own takes the prompts' place.
    """
    own = _plain(clip.own_title or "")
    parts = [own or _plain(clip.prompt_a) or "clip"]
    if not own and _plain(clip.prompt_b):
        parts += ["to", _plain(clip.prompt_b)]
    if clip.prompt_b:
        parts.append(f"a{round(clip.alpha * 100):03d}")
    if clip.denoising <= GROOVE_LOST:
        parts.append("94bpm")
    return "_".join([*parts, clip.id[:4]]) + f".{extension}"


def _plain(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9#]+", "-", ascii_only)[:WORDS_IN_NAME].strip("-")
