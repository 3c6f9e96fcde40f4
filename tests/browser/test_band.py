"""A band's whole path: signed in, a clip made, named, hearted, found, heard, shared, shut, thrown away and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, tab_to, until
from tests.browser.test_journeys import CLIP
from tests.browser.test_members import PASSWORD, invite
from tests.browser.test_seeds import EARS
from tests.serving import Serving
from tests.visitor import Visitor


@pytest.fixture
def invitation(house: Serving) -> str:
    """A studio in which somebody who is alone has made a clip; the link for its first member."""
    alone = Visitor(house.address)
    alone.wait(alone.blend(prompt_a="rain on a tin roof"))
    return invite(house, "Nora")


@pytest.mark.parametrize("width", [360, 1280])
def test_by_keyboard_alone(invitation: str, visit: Open, width: int) -> None:
    page = visit(invitation, viewport={"width": width, "height": 740})
    _come_in(page)
    address = _make(page)
    _name_and_heart(page)
    _press(page.get_by_role("link", name="Library", exact=True))
    _write(page, "Search the library", "slow")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=slow"))
    expect(page.get_by_role("link", name="rain on a tin roof")).to_have_count(0)
    _press(page.get_by_role("link", name="Show all"))
    expect(page.get_by_role("link", name="rain on a tin roof")).to_be_visible()
    page.evaluate(EARS)
    tab_to(page.get_by_role("button", name="Play The slow one"))
    page.keyboard.press("Space")
    until(page, "audible() === 1")
    page.keyboard.press("n")
    expect(page.get_by_role("button", name="Play rain on a tin roof")).to_have_attribute("data-sounding", "")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Play The slow one")).to_have_attribute("data-sounding", "")
    until(page, "audible() === 1")

    tab_to(page.get_by_role("link", name="The slow one"), backwards=True)
    page.keyboard.press("Enter")
    _press(page.get_by_role("button", name="Share", exact=True))
    expect(page.get_by_text("Shared: whoever has this link can listen.")).to_be_visible()
    guest = visit(address, viewport={"width": width, "height": 740})
    tab_to(guest.get_by_role("slider", name="Position"))
    guest.keyboard.press("Space")
    until(guest, "document.querySelector('clip-player').position > 0.2")

    _press(page.get_by_role("button", name="Unshare"))
    expect(page.get_by_text("Only members can hear it")).to_be_visible()
    guest.reload()
    expect(guest.get_by_role("heading", name="Sign in")).to_be_visible()

    _press(page.get_by_role("link", name="Library", exact=True))
    tab_to(page.get_by_label("Choose The slow one"))
    page.keyboard.press("Space")
    page.keyboard.press("b")
    _press(page.get_by_role("button", name="Bin", exact=True))
    expect(page.get_by_role("status").filter(has_text="in the bin")).to_be_focused()
    expect(page.get_by_role("link", name="The slow one")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="The slow one")).to_be_visible()


def test_without_javascript_on_a_phone(invitation: str, visit: Open) -> None:
    phone = {"java_script_enabled": False, "viewport": {"width": 360, "height": 740}}
    page = visit(invitation, **phone)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("link", name="Nora").click()
    page.get_by_role("button", name="Sign out here").click()
    page.get_by_label("Name").fill("Nora")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_label("Prompt A").fill("church bells")
    page.get_by_role("button", name="Blend").click()
    expect(page).to_have_url(CLIP)
    address = page.url
    while not page.get_by_role("link", name="Download audio").is_visible():
        page.get_by_role("link", name="Check again").click()

    page.get_by_text("Title, notes and tags").click()
    page.get_by_label("Title", exact=True).fill("The slow one")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="The slow one")).to_be_visible()
    page.get_by_role("button", name="Heart").click()
    expect(page.get_by_role("button", name="Heart", pressed=True)).to_be_visible()

    page.get_by_role("link", name="Library", exact=True).click()
    page.get_by_label("Search the library").fill("slow")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="rain on a tin roof")).to_have_count(0)
    _plays(page.get_by_label("The slow one", exact=True))
    page.get_by_role("link", name="Show all").click()
    _plays(page.get_by_label("rain on a tin roof", exact=True))

    page.get_by_role("link", name="The slow one").click()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_text("Shared: whoever has this link can listen.")).to_be_visible()
    guest = visit(address, **phone)
    _plays(guest.locator("audio"))
    page.get_by_role("button", name="Unshare").click()
    expect(page.get_by_text("Only members can hear it")).to_be_visible()
    guest.reload()
    expect(guest.get_by_role("heading", name="Sign in")).to_be_visible()

    page.get_by_role("link", name="Library", exact=True).click()
    page.get_by_label("Choose The slow one").check()
    page.get_by_role("button", name="Bin", exact=True).click()
    expect(page.get_by_role("link", name="The slow one")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="The slow one")).to_be_visible()


def _come_in(page: Page) -> None:
    """By keyboard: accept the invitation, go out again, and sign in as on any other day."""
    _write(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    _press(page.get_by_role("link", name="Nora"))
    _press(page.get_by_role("button", name="Sign out here"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    _write(page, "Name", "Nora")
    _write(page, "Password", PASSWORD)
    page.keyboard.press("Enter")


def _make(page: Page) -> str:
    """By keyboard: a clip; its address."""
    _write(page, "Prompt A", "church bells")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(CLIP)
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    return page.url


def _name_and_heart(page: Page) -> None:
    """By keyboard."""
    _press(page.locator("summary", has_text="Title, notes and tags"))
    _write(page, "Title", "The slow one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The slow one")).to_be_visible()
    _press(page.get_by_role("button", name="Heart"))
    expect(page.get_by_role("button", name="Heart", pressed=True)).to_be_visible()


def _press(what: Locator) -> None:
    tab_to(what)
    what.page.keyboard.press("Enter")


def _write(page: Page, label: str, words: str) -> None:
    tab_to(page.get_by_label(label))
    page.keyboard.type(words)


def _plays(audio: Locator) -> None:
    """The browser's own player plays what it is asked to."""
    expect(audio).to_be_visible()
    audio.focus()
    audio.press("Space")
    expect(audio).to_have_js_property("paused", False)
    while not audio.evaluate("audio => audio.currentTime > 0"):
        audio.page.wait_for_timeout(20)
