"""Lettering: a prompt as it is written on a card, in a typeface that has its letters, wrapped and shortened to fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import features

from segue.cards.fonts import BUILT_IN, Typeface

PICTOGRAMS = re.compile(
    "[\u2190-\u2668\u2670-\u2bff\U0001f000-\U0001faff\u200d\u20e3\ufe0e\ufe0f\U000e0020-\U000e007f]"
)
"""Emoji and what joins them. Flats and sharps are not among them: those are music."""
TYPED = str.maketrans({"–": "-", "—": "-", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
"""What a typewriter has in the place of some letters and marks that do not come apart."""
ELLIPSIS = "..."


@dataclass(frozen=True)
class Lettering:
    """A text and the typeface that has all its letters."""

    text: str
    typeface: Typeface
    direction: Literal["ltr", "rtl"] | None
    """None where Pillow cannot tell: then only what runs from left to right is written at all."""

    def lines(self, size: float, width: float) -> list[str]:
        """The text in lines of `width` pixels."""
        return list(_wrapped(self.text, self._measure(size), width))

    def shortened(self, size: float, width: float, most: int) -> list[str]:
        """The text in at most that many lines of `width` pixels; what does not fit is left out, and that is shown."""
        measure, lines = self._measure(size), self.lines(size, width)
        if len(lines) <= most:
            return lines
        last = lines[most - 1]
        while last and measure(last + ELLIPSIS) > width:
            last = last[:-1]
        return [*lines[: most - 1], last.rstrip() + ELLIPSIS]

    def breaks(self, size: float, width: float) -> bool:
        """Whether a word is longer than a line. Chinese and Japanese may be broken anywhere."""
        measure = self._measure(size)
        return any(measure(word) > width for word in self.text.split(" ") if not any(map(_wide, word)))

    def width(self, lines: Iterable[str], size: float) -> float:
        """The pixels that the longest of `lines` takes."""
        return max(map(self._measure(size), lines))

    def _measure(self, size: float) -> Callable[[str], float]:
        font = self.typeface.at(size)
        return lambda text: font.getlength(text, direction=self.direction)


def letter(texts: Sequence[str], faces: Iterable[Typeface], shapes: bool | None = None) -> list[Lettering | None]:
    """The texts' letterings, all in one typeface if there is one that can write them; None for what none can write.

    Emoji are left out of a text that could not be written otherwise, then accents are. `shapes`: whether Pillow can
    join letters and turn them to the left, as Arabic and many others want it; if it cannot, those are not written.
    """
    faces = list(faces)
    shapes = bool(features.check("raqm")) if shapes is None else shapes
    together = _letter(" ".join(texts), faces, shapes)
    return [_letter(text, [together.typeface] if together else faces, shapes) for text in texts]


def _letter(text: str, faces: list[Typeface], shapes: bool) -> Lettering | None:
    words = " ".join(PICTOGRAMS.sub(" ", text).split())
    for attempt in dict.fromkeys((text, words, _bare(words))):
        plain = attempt if shapes else "".join(char for char in attempt if unicodedata.category(char) != "Cf")
        if not plain or (not shapes and any(map(_shaped, plain))):
            continue
        for face in faces:
            if face.writes(plain):
                return Lettering(plain, face, _direction(plain) if shapes and face != BUILT_IN else None)
    return None


def _bare(text: str) -> str:
    """The text without accents and fine punctuation, as the smallest of typefaces has it."""
    parted = unicodedata.normalize("NFKD", text.translate(TYPED))
    return "".join(char for char in parted if not unicodedata.combining(char))


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
        joined = unicodedata.category(char).startswith(("M", "Cf"))
        if piece and not joined and measure(piece + char) > width:
            yield piece
            piece = ""
        piece += char
    yield piece
