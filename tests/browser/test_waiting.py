"""Waiting: honest, patient, and over when it is over."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Open, stop_the_clock, until
from tests.browser.test_journeys import blend, fill
from tests.servers import life
from tests.servers.behaviours import answer, honest, throttled
from tests.servers.shapes import problem
from tests.servers.upstream import Upstream
from tests.serving import Serving


def _waiting(connected: Serving, upstream: Upstream, visit: Open) -> Page:
    upstream.gateway.script = life.STUCK
    page = visit(connected.address)
    fill(page)
    blend(page)
    expect(page.get_by_role("heading", name="Playing it in")).to_be_visible()
    return page


def test_cancel_works(connected: Serving, upstream: Upstream, visit: Open) -> None:
    page = _waiting(connected, upstream, visit)
    page.get_by_role("button", name="Stop waiting").click()
    expect(page.get_by_role("heading", name="Canceled")).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_be_visible()


def test_a_failure_says_what_happened_and_retry_mends_it(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.on_create(answer(402, problem("Billing required")), times=1)
    page = visit(connected.address)
    fill(page)
    blend(page)
    expect(page.get_by_text("ChainHub says there is no credit left. Top it up, then press Retry.")).to_be_visible()
    failed = page.url
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    assert page.url != failed


def test_edit_recipe_brings_everything_back(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.play(life.failed())
    page = visit(connected.address)
    fill(page, "a recipe to mend", "something else")
    blend(page)
    page.get_by_role("link", name="Edit recipe").click()
    expect(page.get_by_label("Prompt A")).to_have_value("a recipe to mend")
    expect(page.get_by_label("Prompt B")).to_have_value("something else")


def test_the_page_survives_the_studio_being_away(connected: Serving, upstream: Upstream, visit: Open) -> None:
    page = _waiting(connected, upstream, visit)
    connected.kill()
    expect(page.get_by_text("The studio isn't answering. Trying again…").first).to_be_visible()
    upstream.gateway.finish()
    connected.start()
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    assert len(upstream.gateway.creates) == 1


def _hide(page: Page, hidden: bool = True) -> None:
    page.evaluate(
        """hidden => {
        Object.defineProperty(document, 'hidden', {get: () => hidden, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }""",
        hidden,
    )


def test_a_hidden_tab_asks_seldom_and_catches_up_when_shown(
    connected: Serving, upstream: Upstream, visit: Open
) -> None:
    upstream.gateway.script = life.STUCK
    page = visit(connected.address)
    page.clock.install()
    fill(page)
    blend(page)
    expect(page.get_by_role("heading", name="Playing it in")).to_be_visible()
    _hide(page)
    # A look that was planned while it was seen still comes.
    stop_the_clock(page)
    _between_looks(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(4900)
    assert asked == []
    with page.expect_request("**/status"):
        page.clock.run_for(200)
    _between_looks(page)
    upstream.gateway.finish()
    with page.expect_request("**/status"):
        _hide(page, False)
        page.clock.run_for(10)
    page.clock.resume()
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()


def _between_looks(page: Page) -> None:
    """Wait until what was asked was answered, and the next time is planned."""
    until(page, "!document.querySelector('clip-progress').looking")


def test_the_tab_shows_how_far_it_is_and_when_it_is_done(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.script = life.Life((life.STARTING, life.HALFWAY))
    page = visit(connected.address)
    fill(page)
    blend(page)
    icon = page.locator("link[rel=icon]")
    expect(page).to_have_title(re.compile(r"^\d+% · In the making · church bells"))
    expect(icon).to_have_attribute("href", re.compile("favicon-waiting"))
    _hide(page)
    upstream.gateway.finish()
    expect(page).to_have_title(re.compile("^church bells"))
    expect(icon).to_have_attribute("href", re.compile("favicon-done"))
    assert not page.evaluate("document.querySelector('clip-player').playing"), "nothing starts by itself"


def test_who_wants_it_is_told_when_it_is_done(connected: Serving, upstream: Upstream, visit: Open) -> None:
    page = visit(connected.address)
    page.add_init_script(
        """window.notices = [];
        window.Notification = class {
            static permission = 'default';
            static async requestPermission() { return this.permission = 'granted'; }
            constructor(words, {body}) { notices.push([words, body]); }
        };"""
    )
    upstream.gateway.script = life.STUCK
    fill(page)
    blend(page)
    expect(page.get_by_role("heading", name="Playing it in")).to_be_visible()
    ask = page.get_by_role("button", name="Tell me when it is done")
    ask.click()
    expect(ask).to_be_hidden()
    expect(page.locator("#announcer")).to_contain_text("You will be told when it is done.")
    _hide(page)
    upstream.gateway.finish()
    until(page, "notices.length > 0")
    assert page.evaluate("notices") == [["Ready to play", "church bells → late night jazz"]]


def test_leave_that_comes_when_it_is_done_promises_nothing(connected: Serving, upstream: Upstream, visit: Open) -> None:
    page = visit(connected.address)
    page.add_init_script(
        """window.Notification = class {
            static permission = 'default';
            static requestPermission() { return new Promise((answer) => { window.allow = () => answer('granted'); }); }
        };"""
    )
    upstream.gateway.script = life.STUCK
    fill(page)
    blend(page)
    page.get_by_role("button", name="Tell me when it is done").click()
    upstream.gateway.finish()
    expect(page.locator("#announcer")).to_contain_text("Ready to play")
    page.evaluate("allow()")
    page.wait_for_timeout(200)
    expect(page.locator("#announcer")).not_to_contain_text("You will be told")


def test_what_is_written_while_waiting_stays_when_it_is_done(
    connected: Serving, upstream: Upstream, visit: Open
) -> None:
    page = _waiting(connected, upstream, visit)
    page.get_by_text("Title, notes and tags").click()
    page.get_by_label("Title").fill("Bells")
    page.get_by_label("Notes").press_sequentially("for the ")
    upstream.gateway.finish()
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    page.keyboard.type("bridge")
    expect(page.get_by_label("Notes")).to_have_value("for the bridge")
    expect(page.get_by_role("button", name="Bin", exact=True)).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Bells")).to_be_visible()


def test_a_heart_that_is_given_just_when_it_is_done_is_seen(
    connected: Serving, upstream: Upstream, visit: Open
) -> None:
    page = _waiting(connected, upstream, visit)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/heart", hold)
    heart = page.get_by_role("button", name="Heart")
    heart.click()
    upstream.gateway.finish()
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    held[0].continue_()
    expect(page.locator("#announcer")).to_contain_text("Your heart is on it.")
    expect(heart).to_have_attribute("aria-pressed", "true")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "false")


def test_a_state_that_came_while_the_studio_was_away_is_heard_too(
    connected: Serving, upstream: Upstream, visit: Open
) -> None:
    upstream.gateway.script = life.STUCK
    upstream.gateway.on_create(throttled(1))
    page = visit(connected.address)
    fill(page)
    blend(page)
    expect(page.get_by_role("heading", name="ChainHub is being asked too often.")).to_be_visible()
    page.route("**/status", lambda route: route.abort("connectionrefused"))
    announcer = page.locator("#announcer")
    expect(announcer).to_contain_text("The studio isn't answering.")
    upstream.gateway.on_create(honest)
    while page.request.get(f"{page.url}/status").json()["message"] != "Playing it in":
        page.wait_for_timeout(100)
    page.unroute("**/status")
    expect(announcer).to_contain_text("The studio answers again.")
    expect(announcer).to_contain_text("Playing it in")


def test_only_changes_of_state_are_announced(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.script = life.STUCK
    page = visit(connected.address)
    fill(page)
    page.add_init_script(
        """addEventListener('DOMContentLoaded', () => {
            window.heard = [];
            const announcer = document.getElementById('announcer');
            const hear = (changes) => heard.push(...changes.flatMap(({addedNodes: [one]}) => one?.textContent ?? []));
            new MutationObserver(hear).observe(announcer, {childList: true});
        })"""
    )
    blend(page)
    expect(page.get_by_role("heading", name="Playing it in")).to_be_visible()
    for prediction in upstream.gateway.predictions.values():
        prediction.life = life.Life((life.HALFWAY,))
    expect(page.get_by_text("44%")).to_be_visible()
    upstream.gateway.finish()
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    heard = page.evaluate("heard")
    assert len(heard) == len(set(heard))
    assert heard[-1] == "Ready to play"
