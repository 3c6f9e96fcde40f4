"""Scores: what everyone plays."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from segue.audio.grid import LOOP_SAMPLES, SAMPLE_RATE, STEP, STEPS
from segue.sketch.composer import compose
from segue.sketch.harmony import scale_of
from segue.sketch.parameters import Parameters, blend
from segue.sketch.reading import read
from segue.sketch.rhythm import LOOSE_SECONDS, Luck
from segue.sketch.score import Note, Score
from segue.sketch.seeds import SEEDS

BACKBEAT = (4, 12, 20, 28)


def asked(prompt: str) -> Parameters:
    return read(prompt).parameters


def luck(take: int = 1) -> Luck:
    return Luck.of(np.random.default_rng(take))


def score(parameters: Parameters, tonic: int = 0, detail: float = 0.71, take: int = 1) -> Score:
    return compose(parameters, tonic, detail, luck(take))


def notes(of: Score) -> list[Note]:
    return [note for part in of.notes.values() for note in part]


def size(of: Score) -> int:
    return len(notes(of)) + sum(len(hits) for hits in of.hits.values())


def starts(of: Score) -> list[int]:
    return [note.start for note in notes(of)] + [hit.start for hits in of.hits.values() for hit in hits]


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize(
    ("a", "b"), [("happy pop piano", "dark techno"), ("arabic oud", "swing jazz"), ("raga", "blues")]
)
def test_everyone_plays_in_one_key_at_any_alpha(a: str, b: str, alpha: float) -> None:
    parameters = blend(asked(a), asked(b), alpha)
    parameters = replace(parameters, feel=replace(parameters.feel, blue=0.0))
    allowed = set(scale_of(parameters.feel))
    for tonic in (0, 5):
        assert {(note.pitch - tonic) % 12 for note in notes(score(parameters, tonic, detail=1))} <= allowed


def test_blue_notes_are_passing_ones() -> None:
    parameters = asked("blues guitar")
    outside = [
        note for note in notes(score(parameters, detail=0.4)) if note.pitch % 12 not in set(scale_of(parameters.feel))
    ]
    assert outside, "a blues has blue notes"
    assert all(round(note.start / STEP) % 4 for note in outside), "but none on a beat"


def test_a_tight_band_without_swing_plays_on_the_sixteenths() -> None:
    parameters = asked("techno")
    parameters = replace(parameters, feel=replace(parameters.feel, swing=0.0, loose=0.0))
    parameters = replace(
        parameters, kit=replace(parameters.kit, roll=0.0), chords=replace(parameters.chords, strum=0.0)
    )
    assert {start % STEP for start in starts(score(parameters, detail=0.4))} == {0}


def test_swing_delays_every_second_sixteenth_to_the_last_third_at_most() -> None:
    parameters = asked("jazz")
    parameters = replace(parameters, feel=replace(parameters.feel, swing=1.0, loose=0.0))
    for hit in score(parameters, detail=1).hits["hat"]:
        assert hit.start % STEP == (round(STEP / 3) if hit.start // STEP % 2 else 0)


def test_loose_players_stray_by_milliseconds_and_least_on_the_beat() -> None:
    parameters = asked("solo piano")
    parameters = replace(parameters, feel=replace(parameters.feel, swing=0.0, loose=1.0))
    strays = [(note.start + STEP // 2) % STEP - STEP // 2 for note in score(parameters, detail=0.4).notes["lead"]]
    assert 0 < max(abs(stray) for stray in strays) <= LOOSE_SECONDS * SAMPLE_RATE
    on_the_beat = [hit.start % (4 * STEP) for hit in score(parameters).hits["kick"] if hit.start // STEP % 4 == 0]
    assert all(min(late, 4 * STEP - late) < 0.004 * SAMPLE_RATE for late in on_the_beat)


@pytest.mark.parametrize("prompt", ["rock", "funk", "house", "country", "synthwave", "disco", "k-pop", "punk"])
@pytest.mark.parametrize("seed", ["og_beat", "agile", "marim", "motorway", "vibes"])
def test_the_backbeat_lands_where_the_seeds_does(prompt: str, seed: str) -> None:
    parameters = SEEDS[seed].parameters.toward(asked(prompt), sound=0.94, groove=0.65)
    played = {round(hit.start / STEP) % STEPS: hit.velocity for hit in score(parameters).hits["snare"]}
    assert all(played.get(step, 0) > 0.5 for step in BACKBEAT)
    assert sum(played[step] for step in BACKBEAT) > 0.5 * sum(played.values())


def test_more_detail_brings_more_notes() -> None:
    for prompt in ("funk", "jazz piano", "xyzzy"):
        sizes = [size(score(asked(prompt), detail=detail)) for detail in (0.02, 0.3, 0.7, 0.98)]
        assert sizes == sorted(sizes)
        assert sizes[-1] > 1.2 * sizes[0]


def test_ornaments_come_with_detail() -> None:
    def graces(detail: float) -> int:
        return sum(
            note.length < 0.06 * SAMPLE_RATE for note in score(asked("violin legato"), detail=detail).notes["lead"]
        )

    assert graces(0.4) == 0
    assert graces(0.98) > 0


def test_takes_play_other_notes_to_the_same_groove() -> None:
    first, second = (score(asked("funk"), take=take) for take in (1, 2))
    assert [note.pitch for note in first.notes["lead"]] != [note.pitch for note in second.notes["lead"]]
    for one in (first, second):
        strong = {
            round(hit.start / STEP) % 16 for drum in ("kick", "snare") for hit in one.hits[drum] if hit.velocity > 0.5
        }
        assert strong >= {0, 4, 12}


def test_a_walking_bass_walks() -> None:
    walk = [note.pitch for note in score(asked("jazz walking bass"), detail=0.4).notes["bass"]]
    steps = [abs(later - earlier) for earlier, later in itertools.pairwise(walk)]
    assert np.mean([step <= 4 for step in steps]) > 0.6
    assert len(set(walk)) >= 4


def test_rolls_are_thirty_seconds() -> None:
    rolled = [hit.start % STEP for hit in score(asked("trap"), detail=0.98).hits["hat"]]
    assert any(abs(late - STEP // 2) < STEP // 8 for late in rolled)
    assert not any(
        abs(late - STEP // 2) < STEP // 8 for late in [hit.start % STEP for hit in score(asked("rock")).hits["hat"]]
    )


def test_a_register_that_travels_takes_its_notes_along_one_by_one() -> None:
    """No small step of a register may move a whole chord by an octave."""
    parameters = asked("organ")

    def lowest(register: float) -> float:
        moved = replace(parameters, chords=replace(parameters.chords, register=register))
        loud = [(note.pitch, note.velocity) for note in score(moved).notes["chords"]]
        return sum(pitch * velocity for pitch, velocity in loud) / sum(velocity for _, velocity in loud)

    heights = [lowest(60 + half / 4) for half in range(49)]
    assert heights[-1] - heights[0] == pytest.approx(12, abs=1)
    assert max(abs(later - earlier) for earlier, later in itertools.pairwise(heights)) < 1.5


@pytest.mark.parametrize(
    "prompt", ["", "ambient", "minimal slow calm", "drum and bass", "drum solo", "no bass no piano no drums"]
)
def test_somebody_always_plays(prompt: str) -> None:
    assert size(score(asked(prompt), detail=0.0))


def test_no_note_is_longer_than_the_loop() -> None:
    for prompt in ("church bells", "ambient drone", "legato organ"):
        assert max(note.length for note in notes(score(asked(prompt)))) <= LOOP_SAMPLES
