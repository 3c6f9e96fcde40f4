"""The last recipe is remembered on this device, and never comes between a link and what it asks for."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, until
from tests.browser.test_journeys import blend, fill
from tests.serving import Serving
from tests.visitor import Visitor


@pytest.fixture
def page(studio: Serving, visit: Open) -> Page:
    """The studio on a device that has blended something."""
    page = visit(studio.address)
    fill(page)
    page.get_by_role("slider", name="Crossfader").fill("0.3")
    page.get_by_role("radio", name="Agile").check()
    page.get_by_role("slider", name="How far from the groove").fill("0.4")
    page.get_by_text("Steps and take").click()
    page.get_by_label("Steps", exact=True).fill("20")
    blend(page)
    page.goto(studio.address)
    return page


def _expect_the_last(page: Page) -> None:
    expect(page.get_by_label("Prompt A")).to_have_value("church bells")
    expect(page.get_by_label("Prompt B")).to_have_value("late night jazz")
    expect(page.get_by_role("slider", name="Crossfader")).to_have_value("0.3")
    expect(page.get_by_role("radio", name="Agile")).to_be_checked()
    expect(page.get_by_role("slider", name="How far from the groove")).to_have_value("0.4")
    expect(page.get_by_label("Steps", exact=True)).to_have_value("20")
    expect(page.get_by_label("Take")).to_have_value("")


def test_the_last_recipe_comes_back(page: Page) -> None:
    _expect_the_last(page)
    expect(page.locator(".groove output")).to_have_text("0.40 · about halfway")
    expect(page.locator("html")).to_have_attribute("data-alpha", "0.3")


def test_a_link_has_its_own_way(studio: Serving, page: Page) -> None:
    page.goto(f"{studio.address}/?prompt_a=rain")
    expect(page.get_by_label("Prompt A")).to_have_value("rain")
    expect(page.get_by_label("Prompt B")).to_have_value("")
    expect(page.get_by_role("radio", name="Vibes")).to_be_checked()
    visitor = Visitor(studio.address)
    clip = visitor.blend(prompt_a="harp", denoising=0.9)
    page.goto(f"{studio.address}/?from={clip}")
    expect(page.get_by_label("Prompt A")).to_have_value("harp")
    expect(page.get_by_label("Prompt B")).to_have_value("")
    expect(page.get_by_role("slider", name="How far from the groove")).to_have_value("0.9")


def test_one_can_start_afresh(studio: Serving, page: Page) -> None:
    page.get_by_role("link", name="Start afresh").click()
    expect(page.get_by_label("Prompt A")).to_have_value("")
    expect(page.get_by_label("Prompt A")).to_be_focused()
    expect(page.get_by_label("Prompt B")).to_have_value("")
    expect(page.get_by_role("radio", name="Vibes")).to_be_checked()
    expect(page.locator(".groove output")).to_have_text("0.75 · free")
    expect(page.get_by_label("Steps", exact=True)).to_have_value("50")
    expect(page.get_by_role("link", name="Start afresh")).to_be_hidden()
    page.goto(studio.address)
    expect(page.get_by_label("Prompt A")).to_have_value("")


def test_what_was_there_before_starting_afresh_can_be_put_back(page: Page) -> None:
    page.get_by_role("link", name="Start afresh").click()
    page.get_by_role("button", name="Put back what A said").click()
    expect(page.get_by_label("Prompt A")).to_have_value("church bells")


def test_starting_afresh_from_a_link_leads_to_an_empty_studio(studio: Serving, page: Page) -> None:
    page.goto(f"{studio.address}/?prompt_a=rain")
    page.get_by_role("link", name="Start afresh").click()
    expect(page).to_have_url(f"{studio.address}/")
    expect(page.get_by_label("Prompt A")).to_have_value("")


def test_what_is_typed_survives_a_reload(page: Page) -> None:
    page.get_by_label("Prompt A").fill("not sent yet")
    until(page, "history.state?.draft?.prompt_a === 'not sent yet'")
    page.reload()
    expect(page.get_by_label("Prompt A")).to_have_value("not sent yet")


def test_where_nothing_may_be_kept_the_studio_works_all_the_same(studio: Serving, visit: Open) -> None:
    page = visit(f"{studio.address}/offline")
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })")
    page.goto(studio.address)
    fill(page)
    blend(page)
    page.goto(studio.address)
    expect(page.get_by_label("Prompt A")).to_have_value("")


def test_rubbish_that_was_kept_is_no_recipe(studio: Serving, visit: Open) -> None:
    page = visit(studio.address)
    for rubbish in ('"words"', "{", '{"prompt_a": 7, "seed_image_id": "none"}', "[1]"):
        page.evaluate("kept => localStorage.setItem('segue.recipe', kept)", rubbish)
        page.goto(f"{studio.address}/")
        expect(page.get_by_label("Prompt A")).to_have_value("")
        expect(page.get_by_role("radio", name="Vibes")).to_be_checked()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_clip_made_from_another_knows_where_it_came_from(studio: Serving, visit: Open, scripts: bool) -> None:
    visitor = Visitor(studio.address)
    parent = visitor.blend(prompt_a="a parent", take=7)
    visitor.wait(parent)
    page = visit(f"{studio.address}/?from={parent}", java_script_enabled=scripts)
    page.get_by_label("Prompt B").fill("a child")
    blend(page)
    visitor.wait(page.url.rsplit("/", 1)[1])
    page.reload()
    expect(page.get_by_text(re.compile("where this came from")).first).to_be_attached()


def test_a_new_take_of_the_same_recipe_is_one_press_away(studio: Serving, visit: Open) -> None:
    visitor = Visitor(studio.address)
    clip = visitor.blend(prompt_a="harp", take=7)
    page = visit(f"{studio.address}/?from={clip}")
    page.get_by_role("button", name="New take").click()
    expect(page.get_by_role("region", name="Recipe")).to_be_visible()
    expect(page.get_by_role("region", name="Recipe").get_by_text("7", exact=True)).to_have_count(0)
