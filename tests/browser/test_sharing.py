"""Sharing in a real browser: links to copy, the system's sheet, and the player in somebody else's page."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Route, expect

from tests.browser.conftest import Open, stop_the_clock, until
from tests.serving import Serving
from tests.visitor import Visitor

Host = Callable[[str], str]

NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
"""As on a band's own server without https."""
SHEET = """
navigator.canShare = ({ files }) => files.every((file) => file.type === "audio/mpeg");
navigator.share = async ({ files: [file], title, text }) => {
  window.shared = { name: file.name, size: file.size, title, text };
};
"""
ONE_SHEET = """
window.sheets = 0;
navigator.canShare = () => true;
navigator.share = async () => {
  sheets += 1;
  if (sheets > 1) throw new DOMException("one is open", "InvalidStateError");
  await new Promise(() => {});
};
"""
"""Its sheet stays open, and there is room for one."""
LATE_SHEET = """
let presses = 0;
navigator.canShare = () => true;
navigator.share = async () => {
  if (!presses++) throw new DOMException("too late", "NotAllowedError");
};
"""


@pytest.fixture(scope="module")
def clip(studio: Serving) -> str:
    """The address of a finished clip."""
    visitor = Visitor(studio.address)
    clip_id = visitor.blend(prompt_a="church bells", prompt_b="jazz", alpha="0.3", take="4")
    visitor.wait(clip_id)
    return f"{studio.address}/clips/{clip_id}"


