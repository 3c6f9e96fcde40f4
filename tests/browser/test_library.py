"""The library in a real browser: heard in place, by hand and by key."""

from __future__ import annotations

import re
from zipfile import ZipFile

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, until
from tests.browser.test_seeds import EARS
from tests.servers import life
from tests.servers.prediction import Prediction
from tests.servers.upstream import Upstream
from tests.serving import Serving
from tests.visitor import Visitor

PROMPTS = ("church bells", "rain", "funky drums")
TAGS = "one, two, four-on-the-floor, for the singer, بطيء, " + "w" * 40


@pytest.fixture(scope="module")
def full(studio: Serving) -> Serving:
    """The studio with three clips in its library; the last has many tags."""
    visitor = Visitor(studio.address)
    for prompt in PROMPTS:
        visitor.wait(clip := visitor.blend(prompt_a=prompt, take=1))
    details = visitor.form(title="", notes="", tags=TAGS)
    visitor.http.post(f"{studio.address}/clips/{clip}/details", details, timeout=30).raise_for_status()
    return studio


@pytest.fixture
def page(full: Serving, visit: Open) -> Page:
    """The library, with ears."""
    page = visit(f"{full.address}/library")
    page.evaluate(EARS)
    return page


def test_one_card_plays_at_a_time_in_its_place(page: Page) -> None:
    bells, rain = (page.get_by_role("button", name=f"Play {prompt}") for prompt in PROMPTS[:2])
    bells.click()
    expect(bells).to_have_attribute("data-sounding", "")
    until(page, "audible() === 1")
    rain.click()
    expect(rain).to_have_attribute("data-sounding", "")
    expect(bells).to_have_attribute("aria-pressed", "false")
    until(page, "audible() === 1")
    rain.click()
    expect(rain).to_have_attribute("aria-pressed", "false")
    until(page, "audible() === 0")


def test_n_plays_the_next_and_p_the_previous(page: Page) -> None:
    pressed = page.locator('.shelf-play[aria-pressed="true"]')
    for key, prompt in (("n", "funky drums"), ("n", "rain"), ("p", "funky drums"), ("p", "church bells")):
        page.keyboard.press(key)
        expect(pressed).to_have_count(1)
        expect(pressed).to_have_attribute("aria-label", f"Play {prompt}")
        expect(pressed).to_be_focused()


def test_p_begins_at_the_end_and_what_plays_is_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 400})
    last, first = (page.get_by_role("button", name=f"Play {PROMPTS[at]}") for at in (0, -1))
    page.keyboard.press("p")
    expect(last).to_have_attribute("aria-pressed", "true")
    expect(last).to_be_in_viewport(ratio=1)
    page.keyboard.press("n")
    expect(first).to_have_attribute("data-sounding", "")
    expect(first).to_be_in_viewport(ratio=1)
    until(page, "audible() === 1")


def test_b_leads_from_a_ticked_clip_to_what_is_done_with_it(page: Page) -> None:
    page.get_by_label("Choose rain").press("Space")
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Download as zip")).to_be_focused()
    expect(page.get_by_role("button", name="Download as zip")).to_be_in_viewport(ratio=1)


def test_a_clip_that_cannot_be_had_says_so(page: Page) -> None:
    page.route("**/audio", lambda route: route.abort("connectionfailed"))
    rain = page.get_by_role("button", name="Play rain")
    rain.click()
    expect(page.get_by_role("alert")).to_have_text("This clip cannot be heard at the moment. Try again.")
    expect(rain).to_have_attribute("aria-pressed", "false")
    page.unroute("**/audio")
    rain.click()
    expect(rain).to_have_attribute("data-sounding", "")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_letters_are_only_keys_where_nobody_types_and_they_are_on(page: Page) -> None:
    page.get_by_label("Search the library").press("n")
    expect(page.get_by_label("Search the library")).to_have_value("n")
    page.locator("h1").click()
    page.keyboard.press("Control+p")
    page.keyboard.press("Alt+p")
    page.evaluate("localStorage.setItem('segue.letters', 'false')")
    page.keyboard.press("n")
    expect(page.locator('.shelf-play[aria-pressed="true"]')).to_have_count(0)
    page.evaluate("localStorage.removeItem('segue.letters')")


