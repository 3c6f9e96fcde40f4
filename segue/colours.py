"""Colours: a prompt's own, a blend's, and OKLCH as the sRGB that pictures want. The pages' CSS has the same."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from math import copysign, cos, radians, sin

from segue.recipe import tidy

RGB = tuple[int, int, int]

TONE_LIGHTNESS = 0.81
TONE_CHROMA = 0.13
"""Any hue at these two is a tone, as in static/css/tokens.css in the dark."""
APART = 55
"""Degrees that B's hue is at least away from A's, or nobody could see them blend; as in static/css/colours.css."""

HALVINGS = 12
ROUNDING = 1e-4


@dataclass(frozen=True)
class Blend:
    """The colours between A and B: `hue` is A's in degrees, `turn` how far round the wheel B's is from there."""

    hue: float
    turn: float
    alpha: float

    @classmethod
    def of(cls, prompt_a: str, prompt_b: str, alpha: float) -> Blend:
        """The colours of a recipe; with only A, A's alone."""
        hue_a, hue_b = hue(prompt_a), hue(prompt_b or prompt_a)
        turn = (hue_b - hue_a + 540) % 360 - 180
        wide = copysign(max(APART, abs(turn)), turn) if turn else 0
        return cls(hue_a, wide, alpha if prompt_b else 0)

    def at(self, share: float, lightness: float = TONE_LIGHTNESS, chroma: float = TONE_CHROMA) -> RGB:
        """The colour with that share of B: 0 is A's own, 1 is B's."""
        return srgb(lightness, chroma, self.hue + share * self.turn)

    def mix(self, lightness: float = TONE_LIGHTNESS, chroma: float = TONE_CHROMA) -> RGB:
        """The colour of the blend itself."""
        return self.at(self.alpha, lightness, chroma)


def hue(prompt: str) -> int:
    """The prompt's own colour: degrees on the colour wheel, the same for the same words wherever it is shown."""
    return zlib.crc32(tidy(prompt).lower().encode()) % 360


def srgb(lightness: float, chroma: float, hue: float) -> RGB:
    """OKLCH (lightness 0..1, hue in degrees) as sRGB, 0..255. What a screen cannot show keeps its lightness and hue
    and gives up as much chroma as it has to."""
    if not _fits(_linear(lightness, chroma, hue)):
        low, high = 0.0, chroma
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if _fits(_linear(lightness, middle, hue)) else (low, middle)
        chroma = low
    red, green, blue = (round(255 * _encoded(min(max(part, 0.0), 1.0))) for part in _linear(lightness, chroma, hue))
    return red, green, blue


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """OKLCH as linear sRGB: Björn Ottosson, "A perceptual color space for image processing", 2020."""
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _fits(linear: tuple[float, float, float]) -> bool:
    return all(-ROUNDING <= part <= 1 + ROUNDING for part in linear)


def _encoded(part: float) -> float:
    """A linear part with the gamma that screens expect (IEC 61966-2-1)."""
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
