"""The crossfader: by hand, by key, by figure; what it says; and A and B changing places."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.test_journeys import blend, fill
from tests.serving import Serving


@pytest.fixture
def page(studio: Serving, visit: Open) -> Page:
    """The studio with two prompts."""
    return visit(f"{studio.address}/?prompt_a=church+bells&prompt_b=jazz&alpha=0.3")


def _fader(page: Page) -> Locator:
    return page.get_by_role("slider", name="Crossfader")


def _figure(page: Page) -> Locator:
    return page.get_by_role("spinbutton", name="Percent toward B")


def test_it_says_in_words_how_far_it_is_toward_which_prompt(page: Page) -> None:
    expect(_fader(page)).to_have_attribute("aria-valuetext", "30% toward jazz")
    expect(page.locator(".fader output")).to_have_text("30% toward jazz")
    page.get_by_label("Prompt B").fill("slow dub")
    expect(_fader(page)).to_have_attribute("aria-valuetext", "30% toward slow dub")
    _fader(page).fill("0")
    expect(_fader(page)).to_have_attribute("aria-valuetext", "All church bells")
    _fader(page).fill("1")
    expect(_fader(page)).to_have_attribute("aria-valuetext", "All slow dub")


def test_a_long_prompt_is_named_by_its_first_words(page: Page) -> None:
    page.get_by_label("Prompt B").fill("a very old piano in an empty hall on the other side of the road")
    expect(_fader(page)).to_have_attribute("aria-valuetext", "30% toward a very old piano in an…")


@pytest.mark.parametrize(
    ("key", "alpha"),
    [
        ("ArrowRight", "0.31"),
        ("ArrowLeft", "0.29"),
        ("PageUp", "0.4"),
        ("PageDown", "0.2"),
        ("Home", "0"),
        ("End", "1"),
        ("c", "0.5"),
    ],
)
def test_keys_move_it(page: Page, key: str, alpha: str) -> None:
    _fader(page).press(key)
    expect(_fader(page)).to_have_value(alpha)
    expect(_figure(page)).to_have_value(str(round(float(alpha) * 100)))


def test_a_double_click_centres_it(page: Page) -> None:
    _fader(page).dblclick(position={"x": 100, "y": 20})
    expect(_fader(page)).to_have_value("0.5")
    expect(_figure(page)).to_have_value("50")


def test_a_figure_moves_it_and_is_mended_where_it_is_none(page: Page) -> None:
    _figure(page).fill("62")
    expect(_fader(page)).to_have_value("0.62")
    expect(page.locator("html")).to_have_attribute("data-alpha", "0.62")
    _figure(page).fill("620")
    expect(_fader(page)).to_have_value("1")
    _figure(page).press("Enter")
    expect(_figure(page)).to_have_value("100")
    expect(page.get_by_role("button", name="Blend")).to_be_visible()
    _figure(page).fill("")
    _figure(page).blur()
    expect(_figure(page)).to_have_value("100")
    _figure(page).press("ArrowDown")
    expect(_fader(page)).to_have_value("0.99")


def test_the_room_takes_on_the_colour_while_it_moves(page: Page) -> None:
    mix = "getComputedStyle(document.querySelector('.button-blend')).backgroundColor"
    before = page.evaluate(mix)
    _fader(page).fill("0.9")
    assert page.evaluate(mix) != before


def test_a_and_b_change_places_and_the_sound_stays(page: Page) -> None:
    page.get_by_role("button", name="Swap A and B").click()
    expect(page.get_by_label("Prompt A")).to_have_value("jazz")
    expect(page.get_by_label("Prompt B")).to_have_value("church bells")
    expect(_fader(page)).to_have_value("0.7")
    expect(page.locator("#announcer")).to_have_text("Swapped: 70% toward church bells")
    blend(page)
    recipe = page.get_by_role("region", name="Recipe")
    expect(recipe).to_contain_text("30% A · 70% B")


def test_swapping_also_swaps_the_colours(page: Page) -> None:
    colours = "(({ hueA, hueB }) => [hueA, hueB])(document.documentElement.dataset)"
    before = page.evaluate(colours)
    page.get_by_role("button", name="Swap A and B").click()
    assert page.evaluate(colours) == before[::-1]


def test_white_space_in_b_is_no_second_sound(page: Page) -> None:
    page.get_by_label("Prompt B").fill("   ")
    expect(_fader(page)).to_be_hidden()
    expect(_figure(page)).to_be_hidden()
    expect(page.get_by_text("Only A will play")).to_be_visible()


def test_an_empty_b_moves_nothing_below_the_fader(page: Page) -> None:
    below = page.locator(".console-lower")
    before = below.bounding_box()
    page.get_by_label("Prompt B").fill("")
    expect(_fader(page)).to_be_hidden()
    assert below.bounding_box() == before


def test_a_prompt_from_right_to_left_keeps_to_itself(studio: Serving, visit: Open) -> None:
    page = visit(f"{studio.address}/?prompt_a=jazz&prompt_b=طبل&alpha=0.25")
    expect(_fader(page)).to_have_attribute("aria-valuetext", "25% toward طبل")
    figure, name = page.locator(".fader output strong"), page.locator(".fader output bdi")
    left, right = figure.bounding_box(), name.bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] < right["x"], "the figure stays at the beginning of the English words"
    assert page.get_by_label("Prompt B").evaluate("it => getComputedStyle(it).direction") == "rtl"


def test_without_scripts_the_range_is_the_crossfader(studio: Serving, visit: Open) -> None:
    page = visit(studio.address, java_script_enabled=False)
    expect(_fader(page)).to_be_hidden()
    expect(page.get_by_text("Only A will play")).to_be_visible()
    fill(page)
    expect(_fader(page)).to_be_visible()
    expect(_figure(page)).to_be_hidden()
    for button in ("Swap A and B", "Examples for A", "Roll the dice for A"):
        expect(page.get_by_role("button", name=button)).to_have_count(0)
    _fader(page).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    blend(page)
    expect(page.get_by_role("region", name="Recipe")).to_contain_text("47% A · 53% B")