def test_a_shelf_that_is_taken_away_leaves_nothing_behind(page: Page) -> None:
    key = "new KeyboardEvent('keydown', { key: 'n', bubbles: true, cancelable: true })"
    assert not page.evaluate(f"document.body.dispatchEvent({key})"), "the shelf takes its key"
    page.get_by_role("button", name="Play rain").click()
    until(page, "audible() === 1")
    page.evaluate("window.shelf = document.querySelector('clip-shelf'); shelf.remove()")
    until(page, "audible() === 0")
    assert page.evaluate("shelf.querySelectorAll('.shelf-play').length") == 0
    assert page.evaluate(f"document.body.dispatchEvent({key})"), "somebody still takes the key"
    page.evaluate("document.querySelector('main').append(shelf)")
    expect(page.locator(".shelf-play")).to_have_count(len(PROMPTS))


def test_ticked_clips_go_to_the_bin_and_come_back(page: Page) -> None:
    for prompt in PROMPTS[:2]:
        page.get_by_label(f"Choose {prompt}").check()
    page.get_by_role("button", name="Bin", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Those 2 clips are in the bin")).to_be_focused()
    expect(page.locator(".shelf-card")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".shelf-card")).to_have_count(len(PROMPTS))


def test_the_bar_counts_what_is_ticked_and_ticks_all(page: Page) -> None:
    bar, everything = page.locator(".shelf-bar"), page.get_by_role("button", name="Choose all on this page")
    page.get_by_label("Choose rain").check()
    expect(bar).to_contain_text("1 chosen:")
    everything.click()
    expect(bar).to_contain_text("3 chosen:")
    expect(page.locator(".shelf-choice :checked")).to_have_count(len(PROMPTS))
    page.get_by_role("button", name="Choose none").click()
    expect(bar).to_contain_text("With those you tick:")
    expect(everything).to_be_visible()
    expect(page.locator(".shelf-choice :checked")).to_have_count(0)


def test_ticked_clips_come_as_one_file(page: Page) -> None:
    for prompt in PROMPTS[1:]:
        page.get_by_label(f"Choose {prompt}").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as zip").click()
    assert download.value.suggested_filename == "segue.zip"
    with ZipFile(download.value.path()) as bundle:
        names = [name for name in bundle.namelist() if name.endswith(".flac")]
    assert sorted(name.split("_")[0] for name in names) == ["funky-drums", "rain"]


def test_what_is_done_with_ticked_clips_asks_for_some(page: Page) -> None:
    for act in ("Download as zip", "Bin"):
        page.get_by_role("button", name=act, exact=True).click()
        expect(page.get_by_text("Tick the clips you mean first.")).to_be_visible()
        page.goto(page.url.partition("?")[0])


def test_a_heart_is_given_where_it_is_and_nothing_else_changes(page: Page) -> None:
    heart = page.get_by_role("button", name="Heart church bells")
    page.get_by_label("Choose rain").check()
    page.get_by_role("button", name="Play rain").click()
    until(page, "audible() === 1")
    heart.click()
    expect(page.locator("#announcer")).to_have_text("Your heart is on it.")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(heart).to_contain_text("♥")
    expect(heart).to_be_focused()
    expect(page.get_by_label("Choose rain")).to_be_checked()
    until(page, "audible() === 1")
    page.reload()
    expect(heart).to_have_attribute("aria-pressed", "true")
    heart.click()
    expect(page.locator("#announcer")).to_have_text("Your heart is off it.")
    page.reload()
    expect(heart).to_have_attribute("aria-pressed", "false")


def test_a_heart_that_cannot_be_kept_says_so_and_is_as_it_was(page: Page) -> None:
    page.route("**/heart", lambda route: route.abort("connectionrefused"))
    heart = page.get_by_role("button", name="Heart rain")
    heart.click()
    expect(page.get_by_role("alert")).to_have_text("That could not be kept. Try again.")
    expect(heart).to_have_attribute("aria-pressed", "false")
    expect(heart).to_contain_text("♡")


