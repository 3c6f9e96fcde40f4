"""Hearing a seed before it is chosen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from segue.audio.grid import LOOP_SAMPLES, SAMPLE_RATE
from tests.browser.conftest import Open, until
from tests.serving import Serving

EARS = """
window.ears = [];
window.sources = [];
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode) {
    const ear = new AnalyserNode(this.context);
    const mute = new GainNode(this.context, { gain: 0 });
    connect.call(this, ear);
    connect.call(ear, mute);
    connect.call(mute, to);
    window.ears.push(ear);
  }
  return connect.call(this, to, ...rest);
};
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) {
  window.sources.push(this);
  this.addEventListener("ended", () => { this.over = true; });
  return start.call(this, ...when);
};
window.audible = () => window.ears.filter((ear) => {
  const heard = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(heard);
  return ear.context.state === "running" && heard.some((sample) => Math.abs(sample) > 0.001);
}).length;
"""
"""Listens at the loudspeaker: `audible()` says how many sounds arrive there at this moment."""

NO_DECODER = "BaseAudioContext.prototype.decodeAudioData = async () => { throw new Error('not this one'); }; null"
ELEMENTS = """
window.elements = new Set();
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  window.elements.add(this);
  return play.call(this);
};
window.playing = () => [...window.elements].filter((one) => !one.paused && one.currentTime > 0);
"""


@pytest.fixture
def page(studio: Serving, visit: Open) -> Page:
    """The studio's page, with ears."""
    page = visit(studio.address)
    page.evaluate(EARS)
    return page


def _tap(page: Page, seed: str) -> None:
    page.get_by_role("button", name=f"Hear {seed}", exact=True).click()


def _expect_pressed(page: Page, *seeds: str) -> None:
    pressed = page.get_by_role("button", name=re.compile("^Hear "), pressed=True)
    expect(pressed).to_have_text([f"Hear {seed}" for seed in seeds])


def test_a_tap_plays_a_seed_and_another_stops_it(page: Page) -> None:
    _tap(page, "OG beat")
    _expect_pressed(page, "OG beat")
    until(page, "audible() === 1")
    _tap(page, "OG beat")
    _expect_pressed(page)
    until(page, "audible() === 0 && ears[0].context.state === 'suspended'")


def test_it_goes_round_without_a_gap(page: Page) -> None:
    _tap(page, "Vibes")
    until(page, "audible() === 1")
    source = page.evaluate("[sources[0].loop, sources[0].buffer.length, sources[0].context.sampleRate]")
    assert source == [True, LOOP_SAMPLES, SAMPLE_RATE]
    page.wait_for_timeout(5_500)
    until(page, "audible() === 1")
    _expect_pressed(page, "Vibes")


def test_only_one_seed_plays_at_a_time(page: Page) -> None:
    _tap(page, "OG beat")
    until(page, "audible() === 1")
    _tap(page, "Agile")
    _expect_pressed(page, "Agile")
    until(page, "sources.length === 2 && sources[0].over && audible() === 1")
    page.wait_for_timeout(300)
    assert page.evaluate("[sources.length, sources[1].over]") == [2, None]


def test_taps_that_come_faster_than_the_sound_leave_the_last(page: Page) -> None:
    page.evaluate("for (const button of document.querySelectorAll('.pad-hear')) button.click()")
    _expect_pressed(page, "High third, faint")
    until(page, "audible() === 1")
    page.wait_for_timeout(500)
    assert page.evaluate("sources.length") == 1


