"""What the band says it has understood."""

from pathlib import Path

import pytest

from segue.sketch import hear

ROOT = Path(__file__).parents[2]


def heard(prompt_a: str, prompt_b: str = "", alpha: float = 0.5, seed: str = "vibes", denoising: float = 0.75) -> str:
    return hear(prompt_a, prompt_b, alpha, seed, denoising)


def test_it_names_things_then_ways_then_the_key() -> None:
    assert heard("bright funk with a synth lead in E dorian") == "funk, synth lead · bright · E dorian"


def test_it_tells_both_prompts_and_one_key() -> None:
    assert heard("funk in E minor", "church bells") == "funk → church bells · E minor"


def test_unknown_words_are_owned_up_to() -> None:
    assert heard("xyzzy jazz, plugh xyzzy").startswith("jazz · by ear: xyzzy, plugh · ")
    assert heard("the of").startswith("by ear: the, of · ")


def test_weights_denials_solos_and_tempos_are_told() -> None:
    told = heard("(jazz:1.4), solo piano, no drums, 140 bpm")
    assert told.startswith("jazz ×1.4, solo piano, no drums · the feel of 140 bpm · ")


def test_another_word_for_a_thing_is_told_with_it() -> None:
    assert heard("shoegaze and hiphop with saxophones").startswith("shoegaze as post-rock, hip-hop, saxophone · ")


def test_a_metre_that_the_grid_does_not_have_is_owned_up_to() -> None:
    assert "in 4/4, as always" in heard("waltz in 3/4")
    assert "4/4" not in heard("rock in 4/4")


def test_with_denoising_0_only_the_seed_is_heard() -> None:
    assert heard("punk", denoising=0.0).startswith("the seed alone · ")


def test_words_are_told_once() -> None:
    assert heard("jazz jazz jazz").startswith("jazz · ")


@pytest.mark.parametrize(
    ("seed", "key"), [("og_beat", "A"), ("agile", "D"), ("marim", "C"), ("motorway", "E♭"), ("vibes", "F")]
)
def test_without_a_named_key_it_is_the_seeds(seed: str, key: str) -> None:
    assert heard("house", seed=seed).split(" · ")[-1].startswith(f"{key} ")


def test_free_of_the_seed_it_is_the_same_for_every_seed() -> None:
    assert heard("house", seed="marim", denoising=1.0) == heard("house", seed="motorway", denoising=1.0)


def test_two_prompts_share_the_key_that_one_names() -> None:
    for alpha in (0.1, 0.9):
        assert heard("funk", "bells in B flat major", alpha=alpha).endswith("B♭ major")


def test_of_two_keys_the_nearer_prompts_counts() -> None:
    assert heard("funk in E minor", "bells in C major", alpha=0.2).endswith("E minor")
    assert heard("funk in E minor", "bells in C major", alpha=0.8).endswith("C major")


def test_the_documents_tell_what_is_understood_today() -> None:
    """Otherwise: python scripts/contact_sheet.py"""
    table = (ROOT / "docs" / "band.md").read_text("utf-8").partition("| prompt | heard |\n|---|---|\n")[2]
    rows = [row.strip("| ").split(" | ") for row in table.partition("<!--")[0].strip().splitlines()]
    assert len(rows) == 30
    for prompt, told in rows:
        assert heard(prompt, alpha=0.0) == told


def test_an_unknown_seed_is_refused() -> None:
    with pytest.raises(KeyError):
        heard("funk", seed="../../etc/passwd")
