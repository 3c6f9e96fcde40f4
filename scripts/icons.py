"""Draws the studio's sign for tabs and home screens, in static: `make icons`.

The sign is the crossfader: A falls, B rises, and below both is the blend. A tab's icon also tells how a clip is doing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import mul
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent.parent / "static"
SIDE = 32
"""Units the shapes are drawn in."""
FINER = 4
"""Pixels are drawn so many times too small, then averaged."""
CURVE_STEPS = 48

GROUND, CORNER = "#151413", 7
A = "M4 7C14 7 18 25 28 25H4Z"
B = "M28 7C18 7 14 25 4 25H28Z"
BLEND = "M16 16C13.2 19.8 9.5 25 4 25H28C22.5 25 18.8 19.8 16 16Z"
COLOURS = {A: "#f0a742", B: "#24c8c4", BLEND: "#8fd07a"}
GREYS = {A: "#8b8780", B: "#6d6a64", BLEND: "#aaa69e"}

BADGE = f'<circle cx="23.5" cy="23.5" r="8.5" fill="{GROUND}"/>'
SPINNING = f'{BADGE}<path d="M23.5 17.7A5.8 5.8 0 1 1 17.7 23.5" fill="none" stroke="#f4f1ea" stroke-width="3"/>'
PLAYABLE = (
    f'{BADGE}<circle cx="23.5" cy="23.5" r="7" fill="#f4f1ea"/><path d="M21 19.5V27.5L28 23.5Z" fill="{GROUND}"/>'
)
BROKEN = (
    f'{BADGE}<circle cx="23.5" cy="23.5" r="7" fill="#ff8066"/>'
    f'<path d="M20.5 20.5L26.5 26.5M26.5 20.5L20.5 26.5" stroke="{GROUND}" stroke-width="2.4"/>'
)
TABS = {
    "favicon": (COLOURS, ""),
    "favicon-waiting": (COLOURS, SPINNING),
    "favicon-done": (COLOURS, PLAYABLE),
    "favicon-failed": (GREYS, BROKEN),
}
SCREENS = {"icon-192": (192, CORNER, 1.0), "icon-512": (512, CORNER, 1.0)}
"""Name: pixels a side, the corners' radius, the size of the shapes."""
# Devices cut these to shapes of their own: the ground goes to the edge, and the sign keeps to the circle that is safe.
SCREENS |= {"icon-maskable-512": (512, 0, 0.8), "apple-touch-icon": (180, 0, 0.9)}


def main() -> None:
    for name, (colours, badge) in TABS.items():
        (FOLDER / f"{name}.svg").write_text(svg(colours, badge), "utf-8")
    (FOLDER / "icons").mkdir(exist_ok=True)
    for name, (side, corner, scale) in SCREENS.items():
        png(side, corner, scale).save(FOLDER / "icons" / f"{name}.png", optimize=True)
    print(f"{len(TABS)} icons for tabs and {len(SCREENS)} for screens are in {FOLDER.name}.")


def svg(colours: dict[str, str], badge: str) -> str:
    shapes = [f'<path d="{path}" fill="{colour}"/>' for path, colour in colours.items()]
    ground = f'<rect width="{SIDE}" height="{SIDE}" rx="{CORNER}" fill="{GROUND}"/>'
    lines = [ground, *shapes, *badge.replace("><", ">\n<").splitlines()]
    inside = "\n".join(f"  {line}" for line in lines)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">\n{inside}\n</svg>\n'


def png(side: int, corner: int, scale: float) -> Image.Image:
    fine = side * FINER
    unit = fine / SIDE
    picture = Image.new("RGBA", (fine, fine))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, fine - 1, fine - 1), corner * unit, GROUND)
    middle = SIDE / 2
    for path, colour in COLOURS.items():
        points = [
            ((middle + (x - middle) * scale) * unit, (middle + (y - middle) * scale) * unit) for x, y in outline(path)
        ]
        draw.polygon(points, colour)
    small = picture.resize((side, side), Image.Resampling.BOX)
    return small if corner else small.convert("RGB")


def outline(path: str) -> Iterator[tuple[float, float]]:
    """The points around a path of absolute M, C, H and Z."""
    x = y = 0.0
    for command, numbers in re.findall(r"([MCHZ])([^MCHZ]*)", path):
        values = [float(number) for number in numbers.split()]
        if command == "C":
            yield from curve((x, y), *zip(values[::2], values[1::2], strict=True))
        if command != "Z":
            x, y = values[-2:] if command != "H" else (values[0], y)
            yield x, y


def curve(*corners: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Points along a cubic curve, between its ends."""
    for step in range(1, CURVE_STEPS):
        t = step / CURVE_STEPS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        xs, ys = zip(*corners, strict=True)
        yield sum(map(mul, weights, xs)), sum(map(mul, weights, ys))


if __name__ == "__main__":
    main()