def test_a_sound_that_comes_late_leaves_alone_what_plays_by_then(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/seeds/og_beat/audio", hold)
    _tap(page, "OG beat")
    _tap(page, "Agile")
    until(page, "audible() === 1")
    with page.expect_response("**/seeds/og_beat/audio"):
        held[0].continue_()
    page.wait_for_timeout(500)
    assert page.evaluate("[sources.length, sources[0].over]") == [1, None]
    until(page, "audible() === 1")
    _expect_pressed(page, "Agile")


def test_a_seed_does_not_seem_to_sound_before_it_does(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/seeds/og_beat/audio", hold)
    for _ in range(3):
        _tap(page, "OG beat")
    button = page.get_by_role("button", name="Hear OG beat")
    with page.expect_response("**/seeds/og_beat/audio"):
        held[0].continue_()
    page.wait_for_timeout(500)
    sounding = button.get_attribute("data-sounding") is not None
    assert sounding == (page.evaluate("audible()") == 1)
    for sound in held[1:]:
        sound.continue_()
    expect(button).to_have_attribute("data-sounding", "")
    until(page, "audible() === 1")
    assert page.evaluate("sources.length") == 1


def test_a_seed_stops_when_an_audio_element_starts_and_the_other_way_round(page: Page) -> None:
    page.evaluate("""() => {
        const audio = new Audio("/seeds/marim/audio");
        audio.id = "clip";
        audio.loop = true;
        document.body.append(audio);
    }""")
    _tap(page, "OG beat")
    until(page, "audible() === 1")
    page.evaluate("document.getElementById('clip').play()")
    _expect_pressed(page)
    until(page, "audible() === 0")
    _tap(page, "Agile")
    until(page, "audible() === 1 && document.getElementById('clip').paused")
    _expect_pressed(page, "Agile")


@pytest.mark.parametrize("trouble", [NO_DECODER, "delete window.AudioContext"])
def test_what_cannot_be_decoded_plays_as_an_audio_element(page: Page, trouble: str) -> None:
    page.evaluate(f"{ELEMENTS}; {trouble}")
    _tap(page, "OG beat")
    until(page, "playing().length === 1 && playing()[0].loop")
    _expect_pressed(page, "OG beat")
    _tap(page, "Agile")
    until(page, "playing().length === 1 && playing()[0].src.includes('agile')")
    _tap(page, "Agile")
    until(page, "playing().length === 0")
    _expect_pressed(page)


def test_a_seed_that_cannot_be_had_says_so(page: Page) -> None:
    page.route("**/seeds/*/audio", lambda route: route.abort("connectionrefused"))
    _tap(page, "OG beat")
    words = "This seed cannot be heard at the moment. Try again."
    expect(page.locator(".pads-trouble")).to_have_text(words)
    expect(page.locator("#announcer")).to_have_text(words)
    _expect_pressed(page)
    page.unroute("**/seeds/*/audio")
    _tap(page, "OG beat")
    until(page, "audible() === 1")
    expect(page.locator(".pads-trouble")).to_be_hidden()


def test_hearing_a_seed_chooses_nothing_and_choosing_one_plays_nothing(page: Page) -> None:
    _tap(page, "OG beat")
    expect(page.get_by_role("radio", name="Vibes")).to_be_checked()
    _tap(page, "OG beat")
    until(page, "audible() === 0")
    page.get_by_role("radio", name="Agile").check()
    page.locator(".pad", has_text="Marim").click()
    expect(page.get_by_role("radio", name="Marim")).to_be_checked()
    page.wait_for_timeout(300)
    assert page.evaluate("audible()") == 0
    _expect_pressed(page)


def test_by_keyboard_seeds_are_heard_and_chosen(page: Page) -> None:
    page.get_by_role("radio", name="Vibes").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("radio", name="Motorway")).to_be_checked()
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Hear Motorway")
    expect(button).to_be_focused()
    outline = button.evaluate("it => [getComputedStyle(it).outlineStyle, getComputedStyle(it).outlineWidth]")
    assert outline == ["solid", "3px"]
    page.keyboard.press("Space")
    until(page, "audible() === 1")
    page.keyboard.press("Enter")
    until(page, "audible() === 0")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Hear Vibes")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("radio", name="Motorway")).to_be_focused()


def test_every_way_to_hear_a_seed_is_large_enough_for_a_thumb(studio: Serving, visit: Open) -> None:
    page = visit(studio.address, viewport={"width": 320, "height": 640}, has_touch=True)
    buttons = page.get_by_role("button", name=re.compile("^Hear "))
    expect(buttons).to_have_count(11)
    for button in buttons.all():
        box, pad = button.bounding_box(), button.locator("xpath=..").bounding_box()
        assert box is not None
        assert pad is not None
        assert min(box["width"], box["height"]) >= 32
        assert pad["x"] <= box["x"]
        assert box["x"] + box["width"] <= pad["x"] + pad["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_seed_that_the_next_player_lacks_falls_silent(connected: Serving, visit: Open) -> None:
    page = visit(f"{connected.address}/?provider=sketch")
    page.evaluate(EARS)
    _tap(page, "High fifth")
    until(page, "audible() === 1")
    page.get_by_role("radio", name="ChainHub").check()
    until(page, "audible() === 0")
    page.get_by_role("radio", name="Built-in band").check()
    _expect_pressed(page)


def test_what_is_taken_out_of_the_page_is_as_it_was_before(page: Page) -> None:
    _tap(page, "OG beat")
    until(page, "audible() === 1")
    page.evaluate("window.taken = document.querySelector('seed-pads'); taken.remove()")
    until(page, "audible() === 0 && ears[0].context.state === 'closed'")
    assert page.evaluate("[taken.querySelectorAll('a.pad-hear').length, taken.querySelectorAll('button').length]") == [
        11,
        0,
    ]
    page.evaluate("document.querySelector('.console-lower').prepend(taken)")
    _tap(page, "OG beat")
    until(page, "audible() === 1")


def test_whoever_leaves_the_page_comes_back_to_a_silent_one(page: Page) -> None:
    """Browsers under test keep no page for the way back, so it is only told that it is left."""
    _tap(page, "OG beat")
    until(page, "audible() === 1")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    until(page, "audible() === 0")
    _expect_pressed(page)


def test_without_scripts_a_seed_is_heard_by_a_link(studio: Serving, visit: Open) -> None:
    page = visit(studio.address, java_script_enabled=False)
    expect(page.get_by_role("button", name=re.compile("^Hear "))).to_have_count(0)
    page.get_by_role("link", name="Hear OG beat").click()
    expect(page).to_have_url(f"{studio.address}/seeds/og_beat/audio")
    until(page, "document.querySelector('video, audio').currentTime > 0.2")
