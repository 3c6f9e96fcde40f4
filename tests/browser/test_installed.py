"""The studio as an app of its own, on paper, and out of reach."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, until
from tests.servers.behaviours import html
from tests.servers.host import Host
from tests.servers.wire import Exchange
from tests.serving import Serving, free_port
from tests.visitor import Visitor

HIRED = "navigator.serviceWorker.ready.then((hired) => hired.active?.state === 'activated')"


class Front(Host):
    """A web server in front, with nobody behind it."""

    def serve(self, exchange: Exchange) -> None:
        html(502)(exchange)


def test_a_studio_out_of_reach_says_so_and_comes_back_by_itself(tmp_path: Path, visit: Open) -> None:
    with Serving(tmp_path / "data") as studio:
        clip = Visitor(studio.address).blend(prompt_a="bells")
        page = visit(studio.address)
        until(page, HIRED)
        studio.stop()
        page.goto(f"{studio.address}/clips/{clip}")
        expect(page.get_by_role("heading", name="The studio is out of reach")).to_be_visible()
        assert page.locator(".stop").evaluate("stop => getComputedStyle(stop).display") == "grid", "it has its styles"
        studio.start()
        page.get_by_role("link", name="Try again").click()
        expect(page.get_by_role("heading", name="bells")).to_be_visible()


def test_so_it_does_where_a_web_server_in_front_says_it_for_the_studio(tmp_path: Path, visit: Open) -> None:
    with Serving(tmp_path / "data") as studio:
        page = visit(studio.address)
        until(page, HIRED)
        studio.stop()
        with Front(port=studio.port):
            page.goto(f"{studio.address}/library")
            expect(page.get_by_role("heading", name="The studio is out of reach")).to_be_visible()
        studio.start()
        page.get_by_role("link", name="Try again").click()
        expect(page.get_by_role("heading", name="Library")).to_be_visible()


def test_what_the_studio_itself_says_of_others_that_are_away_is_heard(tmp_path: Path, visit: Open) -> None:
    issuer = {
        "ISSUER": f"https://127.0.0.1:{free_port()}",
        "CLIENT_ID": "segue",
        "CLIENT_SECRET": "one that is long enough",
    }
    with Serving(tmp_path / "data", **{f"SEGUE_OIDC_{name}": value for name, value in issuer.items()}) as studio:
        page = visit(studio.address)
        until(page, HIRED)
        page.goto(f"{studio.address}/sign-in/oidc")
        expect(page.get_by_role("heading", name="That did not work")).to_be_visible()


def test_a_blend_that_finds_nobody_comes_back_with_its_recipe(tmp_path: Path, visit: Open) -> None:
    with Serving(tmp_path / "data") as studio:
        page = visit(studio.address)
        until(page, HIRED)
        page.reload()
        until(page, "navigator.serviceWorker.controller !== null")
        page.get_by_label("Prompt A").fill("harp at dusk")
        studio.stop()
        page.get_by_role("button", name="Blend").click()
        expect(page.get_by_role("heading", name="The studio is out of reach")).to_be_visible()
        studio.start()
        page.get_by_role("link", name="Try again").click()
        expect(page.get_by_label("Prompt A")).to_have_value("harp at dusk")
        page.get_by_role("button", name="Blend").click()
        expect(page.get_by_role("link", name="Download audio")).to_be_visible()


def test_the_worker_leaves_everything_else_alone(studio: Serving, visit: Open) -> None:
    page = visit(studio.address)
    until(page, HIRED)
    page.reload()
    until(page, "navigator.serviceWorker.controller !== null")
    clip = Visitor(studio.address).blend(prompt_a="bells")
    answer = page.goto(f"{studio.address}/clips/{clip}")
    assert answer
    assert answer.status == 200
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    kept = page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name))))"
        ".then((all) => Promise.all(all.map((each) => each.keys())))"
        ".then((found) => found.flat().map((request) => new URL(request.url).pathname))"
    )
    assert [re.sub("/static/[0-9a-f]+", "", path) for path in kept] == ["/offline", "/css/offline.css"]


def test_the_tab_tells_when_a_clip_is_done(studio: Serving, visit: Open) -> None:
    clip = Visitor(studio.address).blend(prompt_a="bells")
    page = visit(f"{studio.address}/clips/{clip}")
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("favicon-done"))
    expect(page).to_have_title("bells · Segue")


def test_a_clip_goes_onto_one_sheet_of_paper(studio: Serving, visit: Open) -> None:
    visitor = Visitor(studio.address)
    clip = visitor.blend(prompt_a="church bells", prompt_b="late night jazz")
    visitor.wait(clip)
    page = visit(f"{studio.address}/clips/{clip}", color_scheme="dark")
    expect(page.locator(".sheet-address")).to_be_hidden()
    until(page, "document.querySelector('.player-picture img').complete")
    _on_paper(page)
    expect(page.get_by_text(f"{studio.address}/clips/{clip}", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="Spectrogram")).to_be_visible()
    expect(page.get_by_role("region", name="Recipe")).to_contain_text("late night jazz")
    expect(page.get_by_role("button")).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1


def test_what_cannot_be_pressed_on_paper_is_not_there(studio: Serving, visit: Open) -> None:
    for address in ("/", "/nothing"):
        page = visit(studio.address + address)
        _on_paper(page)
        expect(page.get_by_role("button")).to_have_count(0)
        expect(page.locator("a.button:visible")).to_have_count(0)


def _on_paper(page: Page) -> None:
    page.emulate_media(media="print")
