"""The studio in a browser: what is typed stays, and one press is one clip."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, until
from tests.browser.test_journeys import CLIP, blend, fill
from tests.servers import life
from tests.servers.upstream import Upstream
from tests.serving import Serving


def test_a_double_click_is_one_clip_and_one_run(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.script = life.STUCK
    page = visit(connected.address)
    fill(page)
    page.get_by_role("button", name="Blend").dblclick()
    expect(page).to_have_url(CLIP)
    expect(page.get_by_role("heading", name="Playing it in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Playing it in")).to_be_visible()
    assert len(upstream.gateway.creates) == 1


def test_ctrl_and_enter_blend_from_anywhere_on_the_page(studio: Serving, visit: Open) -> None:
    page = visit(f"{studio.address}/?prompt_a=bells")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(CLIP)


def test_ctrl_and_enter_leave_a_link_and_a_dialog_what_is_theirs(studio: Serving, visit: Open) -> None:
    page = visit(f"{studio.address}/?prompt_a=bells")
    page.get_by_role("button", name="Examples for A").click()
    page.get_by_role("dialog").get_by_role("radio").first.press("Control+Enter")
    page.keyboard.press("Escape")
    page.evaluate("document.addEventListener('keydown', (event) => { window.taken = event.defaultPrevented; })")
    page.get_by_role("link", name="Library", exact=True).press("Control+Enter")
    until(page, "taken === false")
    expect(page).to_have_url(f"{studio.address}/?prompt_a=bells")


def test_going_back_and_blending_again_makes_a_new_clip(studio: Serving, visit: Open) -> None:
    page = visit(studio.address)
    fill(page)
    blend(page)
    first = page.url
    page.go_back()
    expect(page.get_by_label("Prompt A")).to_have_value("church bells")
    blend(page)
    assert page.url != first


def test_errors_stand_beside_their_field_with_everything_typed_still_there(studio: Serving, visit: Open) -> None:
    page = visit(studio.address)
    fill(page, prompt_b="y" * 501)
    page.get_by_role("button", name="Blend").click()
    field = page.get_by_label("Prompt B")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("That is 501 characters; keep it to 500."))
    expect(field).to_have_value("y" * 501)
    expect(page.get_by_label("Prompt A")).to_have_value("church bells")


def test_with_b_empty_the_fader_is_gone_and_the_page_says_so(studio: Serving, visit: Open) -> None:
    page = visit(studio.address)
    fader = page.get_by_role("slider", name="Crossfader")
    expect(fader).to_be_hidden()
    expect(page.get_by_text("Only A will play")).to_be_visible()
    page.get_by_label("Prompt B").fill("jazz")
    expect(fader).to_be_visible()
    expect(page.get_by_text("Only A will play")).to_be_hidden()


def test_the_take_is_offered_only_where_it_counts(connected: Serving, visit: Open) -> None:
    page = visit(connected.address)
    page.get_by_text("Steps and take").click()
    expect(page.get_by_role("radio", name="ChainHub")).to_be_checked()
    expect(page.get_by_label("Take")).to_be_hidden()
    page.get_by_role("radio", name="Built-in band").check()
    expect(page.get_by_label("Take")).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_nothing_sticks_out_sideways(studio: Serving, visit: Open, width: int, scheme: str) -> None:
    page = visit(
        f"{studio.address}/?prompt_a={'w' * 90}&prompt_b=طبل",
        viewport={"width": width, "height": 700},
        color_scheme=scheme,
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    blend(page)
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
