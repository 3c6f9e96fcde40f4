"""Colours: OKLCH as a screen shows it, and the same blend as on the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from segue.colours import APART, TONE_CHROMA, TONE_LIGHTNESS, Blend, hue, srgb

CSS = Path(__file__).parent.parent / "static" / "css"


@pytest.mark.parametrize(
    ("oklch", "expected"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (255, 255, 255)),
        ((0.59987, 0, 0), (128, 128, 128)),
        ((0.62796, 0.25768, 29.234), (255, 0, 0)),
        ((0.86644, 0.29483, 142.495), (0, 255, 0)),
        ((0.45201, 0.31321, 264.052), (0, 0, 255)),
        ((0.51975, 0.17686, 142.495), (0, 128, 0)),
        ((0.96798, 0.21101, 109.769), (255, 255, 0)),
        ((0.44027, 0.16030, 303.373), (102, 51, 153)),
    ],
)
def test_known_colours_come_out_right(oklch: tuple[float, float, float], expected: tuple[int, int, int]) -> None:
    """The examples are those of CSS Color 4 and its web platform tests: red, lime, rebeccapurple and so on."""
    assert all(abs(got - want) <= 1 for got, want in zip(srgb(*oklch), expected, strict=True))


@given(some.floats(0, 1), some.floats(0, 0.4), some.floats(-720, 720))
def test_every_colour_can_be_shown(lightness: float, chroma: float, degrees: float) -> None:
    assert all(0 <= part <= 255 for part in srgb(lightness, chroma, degrees))


def test_what_no_screen_can_show_becomes_paler_and_keeps_its_hue() -> None:
    red, green, blue = srgb(0.81, 0.4, 29)
    assert red == 255
    assert 0 < green < red
    assert 0 < blue < red
    assert (red, green, blue) == srgb(0.81, 0.3, 29)


def test_a_prompt_keeps_its_colour() -> None:
    assert hue("Jazz ") == hue("jazz")
    assert hue("STRASSE") == hue("strasse")
    assert hue("jazz") != hue("church bells")
    assert all(0 <= hue(str(n)) < 360 for n in range(100))


def test_a_blend_runs_from_a_to_b() -> None:
    blend = Blend.of("church bells", "jazz", 0.25)
    assert blend.at(0) == srgb(TONE_LIGHTNESS, TONE_CHROMA, hue("church bells"))
    assert blend.at(1) == srgb(TONE_LIGHTNESS, TONE_CHROMA, hue("jazz"))
    assert blend.mix() == blend.at(0.25)


@given(some.text(max_size=20), some.text(min_size=1, max_size=20).filter(str.strip))
def test_two_hues_are_told_apart_unless_they_are_one(prompt_a: str, prompt_b: str) -> None:
    turn = Blend.of(prompt_a, prompt_b, 0.5).turn
    assert turn == 0 if hue(prompt_a) == hue(prompt_b) else APART <= abs(turn) <= 180


@pytest.mark.parametrize("blend", [Blend.of("jazz", "", 0.7), Blend.of("jazz", "JAZZ", 0.7)])
def test_one_prompt_has_one_colour(blend: Blend) -> None:
    assert blend.at(0) == blend.at(1) == blend.mix()


def test_the_tones_are_those_of_the_pages() -> None:
    dark = (CSS / "tokens.css").read_text(encoding="utf-8").partition("@media")[0]
    assert f"--tone-lightness: {TONE_LIGHTNESS};" in dark
    assert f"--tone-chroma: {TONE_CHROMA};" in dark
    assert re.search(rf"\* max\({APART}, ", (CSS / "colours.css").read_text(encoding="utf-8"))
