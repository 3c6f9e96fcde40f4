"""The two decks: prompts to start from, by choice or by chance, and those used before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Open, until
from tests.browser.test_journeys import blend, fill
from tests.serving import Serving

GENRES: dict[str, list[str]] = json.loads(
    (Path(__file__).parent.parent.parent / "static" / "prompts.json").read_text("utf-8")
)
ALL = [prompt for prompts in GENRES.values() for prompt in prompts]


@pytest.fixture
def page(studio: Serving, visit: Open) -> Page:
    """The studio."""
    return visit(studio.address)


@pytest.fixture
def used(page: Page) -> Page:
    """The studio on a device that has used a few prompts."""
    prompts = ["rain on a tin roof", "a piano in the rain", "Élégie for cello"]
    page.evaluate("prompts => localStorage.setItem('segue.prompts', JSON.stringify(prompts))", prompts)
    return page


def _a(page: Page) -> Locator:
    return page.get_by_label("Prompt A")


def _options(page: Page) -> Locator:
    return page.get_by_role("option")


def test_an_example_is_chosen_by_genre(page: Page) -> None:
    page.get_by_role("button", name="Examples for B").click()
    window = page.get_by_role("dialog", name="Examples for B")
    expect(window.get_by_role("radio")).to_have_count(len(GENRES))
    window.get_by_role("radio", name="Ambient").check()
    window.get_by_role("button", name=GENRES["Ambient"][2]).click()
    expect(window).to_be_hidden()
    expect(page.get_by_label("Prompt B")).to_have_value(GENRES["Ambient"][2])
    expect(page.get_by_role("button", name="Examples for B")).to_be_focused()
    expect(_a(page)).to_have_value("")


def test_examples_are_chosen_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Examples for A").press("Enter")
    first, second, *_ = GENRES
    expect(page.get_by_role("radio", name=first)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name=second)).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(_a(page)).to_have_value(GENRES[second][1])


def test_examples_can_be_left_without_choosing_one(page: Page) -> None:
    _a(page).fill("my own")
    for leave in ("Escape", "Close"):
        page.get_by_role("button", name="Examples for A").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        if leave == "Escape":
            page.keyboard.press("Escape")
        else:
            page.get_by_role("button", name="Close").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(_a(page)).to_have_value("my own")


def test_the_dice_roll_another_example_each_time(page: Page) -> None:
    rolled = []
    for _ in range(3):
        before = _a(page).input_value()
        page.get_by_role("button", name="Roll the dice for A").click()
        expect(_a(page)).not_to_have_value(before)
        rolled.append(_a(page).input_value())
    assert set(rolled) <= set(ALL)
    assert rolled[0] != rolled[1] != rolled[2]
    expect(page.locator("#announcer")).to_contain_text(f"A: {rolled[-1]}")


def test_what_was_written_by_hand_can_be_put_back(page: Page) -> None:
    _a(page).fill("my own words")
    expect(page.get_by_role("button", name="Put back what A said")).to_be_hidden()
    for _ in range(2):
        page.get_by_role("button", name="Roll the dice for A").click()
        expect(page.get_by_role("button", name="Put back what A said")).to_be_visible()
    page.get_by_role("button", name="Put back what A said").click()
    expect(_a(page)).to_have_value("my own words")
    expect(_a(page)).to_be_focused()


def test_a_deck_takes_on_the_colour_of_what_is_put_in(page: Page) -> None:
    assert page.evaluate("document.documentElement.dataset.hueA") is None
    page.get_by_role("button", name="Roll the dice for A").click()
    until(page, "document.querySelector('#prompt_a').value && document.documentElement.dataset.hueA")


def test_examples_that_cannot_be_had_say_so(page: Page) -> None:
    page.route("**/prompts.json*", lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="Roll the dice for A").click()
    words = "The examples cannot be had at the moment. Try again."
    expect(page.locator(".deck-a .deck-trouble")).to_have_text(words)
    expect(page.locator("#announcer")).to_have_text(words)
    page.unroute("**/prompts.json*")
    page.get_by_role("button", name="Roll the dice for A").click()
    expect(_a(page)).not_to_have_value("")
    expect(page.locator(".deck-a .deck-trouble")).to_be_hidden()


@pytest.fixture
def late(page: Page) -> list[Route]:
    """The examples, once they are asked for, wait to be let go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/prompts.json*", hold)
    return held


