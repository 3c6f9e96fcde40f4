"""How parameters travel from one prompt's to another's."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from segue.sketch.parameters import PLAYERS, Parameters, blend
from segue.sketch.reading import read


def asked(prompt: str) -> Parameters:
    return read(prompt).parameters


def test_a_blend_is_exact_at_both_ends() -> None:
    for a, b in (("xyzzy", "church bells"), ("solo piano", "techno"), ("a cappella", "drum solo")):
        assert blend(asked(a), asked(b), 0) == asked(a)
        assert blend(asked(a), asked(b), 1) == asked(b)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9])
def test_a_blend_is_between_its_ends(alpha: float) -> None:
    a, b = asked("xyzzy"), asked("church bells")
    ends: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] = (asdict(a), asdict(blend(a, b, alpha)), asdict(b))
    for table in ("kit", "feel", "scene", "groove", *PLAYERS):
        for name, value in ends[1][table].items():
            low, high = sorted((ends[0][table][name], ends[2][table][name]))
            values = value if isinstance(value, tuple) else (value,)
            lows = low if isinstance(low, tuple) else (low,)
            highs = high if isinstance(high, tuple) else (high,)
            for one, (x, y) in zip(values, zip(lows, highs, strict=True), strict=True):
                assert min(x, y) - 1e-9 <= one <= max(x, y) + 1e-9, f"{table}.{name}"


def test_the_rhythm_section_goes_before_the_melody() -> None:
    a = asked("piano")
    b = replace(a, kit=replace(a.kit, level=0.0), lead=replace(a.lead, level=0.0))
    middle = blend(a, b, 0.5)
    assert middle.kit.level / a.kit.level < 0.5 < middle.lead.level / a.lead.level


def test_a_part_that_one_side_lacks_enters_as_the_other_sides_own() -> None:
    a, b = asked("drum solo"), asked("solo flute")
    early = blend(a, b, 0.1)
    assert early.lead.level > 0
    assert replace(early.lead, level=b.lead.level) == b.lead


def test_the_louder_side_has_more_say_in_the_sound() -> None:
    a = asked("piano")
    quiet, loud = replace(a.lead, level=0.1, brightness=0.0), replace(a.lead, level=0.9, brightness=1.0)
    middle = blend(replace(a, lead=quiet), replace(a, lead=loud), 0.5).lead
    assert middle.brightness > 0.8


def test_harmonies_go_over_by_weight() -> None:
    a, b = asked("blues").harmony, asked("flamenco").harmony
    sides = blend(asked("blues"), asked("flamenco"), 0.25).harmony.sides
    assert [options for options, _ in sides] == [a.sides[0][0], b.sides[0][0]]
    assert [weight for _, weight in sides] == pytest.approx([0.75, 0.25])
