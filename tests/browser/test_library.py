"""The library in a real browser: heard in place, by hand and by key."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, until
from tests.browser.test_seeds import EARS
from tests.serving import Serving
from tests.visitor import Visitor

PROMPTS = ("church bells", "rain", "funky drums")


@pytest.fixture(scope="module")
def full(studio: Serving) -> Serving:
    """The studio with three clips in its library."""
    visitor = Visitor(studio.address)
    for prompt in PROMPTS:
        visitor.wait(visitor.blend(prompt_a=prompt, take=1))
    return studio


@pytest.fixture
def page(full: Serving, visit: Open) -> Page:
    """The library, with ears."""
    page = visit(f"{full.address}/library")
    page.evaluate(EARS)
    return page


def test_one_card_plays_at_a_time_in_its_place(page: Page) -> None:
    bells, rain = (page.get_by_role("button", name=f"Play {prompt}") for prompt in PROMPTS[:2])
    bells.click()
    expect(bells).to_have_attribute("data-sounding", "")
    until(page, "audible() === 1")
    rain.click()
    expect(rain).to_have_attribute("data-sounding", "")
    expect(bells).to_have_attribute("aria-pressed", "false")
    until(page, "audible() === 1")
    rain.click()
    expect(rain).to_have_attribute("aria-pressed", "false")
    until(page, "audible() === 0")


def test_n_plays_the_next_and_p_the_previous(page: Page) -> None:
    pressed = page.locator('.shelf-play[aria-pressed="true"]')
    for key, prompt in (("n", "funky drums"), ("n", "rain"), ("p", "funky drums"), ("p", "church bells")):
        page.keyboard.press(key)
        expect(pressed).to_have_count(1)
        expect(pressed).to_have_attribute("aria-label", f"Play {prompt}")
        expect(pressed).to_be_focused()


def test_letters_are_only_keys_where_nobody_types_and_they_are_on(page: Page) -> None:
    page.get_by_label("Search the library").press("n")
    expect(page.get_by_label("Search the library")).to_have_value("n")
    page.locator("h1").click()
    page.evaluate("localStorage.setItem('segue.letters', 'false')")
    page.keyboard.press("n")
    expect(page.locator('.shelf-play[aria-pressed="true"]')).to_have_count(0)
    page.evaluate("localStorage.removeItem('segue.letters')")


def test_a_shelf_that_is_taken_away_leaves_nothing_behind(page: Page) -> None:
    page.get_by_role("button", name="Play rain").click()
    until(page, "audible() === 1")
    page.evaluate("window.shelf = document.querySelector('clip-shelf'); shelf.remove()")
    until(page, "audible() === 0")
    assert page.evaluate("shelf.querySelectorAll('.shelf-play').length") == 0
    page.keyboard.press("n")
    page.evaluate("document.querySelector('main').append(shelf)")
    expect(page.locator(".shelf-play")).to_have_count(len(PROMPTS))


def test_ticked_clips_go_to_the_bin_and_come_back(page: Page) -> None:
    page.get_by_label("Choose rain").check()
    page.get_by_role("button", name="Bin", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="in the bin")).to_be_visible()
    expect(page.get_by_role("link", name="rain")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="rain")).to_have_count(1)
    page.get_by_role("button", name="Heart rain").click()
    expect(page.get_by_role("button", name="Heart rain")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("where", ["/library", "/library?q=nothing+like+it", "/library/bin"])
def test_everybody_can_use_it_at_any_width(full: Serving, visit: Open, where: str) -> None:
    page = visit(full.address + where)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
