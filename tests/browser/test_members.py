"""Members and guests in real browsers: invited, signed in, sharing, and shut out again."""

from __future__ import annotations

import re
import subprocess
import sys
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.serving import ROOT, Serving
from tests.visitor import Visitor

PASSWORD = "four words of mine"


def invite(house: Serving, name: str) -> str:
    """What the operator types, and the link it prints."""
    command = [sys.executable, "-m", "flask", "--app", "app", "member", "invite", name]
    done = subprocess.run(command, cwd=ROOT, env=house.environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def come_in(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_role("button", name="Blend")).to_be_visible()


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}, {"viewport": {"width": 360, "height": 740}}])
def test_from_an_invitation_to_a_guest_and_back(house: Serving, visit: Open, options: dict[str, object]) -> None:
    scripts = options.get("java_script_enabled", True)
    page = visit(invite(house, "Nora"), **options)
    come_in(page)
    page.goto(f"{house.address}/?prompt_a=secret+bells")
    page.get_by_role("button", name="Blend").click()
    if scripts:
        expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    else:
        while not page.get_by_role("link", name="Download audio").is_visible():
            page.reload()
    address = page.url
    guest = visit(address, **options)
    expect(guest.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "secret bells" not in guest.content()

    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_text("Shared: whoever has this link can listen.")).to_be_visible()
    guest.goto(address)
    expect(guest.get_by_role("heading", name="secret bells")).to_be_visible()
    expect(guest.get_by_role("link", name="Download audio")).to_be_visible()
    assert "Nora" not in guest.content()
    if scripts:
        guest.get_by_role("button", name="Play", exact=True).click()
        # Once it moves, all of it is there.
        expect(guest.locator(".player-at")).not_to_have_text("0:00.0")

    page.get_by_role("button", name="Unshare").click()
    expect(page.get_by_text("Only members can hear it")).to_be_visible()
    guest.goto(address)
    expect(guest.get_by_role("heading", name="Sign in")).to_be_visible()

    page.get_by_role("link", name="Nora").click()
    page.get_by_role("button", name="Sign out here").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(address)
    page.get_by_label("Name").fill("nora")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="secret bells")).to_be_visible()


def test_an_owner_invites_and_removes_by_keyboard_alone(house: Serving, visit: Open) -> None:
    page = visit(invite(house, "Nora"))
    come_in(page)
    page.get_by_role("link", name="Members").press("Enter")
    page.get_by_label("Name").press_sequentially("Ana")
    page.keyboard.press("Enter")
    link = page.get_by_label("Invitation").input_value()
    assert link.startswith(f"{house.address}/invitations/")
    ana = visit(link)
    come_in(ana)
    expect(ana.get_by_role("link", name="Members")).to_have_count(0)
    page.get_by_role("button", name="Remove Ana").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Remove Ana? They are signed out everywhere at once")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Remove Ana")).to_be_focused()
    ana.reload()
    expect(ana.get_by_role("button", name="Blend")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Never mind")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Remove", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Ana was removed.")).to_be_focused()
    expect(page.get_by_role("button", name="Remove Ana")).to_have_count(0)
    ana.reload()
    expect(ana.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_new_link_asks_first_without_scripts_too(house: Serving, visit: Open) -> None:
    page = visit(invite(house, "Nora"), java_script_enabled=False, viewport={"width": 360, "height": 740})
    come_in(page)
    invite(house, "Ana")
    page.goto(f"{house.address}/members")
    page.get_by_role("button", name="New link for Ana").click()
    expect(page.get_by_label("Invitation")).to_have_count(0)
    page.get_by_role("button", name="Never mind").click()
    page.get_by_role("button", name="New link for Ana").click()
    page.get_by_role("button", name="Make a new link").click()
    expect(page.get_by_label("Invitation")).to_have_value(re.compile("/invitations/"))


def test_the_menu_says_where_one_is(house: Serving, visit: Open) -> None:
    page = visit(invite(house, "Nora"))
    come_in(page)
    here = page.locator("nav a[aria-current=page]")
    for name in ("Library", "Usage", "Members", "Nora"):
        page.get_by_role("navigation").get_by_role("link", name=name).click()
        expect(here).to_have_text(name)


def test_what_was_used_is_seen_and_told_at_any_width(house: Serving, visit: Open) -> None:
    alone = Visitor(house.address)
    alone.wait(alone.blend(prompt_a="rain"))
    page = visit(invite(house, "Wilhelmina of the Long Valley"))
    come_in(page)
    page.goto(f"{house.address}/usage")
    expect(page.get_by_role("img", name=re.compile(r"^\d{4}-\d\d: 1 run, \d\.\d minutes, "))).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        rows = page.locator(".usage-rows")
        assert rows.evaluate("rows => rows.scrollWidth <= rows.clientWidth"), width


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_pages_about_people_are_in_nobodys_way(house: Serving, visit: Open, scheme: str) -> None:
    page = visit(invite(house, "Nora"), color_scheme=scheme)
    invite(house, "w" * 40)
    pages = ("/", "/usage", "/library", "/library/bin", "/members", "/me", "out", "/sign-in", "/invitations/invented")
    for step in ("welcome", *pages):
        if step == "out":
            page.get_by_role("button", name="Sign out here").click()
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        elif step != "welcome":
            page.goto(house.address + step)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{step}: {found.generate_report()}"
        for width in (320, 360, 768, 1280):
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{step} at {width}"
        if step == "welcome":
            come_in(page)
            expect(page.get_by_text("Left for you: 5 clips at once")).to_be_visible()
        elif step == "/":
            _blend_and_bin(page)


def _blend_and_bin(page: Page) -> None:
    """A clip for the library, one for the bin, both on the tally."""
    for prompt in ("طبل في الليل", "w" * 90):
        page.goto(urljoin(page.url, f"/?prompt_a={prompt}"))
        page.get_by_role("button", name="Blend").click()
        expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    page.get_by_role("button", name="Bin", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
