"""Drawing a card: both prompts over the clip's own picture, in the clip's own colours."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageOps

from segue.cards import SIZE, shapes
from segue.cards.fonts import BUILT_IN, Typeface, typefaces
from segue.cards.lettering import letter
from segue.cards.prompts import INK, MARGIN, write
from segue.colours import RGB, Blend

HEAD = 56
FADER = (236, 60)
PICTURE_TOP = 236
BANDS = 64
GLOW = 0.26
RIM = 77
"""What is left of Pillow's round gradient at its sides."""
FOCUS = 1.45
"""Makes the faint parts of the picture fainter: on a card the tune has to be seen, not the room."""
RISEN = 0.62
QUALITY = 76
"""As JPEG counts it. Even noise stays under the 300 kB that some messengers fetch at most."""


def drawn(prompt_a: str, prompt_b: str, alpha: float, picture: Path, faces: Iterable[Typeface] | None = None) -> bytes:
    """The card as JPEG, 1200 x 630. `faces` are the typefaces there are. Raises OSError for a spoilt picture."""
    blend = Blend.of(prompt_a, prompt_b, alpha)
    ground = blend.mix(0.165, 0.016)
    card = _lit(ground, blend)
    _show(card, picture, blend)
    _head(card, blend, ground, solo=not prompt_b)
    prompts = [prompt for prompt in (prompt_a, prompt_b) if prompt]
    write(card, letter(prompts, typefaces() if faces is None else faces), blend, ground)
    return _encoded(card)


def _lit(ground: RGB, blend: Blend) -> Image.Image:
    """The room, with a light of either colour in its upper corners, as strong as its share."""
    width, height = SIZE
    card = Image.new("RGB", SIZE, ground)
    glow = ImageOps.invert(Image.radial_gradient("L")).resize((width * 3 // 2, height * 2))
    for middle, share, strength in ((0.06, 0, 1 - blend.alpha), (0.94, 1, blend.alpha)):
        level = GLOW * (0.4 + strength)
        light = glow.point([round(max(0, value - RIM) * level) for value in range(256)])
        card.paste(blend.at(share), (round(width * (middle - 0.75)), -height), light)
    return card


def _show(card: Image.Image, picture: Path, blend: Blend) -> None:
    """The spectrogram along the foot of the card, coloured as the page colours it, rising out of the dark."""
    width, height = SIZE[0], SIZE[1] - PICTURE_TOP
    with Image.open(picture) as file:
        loud = ImageOps.invert(file.convert("L")).resize((width, height), Image.Resampling.BICUBIC)
    loud = loud.point([round(255 * (value / 255) ** FOCUS) for value in range(256)])
    colours = Image.new("RGB", (1, BANDS))
    for band in range(BANDS):
        colours.putpixel((0, BANDS - 1 - band), blend.at(_share(band / (BANDS - 1), blend.alpha)))
    lit = ImageChops.hard_light(
        colours.resize((width, height), Image.Resampling.BICUBIC), Image.merge("RGB", [loud] * 3)
    )
    behind = card.crop((0, PICTURE_TOP, *SIZE))
    rise = Image.linear_gradient("L").resize((width, height)).point([_rising(value / 255) for value in range(256)])
    card.paste(Image.composite(ImageChops.lighter(lit, behind), behind, rise), (0, PICTURE_TOP))


def _share(height: float, alpha: float) -> float:
    """B's share at a height of the picture: A at the foot, the blend in the middle, B at the top."""
    return 2 * height * alpha if height < 0.5 else alpha + (2 * height - 1) * (1 - alpha)


def _rising(depth: float) -> int:
    """How much of the picture there is so far down in it, 0..255: none at its top, all of it from RISEN on."""
    share = min(depth / RISEN, 1)
    return round(255 * share * share * (3 - 2 * share))


def _head(card: Image.Image, blend: Blend, ground: RGB, solo: bool) -> None:
    """The wordmark, and the crossfader as it stands; with only A there is nothing to fade."""
    shapes.sign(card, MARGIN, HEAD, 52, blend, ground)
    font = BUILT_IN.at(36)
    ImageDraw.Draw(card).text((MARGIN + 66, HEAD + 32), "Segue", INK, font, "ls", stroke_width=0.4, stroke_fill=INK)
    if not solo:
        shapes.fader(card, SIZE[0] - MARGIN - FADER[0], HEAD - 10, FADER, blend, ground)


def _encoded(card: Image.Image) -> bytes:
    buffer = io.BytesIO()
    card.save(buffer, "JPEG", quality=QUALITY, subsampling=0, optimize=True, progressive=True)
    return buffer.getvalue()
