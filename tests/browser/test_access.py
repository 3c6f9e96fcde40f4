"""For everybody: every page, in the dark and the light, on a phone and a desk, with or without colours and motion."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import abort
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from segue import create_app
from segue.config import Settings
from segue.web.stops import WORDS
from tests.browser.conftest import Open
from tests.browser.test_journeys import fill
from tests.servers import life
from tests.servers.upstream import Upstream
from tests.serving import Serving
from tests.visitor import Visitor

# The server of the stops is a small one inside the tests: a page that leaves may cut off the picture it is sending.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO:pytest.PytestUnraisableExceptionWarning")
WIDTHS = (320, 360, 768, 1280)
LONG = {"prompt_a": "w" * 90 + " church bells", "prompt_b": "طبل في الليل"}
PLACES = (
    "studio",
    "filled studio",
    "mistaken studio",
    "waiting",
    "clip",
    "failed clip",
    "canceled clip",
    "framed player",
    "offline",
)
STOPS = tuple(str(code) for code in WORDS)
UNSURE = "document.querySelector('progress')?.setAttribute('hidden', '')"
"""While nobody knows how far a clip is, a light goes round."""

everywhere = pytest.mark.parametrize("place", [*PLACES, *STOPS])
day_and_night = pytest.mark.parametrize("scheme", ["dark", "light"])


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Every kind of page, by its name."""
    folder = tmp_path_factory.mktemp("everywhere")
    with Upstream() as upstream, _stops(folder / "stops") as stops:
        key, base = upstream.gateway.key, upstream.gateway.base
        with (
            Serving(folder / "empty") as empty,
            Serving(folder / "data", SEGUE_CHAINHUB_KEY=key, SEGUE_CHAINHUB_URL=base) as studio,
        ):
            visitor = Visitor(studio.address)
            done = visitor.blend(**LONG, provider="sketch")
            upstream.gateway.script = life.STUCK
            waiting = _under_way(visitor, **LONG)
            canceled = _under_way(visitor, prompt_a="rain")
            visitor.http.post(f"{studio.address}/clips/{canceled}/cancel", visitor.form(), timeout=30)
            upstream.gateway.play(life.failed())
            failed = visitor.blend(prompt_a="a choir of gears", prompt_b="jazz")
            for clip in (done, canceled, failed):
                visitor.wait(clip)
            clips = {"waiting": waiting, "clip": done, "failed clip": failed, "canceled clip": canceled}
            yield {
                "studio": empty.address,
                "filled studio": f"{studio.address}/?prompt_a={LONG['prompt_a']}&prompt_b={LONG['prompt_b']}",
                "mistaken studio": studio.address,
                "offline": f"{empty.address}/offline",
                "framed player": f"{studio.address}/clips/{done}/embed",
                **{name: f"{studio.address}/clips/{clip}" for name, clip in clips.items()},
                **{code: f"{stops}/stops/{code}" for code in STOPS},
            }


@contextmanager
def _stops(data: Path) -> Iterator[str]:
    """A studio with an address for each way to stop; its own address."""
    app = create_app(Settings.load({"SEGUE_DATA": str(data)}))
    app.add_url_rule("/stops/<int:code>", "stops", abort)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["segue"].database.close()


def _under_way(visitor: Visitor, **fields: object) -> str:
    """A clip that has been asked for."""
    clip = visitor.blend(**fields)
    while visitor.status(clip)["status"] != "processing":
        time.sleep(0.05)
    return clip


def _enter(visit: Open, addresses: dict[str, str], place: str, **options: object) -> Page:
    page = visit(addresses[place], **options)
    if place == "mistaken studio":
        fill(page, prompt_b="y" * 501)
        page.get_by_role("button", name="Blend").click()
        expect(page.get_by_role("alert")).to_be_visible()
    if place == "waiting":
        expect(page.get_by_role("heading", name="Playing it in")).to_be_visible()
    return page


@day_and_night
@everywhere
def test_nothing_is_in_anybodys_way(addresses: dict[str, str], visit: Open, place: str, scheme: str) -> None:
    page = _enter(visit, addresses, place, color_scheme=scheme, reduced_motion="reduce")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@everywhere
def test_nothing_sticks_out_sideways_anywhere(addresses: dict[str, str], visit: Open, place: str) -> None:
    page = _enter(visit, addresses, place)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"at {width}"


@everywhere
def test_nothing_comes_from_elsewhere_and_the_policy_is_strict(
    addresses: dict[str, str], visit: Open, place: str
) -> None:
    page = _enter(visit, addresses, place)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(addresses[place])
    assert answer
    policy = answer.header_value("content-security-policy") or ""
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert asked
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(addresses[place]).netloc}


@everywhere
def test_what_can_be_pressed_is_seen_without_colours(addresses: dict[str, str], visit: Open, place: str) -> None:
    page = _enter(visit, addresses, place, forced_colors="active")
    bare = page.evaluate("""() => [...document.querySelectorAll(".button, button")].filter((button) => {
        const { borderTopWidth, borderTopStyle } = getComputedStyle(button);
        return button.checkVisibility() && (borderTopStyle === "none" || parseFloat(borderTopWidth) === 0);
    }).map((button) => button.outerHTML)""")
    assert bare == []


@everywhere
def test_nothing_moves_for_who_wants_it_still(addresses: dict[str, str], visit: Open, place: str) -> None:
    page = _enter(visit, addresses, place, reduced_motion="reduce")
    page.wait_for_timeout(200)
    page.evaluate(UNSURE)
    assert page.evaluate("document.getAnimations().map((each) => each.animationName ?? each.transitionProperty)") == []


def test_waiting_moves_for_everybody_else(addresses: dict[str, str], visit: Open) -> None:
    page = _enter(visit, addresses, "waiting")
    page.evaluate(UNSURE)
    assert page.evaluate("document.getAnimations().length") > 0
