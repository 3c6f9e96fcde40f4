"""From Blend to a clip that can be played, by the built-in band: over plain HTTP, and in a real browser.

HTTP: the form is posted, the clip asked after as often as the studio says, its audio fetched to the last byte.
Browser: Blend is pressed, until the page's `<audio>` has enough to go on playing (HAVE_FUTURE_DATA).
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from _ground import machine, middle, spread, tell
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, find
from tests.serving import Serving
from tests.visitor import Visitor

ROUNDS = 15
PATIENCE = 30.0
FIRST_LOOK = 0.2
"""Seconds until the page asks for the first time."""
PLAYABLE = "() => (document.querySelector('audio')?.readyState ?? 0) >= 3"


def main() -> None:
    print(f"First sound: medians of {ROUNDS}. {machine()}")
    with tempfile.TemporaryDirectory() as folder, Serving(Path(folder) / "data") as studio:
        by_http(studio)
        in_a_browser(studio)


def by_http(studio: Serving) -> None:
    visitor = Visitor(studio.address)
    waits = [http_round(visitor, number) for number in range(ROUNDS + 1)]
    tell("HTTP, the first clip after the start", waits[0], "s")
    tell("HTTP, POST to the audio's last byte", middle(waits[1:]), "s", f"aim: under 1.5; {spread(waits[1:])}")


def http_round(visitor: Visitor, number: int) -> float:
    form = visitor.form(prompt_a=f"church bells {number}", prompt_b="late night jazz", alpha=0.3)
    began = time.monotonic()
    answer = visitor.post(form)
    clip = answer.headers["Location"].rpartition("/")[2]
    visitor.http.get(f"{visitor.address}/clips/{clip}", timeout=PATIENCE)
    pause = FIRST_LOOK
    while time.monotonic() < began + PATIENCE:
        time.sleep(pause)
        standing = visitor.status(clip)
        if standing["poll_after_ms"] is None:
            assert standing["status"] == "succeeded", standing
            assert visitor.http.get(visitor.address + standing["audio"], timeout=PATIENCE).content
            return time.monotonic() - began
        pause = standing["poll_after_ms"] / 1000
    raise TimeoutError("no sound came")


def in_a_browser(studio: Serving) -> None:
    found = find()
    if found is None:
        sys.exit("No browser of Chromium's family is here: python -m tests.browser.chromium gets one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        page = browser.new_page()
        waits = [browser_round(page, studio.address, number) for number in range(ROUNDS + 1)]
        browser.close()
    tell("browser, Blend to playable", middle(waits[1:]), "s", f"aim: under 1.5; {spread(waits[1:])}")


def browser_round(page: Page, address: str, number: int) -> float:
    page.goto(address)
    page.get_by_label("Prompt A").fill(f"gravel road {number}")
    page.get_by_label("Prompt B").fill("summer rain")
    began = time.monotonic()
    page.get_by_role("button", name="Blend").click(no_wait_after=True)
    page.wait_for_function(PLAYABLE, timeout=PATIENCE * 1000)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
