"""Lettering: a prompt as it is written on a card, in a typeface that has its letters, wrapped and shortened to fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from PIL import features

from segue.cards.fonts import BUILT_IN, Typeface

PICTOGRAMS = re.compile(
    "[\u2190-\u2668\u2670-\u2bff\U0001f000-\U0001faff\u200d\u20e3\ufe0e\ufe0f\U000e0020-\U000e007f]"
)
"""Emoji and what joins them. Flats and sharps are not among them: those are music."""
ELLIPSES = ("…", "...")
JOINED = ("M", "Cf")
"""Categories of characters that stay with the one before them."""
CLOSING = ("Pe", "Pf", "Po")
"""Those that begin no line; one may hang over its end."""
NARROWINGS = 8


@dataclass(frozen=True)
class Lettering:
    """A text and the typeface that has all its letters."""

    text: str
    typeface: Typeface
    direction: Literal["ltr", "rtl"] | None
    """None where Pillow cannot tell: then only what runs from left to right is written at all."""

    def lines(self, size: float, width: float, most: int) -> list[str]:
        """The text in as few lines of `width` pixels as it takes, or the first of them: one more than `most`."""
        return list(islice(_wrapped(self.text, self._measure(size), width), most + 1))

    def balanced(self, size: float, width: float) -> list[str]:
        """The text in as few lines, all about as long."""
        measure = self._measure(size)
        lines = list(_wrapped(self.text, measure, width))
        widest, narrowest = width, width / 2
        for _ in range(NARROWINGS):
            narrower = (widest + narrowest) / 2
            attempt = list(_wrapped(self.text, measure, narrower))
            if len(attempt) == len(lines) and not self.breaks(size, narrower):
                widest, lines = narrower, attempt
            else:
                narrowest = narrower
        return lines

    def breaks(self, size: float, width: float) -> bool:
        """Whether a word is longer than a line. Chinese and Japanese may be broken anywhere."""
        measure = self._measure(size)
        return any(measure(word) > width for word in self.text.split(" ") if not any(map(_wide, word)))

    def indent(self, line: str, size: float, width: float) -> float:
        """How far from the left a line begins in a block of that width."""
        return width - self._measure(size)(line) if self.direction == "rtl" else 0

    def shortened(self, size: float, width: float, most: int) -> list[str]:
        """The text in at most that many lines of `width` pixels; what does not fit is left out, and that is shown."""
        measure, lines = self._measure(size), self.lines(size, width, most)
        if len(lines) <= most:
            return lines
        ellipsis = next((dots for dots in ELLIPSES if self.typeface.writes(dots)), "")
        last = lines[most - 1]
        while last and measure(last + ellipsis) > width:
            last = last[:-1]
        return [*lines[: most - 1], last.rstrip() + ellipsis]

    def width(self, lines: Iterable[str], size: float) -> float:
        """The pixels that the longest of `lines` takes."""
        return max(map(self._measure(size), lines))

    def _measure(self, size: float) -> Callable[[str], float]:
        font = self.typeface.at(size)
        return lambda text: font.getlength(text, direction=self.direction)


def letter(texts: Sequence[str], faces: Iterable[Typeface], shapes: bool | None = None) -> list[Lettering | None]:
    """The texts' letterings, all in one typeface if there is one that can write them; None for what none can write.

    Emoji are left out of a text that could not be written otherwise. `shapes`: whether Pillow can join letters and
    turn them to the left, as Arabic and many others want it; if it cannot, those are not written.
    """
    faces = list(faces)
    shapes = bool(features.check("raqm")) if shapes is None else shapes
    together = _letter(" ".join(texts), faces, shapes)
    return [_letter(text, [together.typeface] if together else faces, shapes) for text in texts]


def _letter(text: str, faces: list[Typeface], shapes: bool) -> Lettering | None:
    for attempt in dict.fromkeys((text, " ".join(PICTOGRAMS.sub(" ", text).split()))):
        plain = attempt if shapes else "".join(char for char in attempt if unicodedata.category(char) != "Cf")
        if not plain or (not shapes and any(_shaped(char) for char in plain)):
            continue
        for face in faces:
            if face.writes(plain):
                return Lettering(plain, face, _direction(plain) if shapes and face != BUILT_IN else None)
    return None


def _shaped(char: str) -> bool:
    return unicodedata.bidirectional(char) in ("R", "AL") or unicodedata.category(char)[0] == "M"


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F")


def _direction(text: str) -> Literal["ltr", "rtl"]:
    """That of the first letter that has one, as browsers find it for dir=auto."""
    strong = next((kind for char in text if (kind := unicodedata.bidirectional(char)) in ("L", "R", "AL")), "L")
    return "ltr" if strong == "L" else "rtl"


def _wrapped(text: str, measure: Callable[[str], float], width: float) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if measure(longer) <= width:
            line = longer
            continue
        for piece in _broken(word, measure, width):
            if line:
                yield line
            line = piece
    yield line


def _broken(word: str, measure: Callable[[str], float], width: float) -> Iterator[str]:
    """A word in pieces no longer than a line, if it has to be: many scripts write whole sentences without a space."""
    piece = ""
    for char in word:
        if _stays(piece, char) or measure(piece + char) <= width:
            piece += char
        else:
            yield piece
            piece = char
    yield piece


def _stays(before: str, char: str) -> bool:
    """Whether a line may not be broken before `char`."""
    category = unicodedata.category(char)
    hangs = category in CLOSING and unicodedata.category(before[-1:] or char) not in CLOSING
    return not before or hangs or category.startswith(JOINED)
