"""Takes the README's pictures from the real studio: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import ARGUMENTS, find  # noqa: E402
from tests.serving import Serving  # noqa: E402
from tests.visitor import Visitor  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
BLENDS = (
    {"prompt_a": "church bells", "prompt_b": "late night jazz", "alpha": 0.35},
    {"prompt_a": "desert choir at night", "prompt_b": "slow dub techno", "alpha": 0.7, "seed_image_id": "agile"},
    {"prompt_a": "funky synth solo", "prompt_b": "90's rap", "alpha": 0.5, "seed_image_id": "og_beat"},
)
FILLED = "/?prompt_a=funky+synth+solo&prompt_b=90%27s+rap&alpha=0.5&seed_image_id=og_beat"


def main() -> None:
    """Make a few clips, and look at them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Serving(Path(folder) / "data") as studio, sync_playwright() as play:
        visitor = Visitor(studio.address)
        clips = [visitor.blend(take=1, **blend) for blend in BLENDS]
        for clip in clips:
            visitor.wait(clip)
        browser = play.chromium.launch(executable_path=find(), args=list(ARGUMENTS))
        for scheme in ("dark", "light"):
            page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=scheme)
            for name, address in (("studio", FILLED), ("clip", f"/clips/{clips[-1]}")):
                page.goto(studio.address + address, wait_until="networkidle")
                page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()
