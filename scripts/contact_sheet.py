"""Pictures of thirty clips by the built-in band, and what it understood of their prompts.

Writes docs/band.png and brings the table in docs/band.md up to date. The prompts are those that riffusion's first web
app offered people to try.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from segue.audio.spectrogram import pixels  # noqa: E402
from segue.sketch import hear, play  # noqa: E402

PROMPTS = (
    "acoustic folk violin jam",
    "ancient chinese hymn",
    "anger rap",
    "arabic (vocals:1.5)",
    "alarm clock",
    "baroque new wave pop",
    "bongos on a havana street",
    "brazilian Forró dance",
    "bubblegum eurodance",
    "(caribbean:1.5) (jazz:0.3)",
    "chainsaw funk",
    "church bells",
    "church organ with a harpsichord",
    "clarinet with maracas",
    "classical flute",
    "classical italian tenor operatic pop",
    "funk bassline with a jazzy saxophone",
    "jamaican dancehall vocals",
    "jazzy rapping from paris",
    "k-pop boy group",
    "lo-fi beat for the holidays",
    "mambo but from kenya",
    "new orleans blues",
    "piano concerto in a minor",
    "psychedelic nepalese trance",
    "rock and roll electric guitar solo",
    "square dancing in wyoming",
    "swing jazz trumpet",
    "techno DJ and a country fiddle",
    "typing",
)
SEED, DENOISING, STEPS, TAKE = "vibes", 0.75, 50, 1
SHEET, TABLE = ROOT / "docs" / "band.png", ROOT / "docs" / "band.md"
FROM, TO = "<!-- what was understood -->", "<!-- so far -->"
COLUMNS, SIZE, GAP, CAPTION, PALETTE = 5, 240, 12, 22, 96
INK, PAPER = (236, 234, 228), (17, 17, 16)
# From silence to the loudest, as grey values of a picture from 255 down to 0.
COLOURS = ((17, 17, 16), (44, 30, 92), (137, 44, 120), (226, 88, 82), (252, 178, 96), (252, 252, 220))


def main() -> None:
    sheet().quantize(PALETTE).save(SHEET, optimize=True)
    text = TABLE.read_text("utf-8")
    before, after = text.partition(FROM)[0], text.partition(TO)[2]
    TABLE.write_text(f"{before}{FROM}\n{table()}\n{TO}{after}", "utf-8")
    print(f"{SHEET.relative_to(ROOT)} and {TABLE.relative_to(ROOT)} are up to date.")


def table() -> str:
    """What the band understood, as a Markdown table."""
    rows = [f"| {prompt} | {hear(prompt, '', 0.0, SEED, DENOISING)} |" for prompt in PROMPTS]
    return "\n".join(["| prompt | heard |", "|---|---|", *rows])


def sheet() -> Image.Image:
    rows = -(-len(PROMPTS) // COLUMNS)
    cell = (SIZE + GAP, SIZE + CAPTION + GAP)
    page = Image.new("RGB", (COLUMNS * cell[0] + GAP, rows * cell[1] + GAP), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for number, prompt in enumerate(PROMPTS):
        x, y = GAP + number % COLUMNS * cell[0], GAP + number // COLUMNS * cell[1]
        page.paste(picture(prompt), (x, y))
        draw.text((x, y + SIZE + 3), prompt, INK, font)
    return page


def picture(prompt: str) -> Image.Image:
    sound = play(prompt, "", 0.0, SEED, DENOISING, STEPS, TAKE)
    grey = np.asarray(Image.fromarray(pixels(sound.mean(axis=1))).resize((SIZE, SIZE), Image.Resampling.BOX))
    loudness = 1 - grey / 255
    stops = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(loudness, stops, [colour[channel] for colour in COLOURS]) for channel in range(3)]
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


if __name__ == "__main__":
    main()
