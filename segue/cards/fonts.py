"""Fonts: which of those on this machine can write a text. One comes with Pillow, for plain English."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from PIL import ImageFont

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
FAMILIES = ("inter", "notosans", "opensans", "segoeui", "helveticaneue", "roboto", "liberationsans", "dejavusans")
"""Quiet ones that go together with the pages, best first; others are taken for what these cannot write."""
UNFIT = (
    *("italic", "oblique", "mono", "serif", "condensed", "narrow", "light", "thin", "black"),
    *("symbol", "math", "music", "emoji", "lastresort"),
)
MOST = 200
"""Fonts looked into for one text: somebody may have thousands."""
PROBE_SIZE = 20
NOBODY_HAS = "\U0010fffe"
INVISIBLE = range(0xFE00, 0xFE10)
"""Variation selectors: they ask for a kind of glyph, and are none."""


@dataclass(frozen=True)
class Typeface:
    """A font file, or with no path the one that Pillow brings."""

    path: Path | None = None

    def at(self, size: float, layout: ImageFont.Layout | None = None) -> ImageFont.FreeTypeFont:
        """The font at `size` pixels. Raises OSError when the file is none."""
        if self.path is None:
            return cast(ImageFont.FreeTypeFont, ImageFont.load_default(size))
        return ImageFont.truetype(self.path, size, layout_engine=layout)

    def writes(self, text: str) -> bool:
        """Whether it has a glyph for all of `text` that can be seen."""
        try:
            font = self.at(PROBE_SIZE, ImageFont.Layout.BASIC)
            missing = _glyph(font, NOBODY_HAS)
            return all(_glyph(font, char) != missing for char in set(text) if _visible(char))
        except (OSError, ValueError):
            return False


BUILT_IN = Typeface()


def typefaces(folders: Iterable[Path] = FOLDERS) -> Iterator[Typeface]:
    """Those there are, the most fitting first."""
    yield BUILT_IN
    for path in installed(tuple(folders))[:MOST]:
        yield Typeface(path)


@cache
def installed(folders: tuple[Path, ...] = FOLDERS) -> tuple[Path, ...]:
    """The font files in `folders`, the most fitting first."""
    found = {path for folder in folders for kind in ("ttf", "otf", "ttc") for path in folder.rglob(f"*.{kind}")}
    return tuple(sorted(found, key=_rank))


def _rank(path: Path) -> tuple[bool, int, bool, str]:
    name = path.stem.lower()
    family = next((place for place, start in enumerate(FAMILIES) if name.startswith(start)), len(FAMILIES))
    return any(word in name for word in UNFIT), family, "bold" not in name, str(path)


def _glyph(font: ImageFont.FreeTypeFont, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(char)
    return mask.size, bytes(mask)


def _visible(char: str) -> bool:
    return unicodedata.category(char)[0] not in "CZ" and ord(char) not in INVISIBLE