@pytest.fixture
def host() -> Iterator[Host]:
    """Serves a page of somebody else's, from another origin; answers its address."""
    with ExitStack() as stack:

        def serve(html: str) -> str:
            class Handler(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    found = self.path == "/"
                    self.send_response(200 if found else 204)
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                    self.end_headers()
                    if found:
                        self.wfile.write(f"<!doctype html><title>A blog</title><body>{html}".encode())

                def log_message(self, *_: object) -> None:
                    pass

            server = stack.enter_context(ThreadingHTTPServer(("localhost", 0), Handler))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            return f"http://localhost:{server.server_port}/"

        yield serve


def _code(clip: str) -> str:
    """The code that the clip's page offers."""
    found = re.search(r"<textarea readonly[^>]*>([^<]*)</textarea>", Visitor("").http.get(clip, timeout=30).text)
    assert found
    return unescape(found[1])


def _playing(frame: FrameLocator) -> None:
    expect(frame.locator("clip-player")).to_have_attribute("data-playing", "")
    expect(frame.locator(".player-at")).not_to_have_text("0:00.0")


def _copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_the_link_is_copied(clip: str, visit: Open) -> None:
    page = visit(clip, permissions=["clipboard-read", "clipboard-write"])
    page.clock.install()
    stop_the_clock(page)
    page.get_by_role("button", name="Copy link", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert _copied(page) == clip
    page.clock.run_for(2000)
    expect(page.get_by_role("button", name="Copy link", exact=True)).to_be_visible()


def test_a_link_to_a_moment_leads_there(clip: str, visit: Open) -> None:
    page = visit(clip, permissions=["clipboard-read", "clipboard-write"])
    page.locator("clip-spectrogram").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Copy link to this moment").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert _copied(page) == f"{clip}#t=1.28"
    there = visit(_copied(page))
    expect(there.locator("clip-spectrogram")).to_have_attribute("aria-valuenow", "1.28")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Copy link", exact=True).click()
    until(page, f"navigator.clipboard.readText().then((text) => text === {clip!r})")


def test_where_copying_is_not_allowed_the_link_is_selected(clip: str, visit: Open) -> None:
    page = visit("about:blank")
    page.add_init_script(NO_CLIPBOARD)
    page.goto(clip)
    page.clock.install()
    stop_the_clock(page)
    page.get_by_role("button", name="Copy link", exact=True).click()
    expect(page.get_by_role("button", name="Selected: now copy it")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == clip


def test_the_code_for_a_page_is_copied(clip: str, visit: Open) -> None:
    page = visit(clip, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("Put the player on a page of yours").click()
    page.get_by_role("button", name="Copy code").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert _copied(page) == _code(clip)


def test_there_is_no_button_for_a_sheet_the_system_has_not_got(clip: str, visit: Open) -> None:
    page = visit(clip)
    until(page, "Boolean(customElements.get('share-sheet'))")
    expect(page.locator("share-sheet button")).to_be_hidden()


def test_the_sound_goes_to_the_systems_sheet(clip: str, visit: Open) -> None:
    page = visit("about:blank")
    page.add_init_script(SHEET)
    page.goto(clip)
    page.get_by_role("button", name="Send the sound").click()
    until(page, "Boolean(window.shared)")
    shared = page.evaluate("window.shared")
    assert re.fullmatch(r"church-bells_to_jazz_a030_94bpm_\w{4}\.mp3", shared["name"])
    assert shared["size"] > 10_000
    assert (shared["title"], shared["text"]) == ("church bells → jazz", f"church bells → jazz\n{clip}")


def test_a_sheet_that_opens_only_at_once_opens_at_the_second_press(clip: str, visit: Open) -> None:
    page = visit("about:blank")
    page.add_init_script(LATE_SHEET)
    page.goto(clip)
    page.get_by_role("button", name="Send the sound").click()
    page.get_by_role("button", name="Ready: press once more").click()
    expect(page.get_by_role("button", name="Send the sound")).to_be_visible()


def test_presses_while_the_sound_is_on_its_way_open_one_sheet(clip: str, visit: Open) -> None:
    page = visit("about:blank")
    page.add_init_script(ONE_SHEET)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/audio?format=mp3", hold)
    page.goto(clip)
    button = page.locator("share-sheet button")
    for _ in range(2):
        button.click()
    page.wait_for_timeout(200)
    for sound in held:
        sound.continue_()
    until(page, "sheets > 0")
    page.wait_for_timeout(500)
    assert page.evaluate("sheets") == 1
    expect(button).to_have_text("Send the sound…")


def test_without_javascript_link_and_code_can_be_read(clip: str, visit: Open) -> None:
    page = visit(clip, java_script_enabled=False)
    expect(page.get_by_label("Link to this clip")).to_have_value(clip)
    page.get_by_text("Put the player on a page of yours").click()
    expect(page.get_by_label("Code for your page")).to_have_value(_code(clip))
    for name in ("Copy link", "Copy code", "Send the sound"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_the_code_puts_a_player_on_another_page(clip: str, host: Host, visit: Open) -> None:
    page = visit(host(_code(clip)))
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Play", exact=True).click()
    _playing(frame)
    frame.get_by_role("button", name="Pause").click()
    with page.expect_popup() as popup:
        frame.get_by_role("link", name="church bells").click()
    expect(popup.value).to_have_url(clip)


def test_the_player_plays_in_a_frame_that_may_store_nothing(clip: str, host: Host, visit: Open) -> None:
    page = visit(host(_code(clip).replace("<iframe ", '<iframe sandbox="allow-scripts" ')))
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Play", exact=True).click()
    _playing(frame)
    expect(frame.locator(".player-plain")).not_to_have_attribute("open", "")
    page.keyboard.press("l")
    expect(frame.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "false")


def test_a_framed_player_has_a_native_one_without_javascript(clip: str, host: Host, visit: Open) -> None:
    frame = visit(host(_code(clip)), java_script_enabled=False).frame_locator("iframe")
    expect(frame.get_by_label("The clip")).to_be_visible()
    expect(frame.get_by_role("button", name="Play", exact=True)).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(640, 440), (360, 440), (280, 440), (640, 180), (320, 240)])
def test_a_framed_player_fits_its_frame(clip: str, visit: Open, width: int, height: int) -> None:
    page = visit(f"{clip}/embed", viewport={"width": width, "height": height})
    root = "document.documentElement"
    until(page, "Boolean(customElements.get('clip-player'))")
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    assert page.evaluate(f"{root}.scrollHeight <= {root}.clientHeight")


def test_no_other_page_is_shown_in_a_frame(clip: str, studio: Serving, host: Host, chromium: Browser) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        for address in (clip, studio.address):
            with page.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
                page.goto(host(f'<iframe src="{address}"></iframe>'))
            expect(page.frame_locator("iframe").locator("main")).to_have_count(0)
