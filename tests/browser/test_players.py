"""The form follows whoever plays, and so do the words while waiting."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, stop_the_clock
from tests.browser.test_journeys import blend, fill
from tests.servers import life
from tests.servers.behaviours import honest, throttled
from tests.servers.upstream import Upstream
from tests.serving import Serving

MISSING = "ChainHub does not have High fifth, so Vibes is chosen."


def _seed(page: Page, name: str) -> None:
    page.locator(".pad", has_text=name).click()


def _player(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).check()


def test_the_seeds_follow_the_player(connected: Serving, visit: Open) -> None:
    page = visit(connected.address)
    expect(page.get_by_role("radio", name="High fifth")).to_be_hidden()
    _player(page, "Built-in band")
    _seed(page, "High fifth")
    expect(page.get_by_role("radio", name="High fifth")).to_be_checked()
    _player(page, "ChainHub")
    expect(page.get_by_role("radio", name="High fifth")).to_be_hidden()
    expect(page.get_by_role("radio", name="Vibes")).to_be_checked()
    expect(page.locator("#announcer")).to_have_text(MISSING)
    expect(page.locator(".seeds-note")).to_have_text(MISSING)
    _player(page, "Built-in band")
    expect(page.get_by_role("radio", name="High fifth")).to_be_checked()
    expect(page.locator(".seeds-note")).to_be_hidden()


def test_a_seed_picked_instead_stays(connected: Serving, visit: Open) -> None:
    page = visit(f"{connected.address}/?provider=chainhub&seed_image_id=mask_gradient_top_fifth_75")
    expect(page.locator(".seeds-note")).to_have_text(MISSING)
    _seed(page, "Agile")
    expect(page.locator(".seeds-note")).to_be_hidden()
    _player(page, "Built-in band")
    expect(page.get_by_role("radio", name="Agile")).to_be_checked()


def test_the_chosen_player_says_what_asking_it_means(connected: Serving, visit: Open) -> None:
    page = visit(connected.address)
    expect(page.get_by_text("Each run costs")).to_be_visible()
    expect(page.get_by_text("A sketch, not Riffusion")).to_be_hidden()
    expect(page.get_by_role("radio", name="ChainHub")).to_have_accessible_description(re.compile("Each run costs"))
    _player(page, "Built-in band")
    expect(page.get_by_text("Each run costs")).to_be_hidden()
    expect(page.get_by_text("A sketch, not Riffusion")).to_be_visible()


def test_what_more_steps_do_follows_the_player(connected: Serving, visit: Open) -> None:
    page = visit(connected.address)
    page.get_by_text("Steps", exact=False).first.click()
    steps = page.get_by_label("Steps", exact=True)
    expect(steps).to_have_accessible_description("1 to 150. More is finer and slower.")
    expect(page.get_by_text("ghost notes")).to_be_hidden()
    _player(page, "Built-in band")
    expect(steps).to_have_accessible_description(
        "1 to 150. More steps play in more detail: ghost notes, fills, ornaments. It takes no longer."
    )
    expect(page.get_by_text("finer and slower")).to_be_hidden()


def test_without_scripts_each_player_says_what_more_steps_do(connected: Serving, visit: Open) -> None:
    page = visit(f"{connected.address}/?num_inference_steps=60", java_script_enabled=False)
    expect(page.get_by_text("ChainHub: 1 to 150. More is finer")).to_be_visible()
    expect(page.get_by_text("Built-in band: 1 to 150. More steps play in more detail")).to_be_visible()


def test_without_scripts_all_is_offered_and_a_wrong_pair_comes_back(connected: Serving, visit: Open) -> None:
    page = visit(connected.address, java_script_enabled=False)
    for name, words in (("ChainHub:", "Each run costs"), ("Built-in band:", "A sketch, not Riffusion")):
        expect(page.get_by_role("strong").filter(has_text=name)).to_be_visible()
        expect(page.get_by_text(words)).to_be_visible()
    fill(page)
    _seed(page, "High fifth")
    page.get_by_role("button", name="Blend").click()
    expect(page.locator("#seed_image_id-errors")).to_have_text(re.compile("ChainHub does not have the seed High fifth"))
    _seed(page, "Agile")
    blend(page)


def test_cancel_becomes_stop_waiting_once_the_run_was_asked_for(
    connected: Serving, upstream: Upstream, visit: Open
) -> None:
    upstream.gateway.script = life.STUCK
    upstream.gateway.on_create(throttled(1))
    page = visit(connected.address)
    fill(page)
    blend(page)
    page.evaluate("window.sameDocument = true")
    expect(page.get_by_role("heading", name="ChainHub is being asked too often.")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    expect(page.get_by_text("and charge for it")).to_be_hidden()
    expect(page.get_by_text("usually about 10 seconds")).to_be_visible()
    upstream.gateway.on_create(honest)
    expect(page.get_by_role("heading", name="Playing it in")).to_be_visible()
    expect(page.get_by_role("button", name="Stop waiting", exact=True)).to_be_visible()
    expect(page.get_by_text("ChainHub may finish the run all the same, and charge for it.")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_hidden()
    assert page.evaluate("window.sameDocument")
    page.get_by_role("button", name="Stop waiting").click()
    expect(page.get_by_text("It was stopped here. ChainHub may finish the run")).to_be_visible()


def test_waiting_beyond_the_usual_is_admitted(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.script = life.STUCK
    page = visit(connected.address)
    page.clock.install()
    stop_the_clock(page)
    fill(page)
    blend(page)
    late = page.get_by_text("longer this time")
    expect(page.get_by_text("usually about 10 seconds")).to_be_visible()
    expect(late).to_be_hidden()
    page.clock.run_for(20_000)
    expect(late).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_many_players_wrap(visit: Open, everybody: Serving, width: int) -> None:
    page = visit(everybody.address, viewport={"width": width, "height": 700})
    expect(page.get_by_role("group", name="Played by").get_by_role("radio")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
