"""The prompts the studio offers to start from: our own, varied, and understood by whoever plays."""

from __future__ import annotations

import json
from pathlib import Path

from segue.recipe import PROMPT_LIMIT, tidy
from segue.sketch.reading import read

FILE = Path(__file__).parent.parent / "static" / "prompts.json"
GENRES: dict[str, list[str]] = json.loads(FILE.read_text("utf-8"))
PROMPTS = [prompt for prompts in GENRES.values() for prompt in prompts]
SHORT = 60
"""Characters: it is to be read at a glance, in a list, on a phone."""


def test_there_are_a_hundred_of_a_dozen_genres_and_no_two_alike() -> None:
    assert len(GENRES) == 12
    assert min(map(len, GENRES.values())) >= 8
    assert len({prompt.casefold() for prompt in PROMPTS}) == len(PROMPTS) == 100


def test_each_is_short_and_tidy() -> None:
    assert [prompt for prompt in PROMPTS if prompt != tidy(prompt) or len(prompt) > SHORT] == []
    assert SHORT < PROMPT_LIMIT


def test_the_band_understands_every_word_of_them() -> None:
    readings = {prompt: read(prompt).terms for prompt in PROMPTS}
    assert all(readings.values())
    strange = {prompt: [term.text for term in terms if term.word is None] for prompt, terms in readings.items()}
    assert {prompt: words for prompt, words in strange.items() if words} == {}


def test_no_two_begin_alike() -> None:
    starts = [" ".join(prompt.casefold().split()[:2]) for prompt in PROMPTS]
    assert [start for start in set(starts) if starts.count(start) > 1] == []
