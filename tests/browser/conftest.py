"""A real browser against a real serving process."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, find
from tests.servers.upstream import Upstream
from tests.serving import Serving, free_port

Open = Callable[..., Page]

PATIENCE = 60_000
"""Milliseconds a page may take for anything: the machine may be busy, or stand still for a while."""
TABS = 60
"""Presses of a key after which a musician gives up."""
# What a page is meant to show in a test is reported by the browser as a failure to load.
EXPECTED = re.compile(r"net::ERR_(CONNECTION|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)|status of 422")
STOPPED = re.compile(r"Failed to load resource: the server responded with a status of \d{3}")

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once."""
    path = find()
    assert path, "no browser: run `make test`, which installs one"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS), timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A solo studio with nothing configured."""
    with Serving(tmp_path_factory.mktemp("solo") / "data") as serving:
        yield serving


@pytest.fixture
def connected(tmp_path: Path, upstream: Upstream) -> Iterator[Serving]:
    """A studio with a key to the gateway."""
    key, base = upstream.gateway.key, upstream.gateway.base
    hosts = upstream.files.netloc
    with Serving(tmp_path / "data", SEGUE_CHAINHUB_KEY=key, SEGUE_CHAINHUB_URL=base, SEGUE_FILE_HOSTS=hosts) as serving:
        yield serving


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A studio with every player set up; nobody but the built-in band is there."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    keys = {"SEGUE_CHAINHUB_KEY": "key", "REPLICATE_API_TOKEN": "key"}
    bases = ("SEGUE_CHAINHUB_URL", "SEGUE_REPLICATE_URL", "SEGUE_COG_URL", "SEGUE_RIFFUSION_URL")
    with Serving(tmp_path_factory.mktemp("full") / "data", **keys, **dict.fromkeys(bases, nowhere)) as serving:
        yield serving


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Serving]:
    """A studio of its own: who comes first owns it. Its limits are shown, and far away."""
    limits = "running=5 hour=50 day=100 month=5.00"
    fair = {"SEGUE_MEMBER_LIMITS": limits, "SEGUE_STUDIO_LIMITS": limits, "SEGUE_PRICES": "sketch=0.01"}
    with Serving(tmp_path / "data", **fair) as serving:
        yield serving


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Open]:
    """Opens a page as a new visitor. Afterwards: no visitor's console may have complained."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        itself = message.page is not None and message.location["url"] == message.page.url
        expected = EXPECTED.search(message.text) or (itself and STOPPED.match(message.text))
        if message.type in ("error", "warning") and not expected:
            complaints.append(message.text)

    def open_page(address: str, **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def until(page: Page, condition: str) -> None:
    """Wait until a JavaScript expression is true; Playwright's own way would ask the page to break its CSP."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(20)


def stop_the_clock(page: Page) -> None:
    """A minute passes at once in a page whose clock is installed; after that only `page.clock` lets time pass."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)


def tab_to(what: Locator, backwards: bool = False) -> None:
    """Get there by keyboard alone, as soon as it is on the page."""
    what.wait_for()
    for _ in range(TABS):
        what.page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if what.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Tab never reached {what}")
