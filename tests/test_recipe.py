"""Recipes are valid from the moment they exist."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from segue.errors import InvalidRecipe
from segue.recipe import PROMPT_LIMIT, SEEDS, STEPS_LIMIT, TAKE_LIMIT, Recipe, seed_title, tidy


def test_only_prompt_a_is_needed() -> None:
    recipe = Recipe("church bells")
    assert (recipe.prompt_b, recipe.alpha, recipe.denoising, recipe.num_inference_steps) == ("", 0.5, 0.75, 50)
    assert recipe.seed_image_id == "vibes"
    assert recipe.take is None


def test_a_recipe_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe("bells").alpha = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt_a", ""),
        ("prompt_a", " \t\n\x00 "),
        ("prompt_a", "\u200b\u200b"),
        ("prompt_a", "x" * (PROMPT_LIMIT + 1)),
        ("prompt_b", "x" * (PROMPT_LIMIT + 1)),
        ("alpha", -0.01),
        ("alpha", 1.01),
        ("alpha", math.nan),
        ("alpha", math.inf),
        ("denoising", 2.0),
        ("denoising", math.nan),
        ("seed_image_id", "../../etc/passwd"),
        ("num_inference_steps", 0),
        ("num_inference_steps", STEPS_LIMIT + 1),
        ("take", -1),
        ("take", TAKE_LIMIT + 1),
    ],
)
def test_what_is_outside_the_limits_is_refused_by_field(field: str, value: object) -> None:
    with pytest.raises(InvalidRecipe) as refusal:
        Recipe(**{"prompt_a": "bells", field: value})  # type: ignore[arg-type]
    assert refusal.value.field == field
    assert refusal.value.message.endswith(".")


def test_a_prompt_may_fill_its_limit() -> None:
    assert Recipe("é" * PROMPT_LIMIT).prompt_a == "é" * PROMPT_LIMIT


def test_fractions_are_hundredths() -> None:
    recipe = Recipe("bells", alpha=0.333333, denoising=0.7549)
    assert (recipe.alpha, recipe.denoising) == (0.33, 0.75)


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("  two\r\nlines\t and\x00a null ", "two lines and a null"),
        ("👩‍🎤 rap", "👩‍🎤 rap"),
        ("طبل عربي", "طبل عربي"),
        ("cafe\u0301", "café"),
        ("half a pair \ud83d", "half a pair"),
        ("abc\u202eevil dne", "abc evil dne"),
    ],
)
def test_odd_text_is_tidied_not_lost(typed: str, tidied: str) -> None:
    assert Recipe(typed).prompt_a == tidied


@given(some.text(alphabet=some.characters(), max_size=200))
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert "\x00" not in tidy(text)
    tidy(text).encode("utf-8")


def test_eleven_seeds_five_of_them_musical() -> None:
    assert [seed.id for seed in SEEDS if seed.musical] == ["og_beat", "agile", "marim", "motorway", "vibes"]
    assert len({seed.id for seed in SEEDS}) == 11


def test_a_seed_is_called_by_its_title_or_by_its_id_in_words() -> None:
    assert seed_title("mask_gradient_top_fifth_75") == "High fifth"
    assert seed_title("my_groove") == "My groove"
    assert seed_title("___") == "___"
