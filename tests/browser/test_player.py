"""The player: exact, played by hand and by keys, and one clip against another."""

from __future__ import annotations

import re
import time
from array import array
from collections.abc import Iterator

import numpy as np
import pyloudnorm
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PATIENCE, Open, until
from tests.browser.hearing import Mono, listen, record
from tests.servers import life
from tests.servers.media import SAMPLE_RATE, SAMPLES, Media, made_media, wav
from tests.servers.upstream import Upstream
from tests.serving import Serving
from tests.visitor import Visitor

LOOP = 225_792
BEAT = LOOP // 8
POSITION = "document.querySelector('clip-player').position"
PLAYING = "document.querySelector('clip-player').playing"


def made(serving: Serving, **fields: object) -> str:
    """The address of a finished clip."""
    visitor = Visitor(serving.address)
    clip = visitor.blend(**{"prompt_a": "church bells"} | fields)
    assert visitor.wait(clip)["status"] == "succeeded"
    return f"{serving.address}/clips/{clip}"


@pytest.fixture(scope="module")
def clip(studio: Serving) -> Iterator[str]:
    yield made(studio, prompt_b="jazz", alpha=0.3)


def play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, f"{PLAYING} && {POSITION} > 0")


# --- In time


def test_over_a_slow_line_what_can_be_seen_comes_before_the_sound(clip: str, visit: Open) -> None:
    page = visit(clip)
    until(page, "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/audio'))")
    assert page.evaluate("""() => {
        const sound = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/audio"));
        return sound.startTime >= performance.getEntriesByType("navigation")[0].loadEventStart;
    }""")


# --- Exact