def test_a_heart_on_the_clips_own_page_leaves_the_player_playing(page: Page) -> None:
    page.get_by_role("link", name="rain").click()
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "document.querySelector('clip-player').position > 0.1")
    heart = page.get_by_role("button", name="Heart")
    for pressed in ("true", "false"):
        heart.click()
        expect(heart).to_have_attribute("aria-pressed", pressed)
        expect(page.locator("#announcer")).to_contain_text("Your heart is")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_a_heart_without_scripts_stays_where_it_was_given(full: Serving, visit: Open) -> None:
    page = visit(f"{full.address}/library", java_script_enabled=False, viewport={"width": 320, "height": 400})
    heart = page.get_by_role("button", name="Heart church bells")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(heart).to_be_in_viewport()
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "false")


def test_a_clip_goes_to_the_bin_from_its_own_page_and_comes_back(page: Page) -> None:
    page.get_by_role("link", name="rain").click()
    page.get_by_role("button", name="Bin", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="That clip is in the bin")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="rain").click()
    page.get_by_role("button", name="Bin", exact=True).click()
    page.get_by_role("link", name="What is in the bin").click()
    page.get_by_role("link", name="rain").click()
    expect(page.get_by_role("heading", name="In the bin")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_ticked_clips_are_deleted_for_good_once_that_is_meant(full: Serving, page: Page) -> None:
    visitor = Visitor(full.address)
    visitor.wait(visitor.blend(prompt_a="thunder"))
    page.reload()
    page.get_by_role("checkbox", name="Choose thunder").check()
    page.get_by_role("button", name="Bin", exact=True).click()
    page.get_by_role("link", name="What is in the bin").click()
    page.get_by_role("checkbox", name="Choose thunder").check()
    page.get_by_role("button", name="Delete for good").click()
    ask = page.get_by_role("dialog", name="Delete the clips you ticked for good?")
    ask.get_by_role("button", name="Never mind").click()
    expect(page.get_by_role("link", name="thunder")).to_be_visible()
    page.get_by_role("button", name="Delete for good").click()
    ask.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("status").filter(has_text="Gone for good.")).to_be_focused()
    expect(page.get_by_role("link", name="thunder")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_what_plays_a_card_is_seen_without_colours(full: Serving, visit: Open, scheme: str) -> None:
    page = visit(f"{full.address}/library", forced_colors="active", color_scheme=scheme)
    sign, ground = page.get_by_role("button", name="Play rain").evaluate(
        "play => ['::before', null].map((part) => getComputedStyle(play, part).backgroundColor.match(/\\d+/g))"
    )
    assert abs(sum(map(int, sign[:3])) - sum(map(int, ground[:3]))) > 500


def test_tags_lie_on_nothing_else(page: Page) -> None:
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        tags = [tag.bounding_box() for tag in page.locator(".tag").all()]
        acts = page.locator(".shelf-card").first.locator(".shelf-acts").bounding_box()
        assert acts
        assert len(tags) == len(TAGS.split(", "))
        assert all(tag and tag["y"] + tag["height"] <= acts["y"] for tag in tags), width
        assert all(tag and tag["height"] < 60 for tag in tags), width


def test_a_clip_in_the_making_gets_ready_on_its_card(connected: Serving, upstream: Upstream, visit: Open) -> None:
    upstream.gateway.script = life.STUCK
    visitor = Visitor(connected.address)
    visitor.wait(visitor.blend(prompt_a="rain", provider="sketch"))
    visitor.blend(prompt_a="slow bells")
    visitor.wait(visitor.blend(prompt_a="drums", provider="sketch"))
    page = visit(f"{connected.address}/library")
    page.evaluate(EARS)
    bells = page.locator(".shelf-card", has_text="slow bells")
    expect(bells).to_contain_text("In the making")
    expect(bells.get_by_role("button", name="Play slow bells")).to_have_count(0)
    page.get_by_label("Choose slow bells").check()
    page.get_by_role("button", name="Play drums").click()
    until(page, "audible() === 1")
    _asked_for(page, upstream).life = life.INSTANT
    expect(bells).to_contain_text("Ready")
    expect(page.locator("#announcer")).to_have_text("slow bells: Ready")
    expect(page.get_by_label("Choose slow bells")).to_be_checked()
    until(page, "audible() === 1")
    page.keyboard.press("n")
    expect(bells.get_by_role("button", name="Play slow bells")).to_have_attribute("data-sounding", "")


def test_a_clip_that_does_not_work_out_says_so_on_its_card_in_the_studio(
    connected: Serving, upstream: Upstream, visit: Open
) -> None:
    upstream.gateway.script = life.STUCK
    Visitor(connected.address).blend(prompt_a="gears")
    page = visit(connected.address)
    card = page.locator(".sleeve", has_text="gears")
    expect(card).to_contain_text("In the making")
    _asked_for(page, upstream).life = life.failed()
    expect(card).to_contain_text("Did not work out")
    expect(card).to_have_attribute("data-state", "failed")


def _asked_for(page: Page, upstream: Upstream) -> Prediction:
    """The one run that was asked for, as soon as it is."""
    while not upstream.gateway.creates:
        page.wait_for_timeout(20)
    [run] = upstream.gateway.creates
    return run


def test_a_filter_acts_when_it_is_changed_and_keeps_the_focus(page: Page) -> None:
    hearted = page.get_by_label("With my heart")
    hearted.press("Space")
    expect(page.get_by_text("Nothing like that.")).to_be_visible()
    expect(hearted).to_be_checked()
    expect(hearted).to_be_focused()
    hearted.press("Space")
    expect(page.locator(".shelf-card")).to_have_count(len(PROMPTS))
    page.get_by_label("Order").select_option("oldest first")
    expect(page.locator(".sleeve-title").first).to_have_text(PROMPTS[0])
    expect(page.get_by_label("Order")).to_be_focused()
    page.goto(page.url)
    expect(page.get_by_label("Order")).to_have_value("oldest")
    expect(page.get_by_label("Order")).not_to_be_focused()


def test_who_comes_back_finds_the_filters_that_the_clips_were_found_by(page: Page) -> None:
    page.get_by_label("State").select_option("canceled")
    expect(page.get_by_text("Nothing like that.")).to_be_visible()
    page.go_back()
    expect(page.locator(".shelf-card")).to_have_count(len(PROMPTS))
    expect(page.get_by_label("State")).to_have_value("")


def test_words_are_looked_for_when_they_are_sent_and_not_before(page: Page) -> None:
    page.get_by_label("Search the library").fill("rain")
    page.locator("h1").click()
    expect(page).to_have_url(re.compile("/library$"))
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".shelf-card")).to_have_count(1)


