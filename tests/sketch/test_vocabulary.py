"""The vocabulary: one readable file, and everything in it means something."""

import tomllib
from collections import Counter
from dataclasses import asdict, fields
from pathlib import Path

import pytest

import segue.sketch
from segue.sketch.parameters import PLAYERS, Groove, Kit, Player
from segue.sketch.vocabulary import (
    DEFAULTS,
    FORMS,
    GROOVES,
    HOMES,
    PROGRESSIONS,
    VOICES,
    WORDS,
    Kind,
    VocabularyError,
    squashed,
    word_of,
)

FOLDER = Path(segue.sketch.__file__).parent
DATA = tomllib.loads((FOLDER / "vocabulary.toml").read_text("utf-8"))
LINES = (FOLDER / "vocabulary.toml").read_text("utf-8").splitlines()
KEYS = frozenset(
    {"also", "like", "home", "groove", "harmony", "mutes", "drums", "all", "kit", "feel", "scene"}
    | {"levels", "densities", "registers", "lengths", "strums", "brokens"}
    | set(PLAYERS)
)
ENOUGH = {Kind.GENRE: 60, Kind.INSTRUMENT: 60, Kind.PLAYING: 30}


def count(*kinds: Kind) -> int:
    return sum(kind in kinds for kind, _ in WORDS)


def test_it_knows_enough_words() -> None:
    for kind, enough in ENOUGH.items():
        assert count(kind) >= enough
    assert count(Kind.MOOD, Kind.TEXTURE) >= 40
    assert count(Kind.ERA, Kind.PLACE) >= 20


def test_no_two_words_share_a_spelling() -> None:
    spellings = [
        squashed(form)
        for kind in Kind
        for name, data in DATA[kind].items()
        for form in {squashed(each) for each in (name, *data.get("also", "").split(",")) if each.strip()}
    ]
    assert [form for form, times in Counter(spellings).items() if times > 1] == []


@pytest.mark.parametrize(("kind", "name"), WORDS)
def test_every_word_asks_for_what_there_is(kind: Kind, name: str) -> None:
    data, word = DATA[kind][name], WORDS[kind, name]
    assert data.keys() <= KEYS
    assert word.settings.keys() <= DEFAULTS.settings.keys()
    assert word.groove is None or word.groove in GROOVES
    assert word.home is None or word.home in HOMES
    assert set(word.parts.values()) <= VOICES.keys()
    assert word.settings or word.groove or word.harmony or word.mutes, "it asks for nothing"


@pytest.mark.parametrize(("kind", "name"), [key for key in WORDS if key[0] not in (Kind.MOOD, Kind.TEXTURE)])
def test_what_is_set_is_in_range(kind: Kind, name: str) -> None:
    for number, value in WORDS[kind, name].settings.items():
        if number.endswith(".register"):
            assert 24 <= value <= 100, number
        elif kind is not Kind.MOOD and "all" not in DATA[kind][name]:
            assert 0 <= value <= 1, number


def test_the_defaults_say_something_about_everything() -> None:
    everything = {f"{player}.{each.name}" for player in PLAYERS for each in fields(Player)}
    everything |= {f"kit.{each.name}" for each in fields(Kit)}
    assert everything <= DEFAULTS.settings.keys()


def test_nothing_is_there_that_no_word_asks_for() -> None:
    used = {number.partition(".")[2] for word in WORDS.values() for number in word.settings}
    used |= {drum for word in WORDS.values() for drum in word.drums}
    assert {number.partition(".")[2] for number in DEFAULTS.settings} == used
    assert GROOVES.keys() - {word.groove for word in WORDS.values()} <= {*SEED_GROOVES}
    voices = {voice for word in WORDS.values() for voice in word.parts.values()} | set(DEFAULTS.parts.values())
    assert VOICES.keys() == voices | {"oohs", "tenor", "woman", "piano", "warm"}
    assert PROGRESSIONS.keys() == {
        each.strip()
        for kind in Kind
        for data in DATA[kind].values()
        for each in data.get("harmony", "").split(",")
        if each
    }


SEED_GROOVES = tuple(name for name in GROOVES if name in ("og_beat", "agile", "marim", "motorway", "vibes")) + tuple(
    name for name in GROOVES if name.startswith("mask_")
)


@pytest.mark.parametrize("name", GROOVES)
def test_every_groove_is_two_bars_of_sixteenths(name: str) -> None:
    lines = asdict(GROOVES[name])
    assert lines.keys() == {each.name for each in fields(Groove)}
    for strengths in lines.values():
        assert len(strengths) == 32
        assert all(0 <= strength <= 1 for strength in strengths)


@pytest.mark.parametrize("name", PROGRESSIONS)
def test_every_progression_has_a_chord_for_each_half_bar(name: str) -> None:
    assert len(PROGRESSIONS[name]) == 4
    assert all(0 <= degree <= 6 for degree in PROGRESSIONS[name])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"like": "housee"}, "housee"),
        ({"lead": "saxx"}, "saxx"),
        ({"groove": "nope"}, "nope"),
        ({"home": "nowhere"}, "nowhere"),
        ({"harmony": "axis, nope"}, "nope"),
    ],
)
def test_a_line_that_asks_for_what_there_is_not_is_named(line: dict[str, str], reason: str) -> None:
    with pytest.raises(VocabularyError) as error:
        word_of("lo-fi house", Kind.GENRE, line)
    assert "lo-fi house" in str(error.value)
    assert reason in str(error.value)


def test_every_form_finds_its_word() -> None:
    for (kind, name), word in WORDS.items():
        assert FORMS[squashed(name)] is word, (kind, name)
