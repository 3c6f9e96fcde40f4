"""How clips are named."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from segue.models import Clip
from segue.recipe import Recipe, tidy
from segue.web.names import blend, file_name


def _clip(prompt_a: str, prompt_b: str = "", **fields: float) -> Clip:
    clip = Clip.of(Recipe(prompt_a, prompt_b, **fields), "token", 0.0)  # type: ignore[arg-type]
    clip.id = "k3f9abcdefghijkmnpqr"
    return clip


@pytest.mark.parametrize(
    ("clip", "name"),
    [
        (_clip("Church Bells", "jazz", alpha=0.3), "church-bells_to_jazz_a030_94bpm_k3f9.wav"),
        (_clip("90's rap"), "90-s-rap_94bpm_k3f9.wav"),
        (_clip("C# minor piano", denoising=0.95), "c#-minor-piano_k3f9.wav"),
        (_clip("طبل", "🎷", alpha=1.0), "clip_a100_94bpm_k3f9.wav"),
        (_clip("../../etc/passwd\r\nX: y"), "etc-passwd-x-y_94bpm_k3f9.wav"),
    ],
)
def test_files_are_named_so_that_they_are_found_again(clip: Clip, name: str) -> None:
    assert file_name(clip, "wav") == name


@given(some.text(min_size=1, max_size=80).filter(tidy), some.text(max_size=80))
def test_any_prompt_makes_a_safe_file_name(prompt_a: str, prompt_b: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_#-]+\.wav", file_name(_clip(prompt_a, prompt_b), "wav"))


def test_the_crossfader_in_words() -> None:
    assert blend(0.3) == "70%\N{NO-BREAK SPACE}A · 30%\N{NO-BREAK SPACE}B"
    assert blend(0.29) == "71%\N{NO-BREAK SPACE}A · 29%\N{NO-BREAK SPACE}B"
    assert blend(7) == "0%\N{NO-BREAK SPACE}A · 100%\N{NO-BREAK SPACE}B"
