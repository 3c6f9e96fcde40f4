"""Takes the README's pictures from the real studio: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import ARGUMENTS, find  # noqa: E402
from tests.servers.life import HALFWAY, Life  # noqa: E402
from tests.servers.upstream import Upstream  # noqa: E402
from tests.serving import Serving  # noqa: E402
from tests.visitor import Visitor  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
BLENDS = (
    {"prompt_a": "church bells", "prompt_b": "late night jazz", "alpha": 0.35},
    {"prompt_a": "desert choir at night", "prompt_b": "slow dub techno", "alpha": 0.7, "seed_image_id": "agile"},
    {"prompt_a": "funky synth solo", "prompt_b": "90's rap", "alpha": 0.5, "seed_image_id": "og_beat"},
)
FILLED = "/?prompt_a=funky+synth+solo&prompt_b=90%27s+rap&alpha=0.5&seed_image_id=og_beat"
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}


def main() -> None:
    """Make a few clips, and look at them, and at one in the making."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Serving(Path(folder) / "data") as studio, sync_playwright() as play:
        visitor = Visitor(studio.address)
        clips = [visitor.blend(take=1, **blend) for blend in BLENDS]
        for clip in clips:
            visitor.wait(clip)
        browser = play.chromium.launch(executable_path=find(), args=list(ARGUMENTS))
        made = f"{studio.address}/clips/{clips[-1]}"
        for scheme in ("dark", "light"):
            take(browser, studio.address + FILLED, f"studio-{scheme}", DESK, scheme)
            take(browser, made, f"clip-{scheme}", DESK, scheme, play_it)
        take(browser, studio.address + "/library", "library-dark", DESK, "dark")
        take(browser, studio.address + FILLED, "studio-phone", PHONE, "dark")
        take(browser, made, "clip-phone", PHONE, "light", play_it)
        with in_the_making(Path(folder) / "waiting") as address:
            take(browser, address, "waiting-dark", DESK, "dark", see_progress)
        browser.close()


@contextmanager
def in_the_making(data: Path) -> Iterator[str]:
    """The address of a clip that is halfway for ever, at a gateway on loopback."""
    with Upstream() as upstream:
        gateway = upstream.gateway
        gateway.script = Life((HALFWAY,))
        with Serving(data, SEGUE_CHAINHUB_KEY=gateway.key, SEGUE_CHAINHUB_URL=gateway.base) as studio:
            clip = Visitor(studio.address).blend(**BLENDS[1])
            yield f"{studio.address}/clips/{clip}"


def take(
    browser: Browser,
    address: str,
    name: str,
    size: ViewportSize,
    scheme: Literal["dark", "light"],
    act: Callable[[Page], None] = lambda page: None,
) -> None:
    """A picture of a page, after `act` has been done to it."""
    touch = size["width"] < 600
    context = browser.new_context(viewport=size, color_scheme=scheme, has_touch=touch, is_mobile=touch)
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    act(page)
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


def play_it(page: Page) -> None:
    """Play a second and a half of it."""
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(1500)


def see_progress(page: Page) -> None:
    """Wait until it says how far it is."""
    page.get_by_role("progressbar").wait_for()


if __name__ == "__main__":
    main()