def test_on_a_phone_finer_filters_are_folded_unless_one_is_in_use(page: Page) -> None:
    seed, fold = page.get_by_label("Seed"), page.locator("summary", has_text="More filters")
    expect(seed).to_be_visible()
    expect(fold).to_be_hidden()
    page.set_viewport_size({"width": 360, "height": 780})
    expect(seed).to_be_hidden()
    fold.click()
    page.get_by_label("State").select_option("ready")
    expect(page).to_have_url(re.compile("state=succeeded"))
    expect(page.get_by_label("State")).to_be_focused()
    expect(seed).to_be_visible()
    page.get_by_label("State").select_option("any")
    expect(page).to_have_url(re.compile("state=&"))
    expect(page.get_by_label("State")).to_be_focused()
    page.reload()
    expect(seed).to_be_hidden()


def test_without_scripts_a_button_says_that_it_applies_the_filters(full: Serving, visit: Open) -> None:
    page = visit(f"{full.address}/library", java_script_enabled=False, viewport={"width": 360, "height": 780})
    page.get_by_text("More filters").click()
    page.get_by_label("Order").select_option("oldest first")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator(".sleeve-title").first).to_have_text(PROMPTS[0])


@pytest.mark.parametrize("where", ["/library", "/library?q=nothing+like+it", "/library/bin"])
def test_everybody_can_use_it_at_any_width(full: Serving, visit: Open, where: str) -> None:
    page = visit(full.address + where)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