def _let_go(page: Page, held: list[Route]) -> None:
    with page.expect_response("**/prompts.json*"):
        held[0].continue_()
    page.wait_for_timeout(200)


@pytest.mark.parametrize("wish", ["Roll the dice for A", "Examples for A"])
def test_what_is_written_while_examples_come_late_stays(page: Page, late: list[Route], wish: str) -> None:
    page.get_by_role("button", name=wish).click()
    _a(page).press_sequentially("church be")
    _let_go(page, late)
    page.keyboard.type("lls")
    expect(_a(page)).to_have_value("church bells")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_of_two_decks_that_wait_for_examples_the_last_gets_one(page: Page, late: list[Route]) -> None:
    for letter in "AB":
        page.get_by_role("button", name=f"Examples for {letter}").click()
    _let_go(page, late)
    prompt = next(iter(GENRES.values()))[0]
    page.get_by_role("dialog", name="Examples for B").get_by_role("button", name=prompt).click()
    expect(page.get_by_label("Prompt B")).to_have_value(prompt)
    expect(_a(page)).to_have_value("")


def test_prompts_used_before_are_offered_while_typing(used: Page) -> None:
    _a(used).press_sequentially("rai")
    expect(_options(used)).to_have_text(["rain on a tin roof", "a piano in the rain"])
    expect(used.locator("#announcer")).to_have_text("2 used before. Arrow down to choose.")
    expect(_a(used)).to_be_focused()
    used.keyboard.press("ArrowDown")
    used.keyboard.press("ArrowDown")
    active = _a(used).get_attribute("aria-activedescendant")
    expect(used.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    used.keyboard.press("Enter")
    expect(_a(used)).to_have_value("a piano in the rain")
    expect(_options(used)).to_have_count(0)


def test_accents_and_case_are_no_hindrance(used: Page) -> None:
    _a(used).press_sequentially("ELEG")
    _options(used).first.click()
    expect(_a(used)).to_have_value("Élégie for cello")


def test_arrow_down_in_an_empty_field_offers_them_all(used: Page) -> None:
    _a(used).press("ArrowDown")
    expect(_options(used)).to_have_count(3)
    used.keyboard.press("Escape")
    expect(_options(used)).to_have_count(0)
    expect(_a(used)).to_be_focused()


def test_whoever_types_on_is_not_hindered(used: Page) -> None:
    _a(used).press_sequentially("rain")
    expect(_options(used)).to_have_count(2)
    used.keyboard.press("Enter")
    _a(used).press_sequentially("y days")
    expect(_options(used)).to_have_count(0)
    expect(_a(used)).to_have_value("rain\ny days")
    _a(used).fill("")
    _a(used).press_sequentially("rain")
    used.keyboard.press("Tab")
    expect(_options(used)).to_have_count(0)


def test_what_was_used_can_be_forgotten_one_by_one_and_altogether(used: Page) -> None:
    _a(used).press_sequentially("rain")
    used.keyboard.press("ArrowDown")
    used.keyboard.press("Delete")
    expect(_options(used)).to_have_text(["a piano in the rain"])
    used.get_by_role("button", name="Forget all").click()
    expect(_options(used)).to_have_count(0)
    _a(used).fill("")
    _a(used).press("ArrowDown")
    expect(_options(used)).to_have_count(0)


def test_what_is_blended_is_offered_the_next_time(studio: Serving, page: Page) -> None:
    fill(page, "church bells", "late night jazz")
    blend(page)
    page.goto(f"{studio.address}/?alpha=0.5")
    _a(page).press("ArrowDown")
    expect(_options(page)).to_have_text(["church bells", "late night jazz"])


def test_a_list_of_prompts_is_never_pushed_off_the_screen(studio: Serving, visit: Open) -> None:
    page = visit(studio.address, viewport={"width": 320, "height": 640}, has_touch=True)
    page.evaluate(
        "localStorage.setItem('segue.prompts', JSON.stringify(Array.from({length: 40}, (_, i) => `rain ${i}`)))"
    )
    page.get_by_label("Prompt B").press_sequentially("rain")
    expect(_options(page)).to_have_count(40)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    drawer = page.locator(".deck-b .recall-drawer").bounding_box()
    assert drawer is not None
    assert drawer["height"] < 320
