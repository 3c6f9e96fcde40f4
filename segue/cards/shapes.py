"""Shapes: the sign, a crossfader, an arrow and a deck's letter, drawn small with smooth edges."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PIL import Image, ImageDraw

from segue.cards.fonts import BUILT_IN
from segue.colours import RGB, Blend

Point = tuple[float, float]
Sketch = Callable[[ImageDraw.ImageDraw, float], object]

FINER = 4
"""Shapes are drawn this many times as large, and made smaller: Pillow's own edges are hard."""
PIECES = 24
ON_TONE: RGB = (14, 12, 9)


def sign(card: Image.Image, left: int, top: int, width: int, blend: Blend, ground: RGB) -> None:
    """The wordmark's sign: A falls, B rises, and where they meet is the middle of both."""
    box, scale = (left, top, width, width * 3 // 4), width / 32
    falling = [*_bezier((0, 0), (12, 0), (20, 24), (32, 24)), (0, 24)]
    rising = [*_bezier((32, 0), (20, 0), (12, 24), (0, 24)), (32, 24)]
    left_half = _bezier((16, 12), (11.5, 18), (6.5, 24), (0, 24))
    meeting = [*left_half, *((32 - x, y) for x, y in reversed(left_half))]
    for outline, share in ((falling, 0.0), (rising, 1.0), (meeting, 0.5)):
        _fill(card, box, blend.at(share), _polygon(outline, scale))
    _fill(card, box, ground, lambda pen, fine: pen.line(_scaled(meeting, scale * fine), 255, round(fine)))


def fader(card: Image.Image, left: int, top: int, size: tuple[int, int], blend: Blend, ground: RGB) -> None:
    """The crossfader as it stands: each deck as lit as its share, the cap in the blend's colour."""
    width, height = size
    cap, deep = height * 0.4, height * 0.76
    for start, share in ((0, 1 - blend.alpha), (1, blend.alpha)):
        ends = ((start, 0), (abs(start - 0.38), 0), (abs(start - 0.62), 1), (1 - start, 1))
        outline = [(x * width, height * 0.12 + y * deep) for x, y in (*_bezier(*ends), (start, 1))]
        _fill(card, (left, top, width, height), _between(ground, blend.at(start), 0.2 + 0.6 * share), _polygon(outline))
    at = blend.alpha * (width - cap)
    _fill(card, (left, top, width, height), ground, _bar(at - 5, at + cap + 5, height * 0.1, height * 0.9, 0))
    _fill(card, (left, top, width, height), blend.mix(), _bar(at, at + cap, 0, height, height * 0.13))
    middle = at + cap / 2
    _fill(card, (left, top, width, height), ON_TONE, _bar(middle - 1.5, middle + 1.5, height * 0.22, height * 0.78, 0))


def arrow(card: Image.Image, left: int, middle: int, size: float, colour: RGB) -> None:
    """An arrow to the right, as long as `size`."""
    thick, head = max(4.0, size / 11), size * 0.28
    tip, high = (size - thick / 2, head + thick / 2), head + thick
    tails = ((thick / 2, tip[1]), (tip[0] - head, thick / 2), (tip[0] - head, high + head - thick / 2))

    def draw(pen: ImageDraw.ImageDraw, fine: float) -> None:
        for tail in tails:
            stroke = _scaled([tail, tip], fine)
            pen.line(stroke, 255, round(thick * fine))
            for end in stroke:
                pen.circle(end, thick * fine / 2, 255)

    _fill(card, (left, round(middle - tip[1]), ceil(size), ceil(high + head)), colour, draw)


def badge(card: Image.Image, left: int, top: int, size: int, colour: RGB, char: str) -> None:
    """A deck's letter on a disc of its colour."""
    _fill(card, (left, top, size, size), colour, lambda pen, fine: pen.ellipse((0, 0, size * fine, size * fine), 255))
    middle = (left + size / 2, top + size / 2)
    font = BUILT_IN.at(size * 0.6)
    ImageDraw.Draw(card).text(middle, char, ON_TONE, font, "mm", stroke_width=size / 90, stroke_fill=ON_TONE)


def _fill(card: Image.Image, box: tuple[int, int, int, int], colour: RGB, sketch: Sketch) -> None:
    left, top, width, height = box
    mask = Image.new("L", (width * FINER, height * FINER))
    sketch(ImageDraw.Draw(mask), FINER)
    card.paste(colour, (left, top), mask.resize((width, height), Image.Resampling.BOX))


def _polygon(outline: list[Point], scale: float = 1) -> Sketch:
    return lambda pen, fine: pen.polygon(_scaled(outline, scale * fine), 255)


def _bar(left: float, right: float, top: float, bottom: float, corner: float) -> Sketch:
    corners = [(left, top), (right, bottom)]
    return lambda pen, fine: pen.rounded_rectangle(_scaled(corners, fine), corner * fine, 255)


def _bezier(start: Point, first: Point, second: Point, end: Point) -> list[Point]:
    return [
        (
            (1 - t) ** 3 * start[0] + 3 * (1 - t) ** 2 * t * first[0] + 3 * (1 - t) * t**2 * second[0] + t**3 * end[0],
            (1 - t) ** 3 * start[1] + 3 * (1 - t) ** 2 * t * first[1] + 3 * (1 - t) * t**2 * second[1] + t**3 * end[1],
        )
        for t in (step / PIECES for step in range(PIECES + 1))
    ]


def _scaled(points: list[Point], scale: float) -> list[Point]:
    return [(x * scale, y * scale) for x, y in points]


def _between(low: RGB, high: RGB, share: float) -> RGB:
    red, green, blue = (round(one + (other - one) * share) for one, other in zip(low, high, strict=True))
    return red, green, blue
