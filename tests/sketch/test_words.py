from dataclasses import asdict, replace

import pytest

from segue.sketch.parameters import Parameters, blend
from segue.sketch.vocabulary import ALIASES, DEFAULTS, GROOVES, MOODS, WORDS
from segue.sketch.words import FREE_GROOVES, HIGHEST_REGISTER, LOWEST_REGISTER, read


def numbers(parameters: Parameters) -> dict[str, float]:
    return {
        f"{table}.{name}": value
        for table, fields in asdict(parameters).items()
        if table not in {"groove", "motif"}
        for name, value in fields.items()
    }


@pytest.mark.parametrize("word", [*WORDS, *MOODS, *ALIASES, "", "xyzzy", "xyzzy plugh", "aggressive angry heavy metal"])
def test_every_reading_keeps_its_numbers_in_range(word: str) -> None:
    parameters = read(word)
    for name, value in numbers(parameters).items():
        low, high = (LOWEST_REGISTER, HIGHEST_REGISTER) if name.endswith("register") else (0, 1)
        assert low <= value <= high, name
    for strengths in asdict(parameters.groove).values():
        assert len(strengths) == 32
        assert all(0 <= strength <= 1 for strength in strengths)
    assert len(parameters.motif) == 32


def test_the_vocabulary_refers_only_to_what_it_has() -> None:
    for entry in (*WORDS.values(), *MOODS.values(), DEFAULTS):
        assert entry.settings.keys() <= DEFAULTS.settings.keys()
        assert entry.groove is None or entry.groove in GROOVES
    assert set(ALIASES.values()) <= WORDS.keys() | MOODS.keys()
    assert not ALIASES.keys() & (WORDS.keys() | MOODS.keys())
    assert set(FREE_GROOVES) <= GROOVES.keys()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("guitar", "guitars"),
        ("Saxophone", "sax"),
        ("lo-fi", "lofi"),
        ("LO FI", "lo-fi"),
        ("hip-hop", "hiphop"),
        ("the sound of church bells", "sound church bell"),
        ("jazzy", "jazz"),
        ("funky", "funk"),
        ("dnb", "drum and bass"),
        ("ＰＩＡＮＯ", "piano"),
    ],
)
def test_spellings_of_one_word_are_one_word(one: str, other: str) -> None:
    assert read(one) == read(other)


def test_a_phrase_is_not_its_words() -> None:
    assert read("church bells").feel.room > read("bells").feel.room + 0.3


def test_words_bring_what_they_name() -> None:
    assert read("drums").kit.level > read("classical").kit.level + 0.8
    assert read("jazz").feel.swing > read("techno").feel.swing + 0.6
    assert read("flute").lead.breath > 0.4
    assert read("clarinet").lead.hollow > 0.8
    assert read("bells").lead.metal > 0.8
    assert read("happy piano").feel.mode > read("sad piano").feel.mode + 0.4


def test_two_words_about_the_same_thing_meet_in_the_middle() -> None:
    both = read("jazz techno").feel.swing
    assert read("techno").feel.swing + 0.2 < both < read("jazz").feel.swing - 0.2


def test_unknown_words_choose_for_themselves() -> None:
    readings = [read(word) for word in ("xyzzy", "plugh", "frotz", "🎷", "🎸", "موسيقى")]
    assert len({str(reading) for reading in readings}) == len(readings)


def test_an_unknown_word_colours_a_known_one_but_leaves_it_itself() -> None:
    plain, coloured = numbers(read("jazz")), numbers(read("jazz xyzzy"))
    assert plain != coloured
    for name, value in plain.items():
        assert abs(coloured[name] - value) <= (12 if name.endswith("register") else 1) * 0.2, name


def test_a_blend_is_exact_at_both_ends_and_between_elsewhere() -> None:
    a, b = read("xyzzy"), read("church bells")
    assert blend(a, b, 0) == a
    assert blend(a, b, 1) == b
    start, middle, end = (numbers(p) for p in (a, blend(a, b, 0.5), b))
    for name, value in middle.items():
        assert min(start[name], end[name]) <= value <= max(start[name], end[name]), name


def test_the_rhythm_section_goes_before_the_melody() -> None:
    a = read("piano")
    b = replace(a, kit=replace(a.kit, level=0.0), lead=replace(a.lead, level=0.0))
    middle = blend(a, b, 0.5)
    assert middle.kit.level / a.kit.level < 0.5 < middle.lead.level / a.lead.level