def test_the_hosted_models_short_file_loops_to_the_sample(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.script = life.INSTANT
    page = visit(made(connected), bypass_csp=True)
    listen(page)
    play(page)
    _, sound = record(page, 2 * LOOP + SAMPLE_RATE)
    turn = sound[SAMPLE_RATE // 2 :]
    first, second = turn[:LOOP], turn[LOOP : 2 * LOOP]
    assert np.array_equal(first[: len(second)], second)
    assert not np.array_equal(turn[:LOOP], turn[SAMPLES : SAMPLES + LOOP]), "the file itself is shorter"
    steps = np.abs(np.diff(turn[: LOOP + 1]))
    assert np.abs(first).max() > 0.1
    assert steps.max() <= np.abs(np.diff(np.frombuffer(made_media().audio[44:], np.int16))).max() / 32768 * 1.01


def test_the_playhead_is_where_the_sound_is(clip: str, visit: Open) -> None:
    page = visit(clip, bypass_csp=True)
    listen(page)
    page.evaluate(
        """() => {
        window.astray = [];
        const head = document.querySelector('.spectrogram-head');
        const heardAt = () => {
            if (!window.starts.length || !document.querySelector('clip-player').playing) return undefined;
            const [at, offset] = starts.at(-1);
            const { contextTime, performanceTime } = context.getOutputTimestamp();
            // What was not computed yet cannot be heard: on a busy machine, the sound itself stands still.
            const now = Math.min(context.currentTime, contextTime + (performance.now() - performanceTime) / 1000);
            return performanceTime && now >= at ? now - at + offset : undefined;
        };
        // Between these two moments the place was asked for; how long that is, a busy machine decides.
        let before;
        const frame = window.requestAnimationFrame;
        window.requestAnimationFrame = (draw) => frame((time) => {
            before = heardAt();
            draw(time);
        });
        new MutationObserver(() => {
            const after = heardAt();
            if (before === undefined || after === undefined) return;
            const drawn = Number(head.style.getPropertyValue('--at')) * 5.12;
            const turns = Math.round((after - drawn) / 5.12) * 5.12;
            astray.push(Math.max(0, before - drawn - turns, drawn + turns - after));
            before = undefined;
        }).observe(head, { attributes: true, attributeFilter: ['style'] });
    }"""
    )
    play(page)
    until(page, "astray.length > 40")
    page.keyboard.press("7")
    until(page, "astray.length > 120")
    assert max(page.evaluate("astray")) < 0.020


def test_another_speed_keeps_the_pitch_and_the_beat(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.files.media = Media(wav(_tone(440.0, 8_000)), made_media().spectrogram, "spectrogram.png")
    upstream.gateway.script = life.INSTANT
    page = visit(made(connected), bypass_csp=True)
    listen(page)
    page.get_by_label("Speed").select_option("0.75")
    play(page)
    _, sound = record(page, 3 * SAMPLE_RATE)
    assert _pitch(sound[SAMPLE_RATE : 3 * SAMPLE_RATE]) == pytest.approx(440, abs=3)
    page.evaluate("document.querySelector('clip-player').seek(0)")
    until(page, "context.currentTime - starts.at(-1)[0] > 1")
    place, passed = page.evaluate(f"[{POSITION}, context.currentTime - starts.at(-1)[0]]")
    assert place <= 0.76 * passed


def _tone(hertz: float, level: int) -> array[int]:
    turns = 2 * np.pi * hertz * np.arange(SAMPLES) / SAMPLE_RATE
    return array("h", (level * np.sin(turns)).astype(np.int16).tobytes())


def _pitch(sound: Mono) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * SAMPLE_RATE / len(sound))


# --- One against another


def test_two_clips_are_switched_on_the_beat_equally_loud(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.script = life.INSTANT
    picture = made_media().spectrogram
    upstream.files.media = Media(wav(_tone(440.0, 4_000)), picture, "spectrogram.png")
    made(connected, prompt_a="a low one", take=1)
    upstream.files.media = Media(wav(_tone(880.0, 16_000)), picture, "spectrogram.png")
    page = visit(made(connected, prompt_a="a low one", take=2), bypass_csp=True)
    listen(page)
    page.get_by_role("button", name="Compare with a low one").click()
    expect(page.get_by_text("X switches on the beat.")).to_be_visible()
    play(page)
    _, own = record(page, 2 * SAMPLE_RATE)
    page.keyboard.press("x")
    expect(
        page.get_by_role("group", name="Hear").get_by_role("button", name=re.compile("Made just before"))
    ).to_have_attribute("aria-pressed", "true")
    _, other = record(page, SAMPLE_RATE // 2, since=page.evaluate("context.currentTime") + 1)
    own, other = own[-SAMPLE_RATE // 2 :], other[-SAMPLE_RATE // 2 :]
    assert _pitch(own) == pytest.approx(880, abs=3)
    assert _pitch(other) == pytest.approx(440, abs=3)
    assert _loudness(own) == pytest.approx(_loudness(other), abs=0.5)
    first, sound = record(page, 3 * SAMPLE_RATE, since=0, gaps=True)
    at, offset = page.evaluate("starts.at(-1)")
    ended, began = (first + sample - (at - offset) * SAMPLE_RATE for sample in _crossing(sound))
    beat = round((ended + began) / 2 / BEAT) * BEAT
    assert ended - 0.02 * SAMPLE_RATE < beat < began + 0.02 * SAMPLE_RATE


def _loudness(sound: Mono) -> float:
    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound.astype(np.float64)))


def _crossing(sound: Mono) -> tuple[int, int]:
    """The sample after which 880 Hz is heard no more, and that from which on it is 440 Hz.

    Between them is nothing, but for what a busy machine may have left out of the record.
    """
    window = 441
    frames = sound[: len(sound) // window * window].reshape(-1, window)
    turns = 2j * np.pi * np.arange(window) / SAMPLE_RATE
    low, high = (np.abs(frames @ np.exp(turns * hertz)) for hertz in (440.0, 880.0))
    loud = np.abs(frames).max(axis=1) > 0.01
    began = np.flatnonzero((low > high) & loud)[0]
    ended = np.flatnonzero((high > low) & loud & (np.arange(len(frames)) < began))[-1] + 1
    return int(ended) * window, int(began) * window


class Held:
    """Sounds on their way to a page: each waits until it is let go, or is cut."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.waiting: list[Route] = []
        page.route("**/audio", self.hold)

    def hold(self, route: Route) -> None:
        self.waiting.append(route)

    def take(self) -> Route:
        """The one that was asked for first."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not self.waiting:
            assert time.monotonic() < deadline, "nothing was asked for"
            self.page.wait_for_timeout(20)
        return self.waiting.pop(0)


def compare(page: Page, prompt: str) -> None:
    page.get_by_role("button", name=f"Compare with {prompt}", exact=True).click()


@pytest.fixture(scope="module")
def family(studio: Serving) -> list[str]:
    """Three clips, one after another: the middle one has two neighbours."""
    return [made(studio, prompt_a=prompt) for prompt in ("first bells", "second bells", "third bells")]


def test_until_the_other_clip_is_there_x_changes_nothing(family: list[str], visit: Open) -> None:
    page = visit(family[1])
    play(page)
    held = Held(page)
    compare(page, "first bells")
    sound = held.take()
    own = page.locator("clip-player img").get_attribute("src")
    page.get_by_role("slider", name="Position").focus()
    page.keyboard.press("x")
    assert page.locator("clip-player img").get_attribute("src") == own
    assert page.evaluate("document.querySelector('clip-player').heard ?? 0") == 0
    sound.abort("connectionrefused")
    expect(page.get_by_role("alert")).to_have_text("That clip cannot be compared at the moment. Try again.")
    expect(page.get_by_role("button", name="Compare with first bells", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )
    page.keyboard.press("x")
    assert page.evaluate("document.querySelector('clip-player').heard ?? 0") == 0


def test_of_two_comparisons_asked_for_quickly_the_last_one_counts(family: list[str], visit: Open) -> None:
    page = visit(family[1])
    play(page)
    held = Held(page)
    compare(page, "first bells")
    compare(page, "third bells")
    first, third = held.take(), held.take()
    third.continue_()
    there = page.get_by_role("group", name="Hear").get_by_role("button", name=re.compile("third bells"))
    expect(there).to_be_visible()
    length = "document.querySelector('clip-player').transport.loops[1].getChannelData(0).slice(0, 50).join()"
    loaded = page.evaluate(length)
    first.continue_()
    page.wait_for_timeout(500)
    assert page.evaluate(length) == loaded
    expect(there).to_be_visible()


def test_a_comparison_that_was_taken_back_and_asked_for_again_fails_or_works_as_one(
    family: list[str], visit: Open
) -> None:
    page = visit(family[1])
    play(page)
    held = Held(page)
    for _ in range(3):
        compare(page, "first bells")
    page.wait_for_timeout(200)
    asked = held.waiting
    asked[0].abort("connectionrefused")
    page.wait_for_timeout(200)
    for sound in asked[1:]:
        sound.continue_()
    page.wait_for_timeout(1000)
    pressed = page.get_by_role("button", name="Compare with first bells", pressed=True)
    there = page.get_by_role("group", name="Hear")
    assert pressed.count() == there.count()
    assert page.get_by_role("alert").count() + there.count() == 1


def test_a_comparison_that_comes_late_leaves_alone_who_writes_by_then(family: list[str], visit: Open) -> None:
    page = visit(family[1])
    play(page)
    held = Held(page)
    compare(page, "first bells")
    page.get_by_text("Title, notes and tags").click()
    page.get_by_label("Notes").press_sequentially("for the ")
    held.take().continue_()
    expect(page.get_by_role("group", name="Hear")).to_be_visible()
    page.keyboard.type("bridge")
    expect(page.get_by_label("Notes")).to_have_value("for the bridge")


def test_a_tap_on_compare_far_below_brings_the_switch_into_sight(family: list[str], visit: Open) -> None:
    page = visit(family[1], viewport={"width": 360, "height": 740})
    compare(page, "first bells")
    switch = page.get_by_role("group", name="Hear")
    expect(switch).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_in_viewport()


# --- When sounds do not come


def test_a_sound_that_did_not_come_is_asked_for_again(clip: str, visit: Open) -> None:
    page = visit(clip)
    page.route("**/audio", lambda route: route.abort("connectionrefused"))
    page.reload()
    until(page, "document.readyState === 'complete'")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("This clip cannot be played at the moment. Try again.")
    page.unroute("**/audio")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, f"{PLAYING} && {POSITION} > 0")
    assert page.evaluate("document.querySelector('clip-player').transport.constructor.name") == "Transport"
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_second_press_while_it_loads_takes_the_first_back(clip: str, visit: Open) -> None:
    page = visit(clip, bypass_csp=True)
    listen(page)
    held = Held(page)
    page.reload()
    sound = held.take()
    button = page.locator(".player-play")
    for _ in range(2):
        button.click()
    sound.continue_()
    until(page, "!document.querySelector('[data-loading]')")
    until(page, "context.state === 'suspended'")
    assert not page.evaluate(PLAYING)
    button.click()
    until(page, f"{PLAYING} && {POSITION} > 0")
    assert page.evaluate("starts.length") == 1
    assert page.evaluate("contexts") == 1


def test_a_sound_that_comes_late_leaves_alone_what_the_plain_player_plays_by_then(clip: str, visit: Open) -> None:
    page = visit(clip, bypass_csp=True)
    listen(page)
    held = Held(page)
    page.reload()
    sound = held.take()
    page.get_by_role("button", name="Play", exact=True).click()
    page.route("**/audio", lambda route: route.continue_())
    page.get_by_text("Plain player").click()
    page.evaluate("document.querySelector('audio').play()")
    until(page, "document.querySelector('audio').currentTime > 0.2")
    sound.continue_()
    until(page, "!document.querySelector('[data-loading]')")
    page.wait_for_timeout(300)
    assert page.evaluate("[starts.length, document.querySelector('audio').paused]") == [0, False]


def test_who_pauses_the_plain_player_before_it_began_is_told_of_no_trouble(clip: str, visit: Open) -> None:
    page = visit(clip)
    page.add_init_script("delete window.AudioContext")
    held = Held(page)
    page.reload()
    button = page.locator(".player-play")
    button.click()
    expect(button).to_have_attribute("aria-label", "Pause")
    held.take()
    button.click()
    expect(button).to_have_attribute("aria-label", "Play")
    page.wait_for_timeout(300)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_plain_player_starts_at_the_moment_in_the_address_too(clip: str, visit: Open) -> None:
    page = visit(clip)
    page.add_init_script(
        """delete window.AudioContext;
        addEventListener('timeupdate', ({ target }) => { window.began ||= target.currentTime; }, true);"""
    )
    page.goto(f"{clip}#t=3")
    page.reload()
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "window.began > 0")
    assert page.evaluate("began") >= 3


# --- By hand


def test_the_speed_can_be_chosen_with_a_mouse(clip: str, visit: Open) -> None:
    page = visit(clip)
    page.get_by_label("Speed").click()
    page.wait_for_timeout(200)
    assert page.evaluate("document.activeElement.className") == "player-rate"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Loop", exact=True).click()
    assert page.evaluate("document.activeElement.localName") == "clip-spectrogram"


def test_other_links_in_the_page_leave_it_where_it_is(clip: str, visit: Open) -> None:
    page = visit(f"{clip}#t=2")
    page.evaluate("location.hash = '#main'")
    page.wait_for_timeout(100)
    assert page.evaluate(POSITION) == 2
    page.evaluate("location.hash = '#t=3'")
    until(page, f"{POSITION} === 3")


def test_a_slider_that_moves_by_itself_is_not_read_out(clip: str, visit: Open) -> None:
    page = visit(clip)
    play(page)
    slider = page.get_by_role("slider", name="Position")
    expect(slider).to_be_focused()
    before = slider.get_attribute("aria-valuetext")
    until(page, f"{POSITION} > 1.3")
    assert slider.get_attribute("aria-valuetext") == before
    page.keyboard.press("Space")
    expect(slider).not_to_have_attribute("aria-valuetext", str(before))


def test_a_tap_on_the_spectrogram_goes_there(clip: str, visit: Open) -> None:
    page = visit(clip)
    picture = page.locator("clip-spectrogram")
    box = picture.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4)
    expect(picture).to_have_attribute("aria-valuetext", re.compile(r"0:02 of 0:05, bar [12] beat [14]"))
    assert page.evaluate(POSITION) == pytest.approx(2.56, abs=0.03)
    expect(page.locator(".spectrogram-readout")).to_have_text(
        re.compile(r"^[\d.,]+ k?Hz · [A-G][♯♭]?-?\d.* · 0:02\.\d · bar \d beat \d$")
    )


def test_it_starts_at_the_moment_in_the_address(clip: str, visit: Open) -> None:
    page = visit(f"{clip}#t=1.28")
    expect(page.get_by_role("slider", name="Position")).to_have_attribute(
        "aria-valuetext", "0:01 of 0:05, bar 1 beat 3"
    )


def test_one_thing_plays_at_a_time(clip: str, visit: Open) -> None:
    page = visit(clip)
    play(page)
    page.get_by_text("Plain player").click()
    page.evaluate("document.querySelector('audio').play()")
    until(page, f"!({PLAYING})")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, f"{PLAYING} && document.querySelector('audio').paused")


def test_the_system_knows_what_plays(clip: str, visit: Open) -> None:
    page = visit(clip)
    play(page)
    assert page.evaluate("navigator.mediaSession.metadata.title") == "church bells → jazz"
    assert page.evaluate("navigator.mediaSession.playbackState") == "playing"


def test_a_sound_that_cannot_be_decoded_plays_plainly(clip: str, visit: Open) -> None:
    page = visit(clip)
    page.add_init_script(
        "BaseAudioContext.prototype.decodeAudioData = async () => { throw new DOMException('no', 'EncodingError'); }"
    )
    page.reload()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("audio")).to_be_visible()
    until(page, "document.querySelector('audio').currentTime > 0.1")


