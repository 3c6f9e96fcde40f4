"""Members and guests in real browsers: invited, signed in, sharing, and shut out again."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.serving import ROOT, Serving

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
    expect(page.get_by_role("button", name="Remove Ana")).to_have_count(0)
    ana.reload()
    expect(ana.get_by_role("heading", name="Sign in")).to_be_visible()


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
