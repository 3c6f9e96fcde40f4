"""Whole journeys: from two prompts to a clip that plays."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from segue.audio.files import probe_audio
from tests.browser.conftest import Open, tab_to, until
from tests.servers import life
from tests.servers.upstream import Upstream
from tests.serving import Serving
from tests.visitor import Visitor

WIDTHS = pytest.mark.parametrize("width", [360, 768, 1280])
CLIP = re.compile(r"/clips/[a-z0-9]{20}$")


def fill(page: Page, prompt_a: str = "church bells", prompt_b: str = "late night jazz") -> None:
    page.get_by_label("Prompt A").fill(prompt_a)
    page.get_by_label("Prompt B").fill(prompt_b)


def blend(page: Page) -> None:
    page.get_by_role("button", name="Blend").click()
    expect(page).to_have_url(CLIP)


def plays(page: Page) -> None:
    """The player plays when told to: its place really advances."""
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "document.querySelector('clip-player').position > 0.2")
    expect(page.get_by_role("slider", name="Position")).to_have_attribute("aria-valuetext", re.compile("of 0:05, bar"))
    page.get_by_role("button", name="Pause", exact=True).click()


@WIDTHS
def test_a_musician_blends_and_plays_with_the_built_in_band(studio: Serving, visit: Open, width: int) -> None:
    page = visit(studio.address, viewport={"width": width, "height": 800})
    fill(page)
    fader = page.get_by_role("slider", name="Crossfader")
    fader.fill("0.3")
    expect(page.get_by_text("30% toward late night jazz")).to_be_visible()
    page.get_by_role("radio", name="Agile").check()
    blend(page)
    page.evaluate("window.sameDocument = true")
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    assert page.evaluate("window.sameDocument"), "the result came without a reload"
    plays(page)
    assert page.evaluate("document.querySelector('clip-player').transport.duration") == pytest.approx(5.12, abs=1e-6)
    picture = page.get_by_role("img", name="Spectrogram")
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 512
    recipe = page.get_by_role("region", name="Recipe")
    expect(recipe).to_contain_text("church bells")
    expect(recipe).to_contain_text("70% A · 30% B")
    expect(recipe).to_contain_text("Agile")


def test_the_plain_player_seeks(studio: Serving, visit: Open) -> None:
    visitor = Visitor(studio.address)
    clip = visitor.blend(prompt_a="slow piano")
    visitor.wait(clip)
    page = visit(f"{studio.address}/clips/{clip}")
    page.get_by_text("Plain player").click()
    expect(page.locator("audio")).to_be_visible()
    page.evaluate("document.querySelector('audio').load()")
    page.evaluate("document.querySelector('audio').preload = 'auto'")
    until(page, "document.querySelector('audio').readyState >= 1")
    page.evaluate("document.querySelector('audio').currentTime = 4")
    until(page, "!document.querySelector('audio').seeking")
    assert page.evaluate("document.querySelector('audio').currentTime") == pytest.approx(4, abs=0.05)


def test_the_same_clicks_run_the_model_at_a_gateway(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.script = life.Life((life.STARTING, life.HALFWAY))
    page = visit(connected.address)
    fill(page, "funky synth solo", "90's rap")
    blend(page)
    expect(page.get_by_role("heading", name="Playing it in")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    upstream.gateway.finish()
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    plays(page)
    expect(page.get_by_role("region", name="Recipe")).to_contain_text("ChainHub")
    assert len(upstream.gateway.creates) == 1
    assert upstream.trap.untouched
    assert all("Authorization" not in request.headers for request in upstream.files.requests)


def test_below_a_path(tmp_path: Path, visit: Open) -> None:
    serving = Serving(tmp_path / "data")
    serving.environ["SEGUE_PUBLIC_URL"] = f"{serving.address}/segue"
    asked: set[str] = set()
    with serving:
        page = visit(f"{serving.address}/segue/")
        page.on("request", lambda request: asked.add(urlsplit(request.url).path))
        fill(page)
        blend(page)
        expect(page.get_by_role("link", name="Download audio")).to_be_visible()
        plays(page)
        page.get_by_role("link", name="Library").first.click()
        expect(page.get_by_role("link", name="church bells")).to_be_visible()
    assert [path for path in asked if not path.startswith("/segue/")] == []


@WIDTHS
def test_by_keyboard_alone(studio: Serving, visit: Open, width: int) -> None:
    page = visit(studio.address, viewport={"width": width, "height": 800})
    press = page.keyboard.press
    tab_to(page.get_by_label("Prompt A"))
    page.keyboard.type("hand drums")
    tab_to(page.get_by_label("Prompt B"))
    page.keyboard.type("rain on a tin roof")
    tab_to(page.get_by_role("slider", name="Crossfader"))
    press("ArrowRight")
    press("ArrowRight")
    assert page.get_by_role("slider", name="Crossfader").input_value() == "0.52"
    tab_to(page.get_by_role("radio", name="Vibes"))
    press("ArrowRight")
    tab_to(page.get_by_role("slider", name="How far from the groove"))
    press("Home")
    press("ArrowRight")
    press("Control+Enter")
    expect(page).to_have_url(CLIP)
    expect(page.get_by_role("link", name="Download audio")).to_be_visible()
    tab_to(page.get_by_role("slider", name="Position"))
    press("Space")
    until(page, "document.querySelector('clip-player').position > 0.2")
    press("Space")
    recipe = page.get_by_role("region", name="Recipe")
    expect(recipe).to_contain_text("48% A · 52% B")
    expect(recipe).to_contain_text("0.01")
    tab_to(page.get_by_role("link", name="Riff on this"))
    press("Enter")
    expect(page.get_by_label("Prompt A")).to_have_value("hand drums")


@WIDTHS
def test_without_javascript(studio: Serving, visit: Open, width: int) -> None:
    page = visit(studio.address, java_script_enabled=False, viewport={"width": width, "height": 800})
    fill(page)
    blend(page)
    for _ in range(100):
        if page.locator("audio").count():
            break
        page.get_by_role("link", name="Check again").click()
    expect(page.locator("audio")).to_be_visible()
    expect(page.get_by_role("img", name="Spectrogram")).to_be_visible()
    page.get_by_role("link", name="Riff on this").click()
    expect(page.get_by_label("Prompt A")).to_have_value("church bells")


@WIDTHS
def test_a_clip_is_found_riffed_on_compared_and_shared(studio: Serving, visit: Open, width: int) -> None:
    visitor = Visitor(studio.address)
    visitor.wait(visitor.blend(prompt_a=f"marimba at {width}", prompt_b="slow dub", alpha=0.2))
    page = visit(
        studio.address, viewport={"width": width, "height": 800}, permissions=["clipboard-write", "clipboard-read"]
    )
    page.get_by_role("link", name=re.compile(f"marimba at {width}")).click()
    page.get_by_role("link", name="Riff on this").click()
    page.get_by_role("slider", name="Crossfader").fill("0.8")
    blend(page)
    page.get_by_role("button", name=f"Compare with marimba at {width}").first.click()
    expect(page.get_by_text("where this came from · 80% A · 20% B")).to_be_visible()
    plays(page)
    there = page.get_by_role("group", name="Hear").get_by_role("button", name=re.compile("Where this came from"))
    page.keyboard.press("x")
    expect(there).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Copy link to this moment").click()
    until(page, "navigator.clipboard.readText().then(text => text.includes('#t='))")
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"{page.url}#t=")


def test_a_result_can_be_sent_to_anyone_and_outlives_everything(
    connected: Serving, upstream: Upstream, visit: Open
) -> None:
    visitor = Visitor(connected.address)
    clip = visitor.blend(prompt_a="a song to keep")
    assert visitor.wait(clip)["status"] == "succeeded"
    upstream.gateway.stop()
    upstream.files.stop()
    connected.stop()
    connected.start()
    page = visit(f"{connected.address}/clips/{clip}")
    plays(page)
    expect(page.get_by_text("a song to keep").first).to_be_visible()


def test_a_download_has_a_good_name(studio: Serving, visit: Open) -> None:
    visitor = Visitor(studio.address)
    clip = visitor.blend(prompt_a="Church Bells", prompt_b="jazz", alpha=0.3)
    visitor.wait(clip)
    page = visit(f"{studio.address}/clips/{clip}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download audio").click()
    assert download.value.suggested_filename == f"church-bells_to_jazz_a030_94bpm_{clip[:4]}.flac"


@pytest.mark.parametrize("scripts", [True, False])
def test_another_format_is_one_click_away(studio: Serving, visit: Open, scripts: bool) -> None:
    visitor = Visitor(studio.address)
    clip = visitor.blend(prompt_a="Church Bells", denoising=0.95)
    visitor.wait(clip)
    page = visit(f"{studio.address}/clips/{clip}", java_script_enabled=scripts)
    expect(page.get_by_role("link", name="Audio as FLAC")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Audio as MP3").click()
    assert download.value.suggested_filename == f"church-bells_{clip[:4]}.mp3"
    assert probe_audio(download.value.path()).media_type == "audio/mpeg"
