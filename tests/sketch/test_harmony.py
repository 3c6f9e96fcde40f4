from dataclasses import replace

import pytest

from segue.sketch.harmony import SCALE_NAMES, key_name, progression_of, scale_of, settled
from segue.sketch.parameters import Feel, Harmony
from segue.sketch.reading import read

FEEL = replace(read("piano").parameters.feel, spice=0.0, leading=0.0)
TURNS = (0.2, 0.4, 0.6, 0.8)
A, B = (0, 0, 0, 0), (3, 3, 3, 3)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ({"mode": 0.0}, "E phrygian"),
        ({"mode": 0.2}, "E minor"),
        ({"mode": 0.4}, "E dorian"),
        ({"mode": 0.6}, "E mixolydian"),
        ({"mode": 0.8}, "E major"),
        ({"mode": 1.0}, "E lydian"),
        ({"mode": 0.2, "leading": 1.0}, "E harmonic minor"),
        ({"mode": 0.0, "spice": 1.0}, "E hijaz"),
        ({"mode": 0.0, "spice": 1.0, "leading": 1.0}, "E double harmonic"),
    ],
)
def test_scales_have_their_names(wanted: dict[str, float], name: str) -> None:
    assert key_name("E", scale_of(replace(FEEL, **wanted))) == name


def test_every_mood_has_a_scale_with_a_name() -> None:
    for mode in range(11):
        for spice in (0.0, 1.0):
            for leading in (0.0, 1.0):
                feel: Feel = replace(FEEL, mode=mode / 10, spice=spice, leading=leading)
                scale = scale_of(feel)
                assert list(scale) == sorted(set(scale)), "seven notes, rising"
                assert tuple(scale) in SCALE_NAMES, (mode, spice, leading)


def test_chords_go_over_one_by_one() -> None:
    scale = scale_of(replace(FEEL, mode=0.8))
    seen = []
    for share in (0.0, 0.3, 0.5, 0.7, 0.9, 1.0):
        harmony = Harmony(tuple(side for side in (((A,), 1 - share), ((B,), share)) if side[1]))
        seen.append(progression_of(harmony, 0.5, TURNS, scale).count(3))
    assert seen == [0, 1, 2, 3, 4, 4]


def test_a_chord_with_a_flat_fifth_gives_way_to_one_that_shares_two_of_its_notes() -> None:
    major = scale_of(replace(FEEL, mode=0.8))
    seventh = Harmony(((((6, 6, 6, 6),), 1.0),))
    assert progression_of(seventh, 0.0, TURNS, major) == (1, 1, 1, 1)


def test_a_take_chooses_one_of_the_progressions() -> None:
    harmony = Harmony((((A, B), 1.0),))
    scale = scale_of(replace(FEEL, mode=0.8))
    assert progression_of(harmony, 0.1, TURNS, scale) == A
    assert progression_of(harmony, 0.9, TURNS, scale) == B


def test_who_names_a_key_hears_its_tonic_half_of_the_time() -> None:
    harmony = settled(Harmony(((((5, 3, 0, 4), (0, 0, 4, 3)), 1.0),)))
    ((options, _),) = harmony.sides
    assert options == ((0, 0, 0, 4), (0, 0, 4, 3))