def test_without_javascript_the_browsers_own_player_is_there(clip: str, visit: Open) -> None:
    page = visit(clip, java_script_enabled=False)
    expect(page.locator("audio")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_have_count(0)
    expect(page.get_by_role("img", name="Spectrogram")).to_be_visible()


# --- By keys


def test_every_key_does_what_the_list_says(clip: str, visit: Open) -> None:
    page = visit(clip)
    press = page.keyboard.press

    def at(seconds: float) -> None:
        assert page.evaluate(POSITION) == pytest.approx(seconds, abs=0.01)

    for key, seconds in (
        *(("ArrowRight", 0.64), ("ArrowRight", 1.28), ("ArrowLeft", 0.64), ("Shift+ArrowRight", 2.56)),
        *(("Shift+ArrowLeft", 0.0), ("End", 4.48), ("Home", 0.0), ("5", 2.56), ("0", 0.0)),
    ):
        press(key)
        at(seconds)
    for key in ("k", "Space"):
        press(key)
        until(page, PLAYING)
        press(key)
        until(page, f"!({PLAYING})")
    loop, mute = (page.get_by_role("button", name=name, exact=True) for name in ("Loop", "Mute"))
    press("l")
    expect(loop).to_have_attribute("aria-pressed", "false")
    press("m")
    expect(mute).to_have_attribute("aria-pressed", "true")
    press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_letters_can_be_switched_off_and_fields_keep_theirs(clip: str, visit: Open) -> None:
    page = visit(clip)
    page.get_by_role("textbox", name="Link to this clip").focus()
    page.keyboard.press("k")
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("checkbox", name="Letters and digits are keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Loop", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("k")
    page.keyboard.press("5")
    assert not page.evaluate(PLAYING)
    assert page.evaluate(POSITION) == 0
    page.keyboard.press("Space")
    until(page, PLAYING)


def test_without_loop_it_ends_and_starts_over(clip: str, visit: Open) -> None:
    page = visit(f"{clip}#t=4.6")
    page.get_by_role("button", name="Loop", exact=True).click()
    page.evaluate("""() => {
        window.seen = [];
        const player = document.querySelector('clip-player');
        const note = () => seen.push([player.playing, player.position]);
        new MutationObserver(note).observe(player, { attributes: true, attributeFilter: ['data-playing'] });
    }""")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "seen.length > 1")
    (began, at), ended = page.evaluate("seen")
    assert began
    assert at == pytest.approx(4.6, abs=0.5)
    assert ended == [False, 0]
    assert not page.evaluate(PLAYING)
