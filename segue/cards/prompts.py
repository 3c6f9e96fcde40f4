"""Prompts: written on a card as large as they fit, each in its own colour, with an arrow from A to B."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter

from segue.cards import SIZE, shapes
from segue.cards.fonts import BUILT_IN
from segue.cards.lettering import Lettering
from segue.colours import RGB, Blend

MARGIN = 72
TOP, BOTTOM = 142, 384
SIZES = (124, 104, 92, 82, 72, 64, 56, 48)
"""Pixels that letters may be high; smaller ones could not be read in a message."""
LINE = 1.15
"""Pixels from line to line, a pixel of size."""
LIGHTNESS, CHROMA = 0.87, 0.115
"""A little lighter than a tone, since it lies over the picture."""
SHADE = 16
"""Pixels that the dark around the letters is soft."""
CAPITAL = 0.72
"""How high a capital is, a pixel of size."""
AT_LEAST = 2
"""Lines that a prompt gets however long the other one is."""
INK: RGB = (245, 244, 242)
SOFT: RGB = (176, 174, 170)


def write(card: Image.Image, prompts: Sequence[Lettering | None], blend: Blend, ground: RGB) -> None:
    """Write the prompts on `card`, down to BOTTOM. One that cannot be written is its deck's letter."""
    size, lines = _set(prompts)
    scratch = Image.new("RGB", card.size)
    _write(scratch, size, prompts, lines, blend)
    shade = scratch.convert("L").filter(ImageFilter.GaussianBlur(SHADE))
    card.paste(ground, (0, 0), shade.point([min(255, value * 2) for value in range(256)]))
    _write(card, size, prompts, lines, blend)


def _set(prompts: Sequence[Lettering | None]) -> tuple[int, list[list[str]]]:
    """The largest size at which everything fits, and each prompt's lines; in the smallest, prompts are cut short."""
    for size in SIZES:
        room = int((BOTTOM - TOP - size * CAPITAL) / (size * LINE)) + 1
        pairs = [(prompt, SIZE[0] - 2 * MARGIN - place * size) for place, prompt in enumerate(prompts)]
        lines = [prompt.lines(size, width) if prompt else [""] for prompt, width in pairs]
        broken = any(prompt.breaks(size, width) for prompt, width in pairs if prompt)
        if sum(map(len, lines)) <= room and not broken:
            return size, lines
    # B gets what A leaves, and A what B does not need.
    first = min(len(lines[0]), max(AT_LEAST, room - sum(map(len, lines[1:]))))
    return size, [
        prompt.shortened(size, width, most) if prompt else [""]
        for (prompt, width), most in zip(pairs, (first, room - first), strict=False)
    ]


def _write(
    card: Image.Image, size: int, prompts: Sequence[Lettering | None], lines: list[list[str]], blend: Blend
) -> None:
    base = BOTTOM - size * LINE * (sum(map(len, lines)) - 1)
    for place, prompt in enumerate(prompts):
        left, colour = MARGIN + place * size, blend.at(place, LIGHTNESS, CHROMA)
        if place:
            shapes.arrow(card, MARGIN, round(base - size * CAPITAL / 2), size * 0.7, SOFT)
        if prompt:
            _write_lines(card, prompt, lines[place], (left, base), size, colour)
        else:
            shapes.badge(card, left, round(base - size * 0.76), round(size * 0.8), colour, "AB"[place])
        base += size * LINE * len(lines[place])


def _write_lines(
    card: Image.Image, prompt: Lettering, lines: list[str], start: tuple[float, float], size: int, colour: RGB
) -> None:
    pen, font = ImageDraw.Draw(card), prompt.typeface.at(size)
    # The built-in typeface is a light one; a line around its letters keeps them readable when they are small.
    weight = size / 70 if prompt.typeface == BUILT_IN else 0
    (side, base), anchor = start, "ls"
    if prompt.direction == "rtl":
        side, anchor = side + prompt.width(lines, size), "rs"
    for line in lines:
        pen.text(
            (side, base),
            line,
            colour,
            font,
            anchor,
            direction=prompt.direction,
            stroke_width=weight,
            stroke_fill=colour,
        )
        base += size * LINE
