"""Prompts, taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.sketch.words import STRONGEST, Term, terms_of, weighed


def said(prompt: str) -> list[str | None]:
    return [term.word.name if term.word else None for term in terms_of(prompt)]


def only(prompt: str) -> Term:
    (term,) = terms_of(prompt)
    return term


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("hip-hop", "hip-hop"),
        ("hiphop", "hip-hop"),
        ("Hip Hop", "hip-hop"),
        ("lofi", "lo-fi"),
        ("LO FI", "lo-fi"),
        ("guitars", "guitar"),
        ("Saxophones", "saxophone"),
        ("churches", "church"),
        ("jazzy", "jazzy"),
        ("funky", "funky"),
        ("bluesy", "blues"),
        ("drumming", "drums"),
        ("guitarist", "guitar"),
        ("violinists", "violin"),
        ("technoish", "techno"),
        ("90's", "1990s"),
        ("R&B", "r&b"),
        ("rock'n'roll", "rock and roll"),
        ("drum & bass", "drum and bass"),
        ("dnb", "drum and bass"),
        ("Forró", "forró"),
        ("forro", "forró"),
        ("ＰＩＡＮＯ", "piano"),
    ],
)
def test_spellings_of_one_word_are_one_word(spelling: str, name: str) -> None:
    assert said(spelling) == [name]


def test_a_phrase_is_not_its_words() -> None:
    assert said("church bells") == ["church bells"]
    assert said("church, with bells") == ["church", "bell"]


def test_the_longest_phrase_counts() -> None:
    assert said("lo-fi hip hop beat") == ["lo-fi", "drums"]
    assert said("four on the floor") == ["four on the floor"]


def test_fillers_say_nothing_unless_nothing_else_is_said() -> None:
    assert said("the sound of a piano in the style of jazz") == ["piano", "jazz"]
    assert [term.text for term in terms_of("the of")] == ["the", "of"]
    assert terms_of("") == []


def test_unknown_words_are_kept_as_they_are() -> None:
    assert [(term.text, term.word) for term in terms_of("xyzzy 🎷")] == [("xyzzy", None), ("🎷", None)]


@pytest.mark.parametrize(
    ("prompt", "weight"),
    [
        ("(jazz:1.4)", 1.4),
        ("(jazz: 0.3)", 0.3),
        ("(jazz)", 1.1),
        ("((jazz))", 1.21),
        ("[jazz]", 1 / 1.1),
        ("(jazz:99)", STRONGEST),
        ("(jazz:-1)", 0.0),
        (r"\(jazz\)", 1.0),
        ("(jazz", 1.0),
        ("jazz)", 1.0),
        ("(jazz]", 1.0),
        ("jazz:", 1.0),
    ],
)
def test_brackets_weigh_as_riffusion_has_them(prompt: str, weight: float) -> None:
    assert only(prompt).weight == pytest.approx(weight)
    assert said(prompt) == ["jazz"]


def test_weights_hold_for_what_is_inside_the_brackets_only() -> None:
    weights = {term.text: round(term.weight, 2) for term in terms_of("(caribbean:1.5) funk (jazz:0.3)")}
    assert weights == {"caribbean": 1.5, "funk": 1.0, "jazz": 0.3}


def test_brackets_may_stand_in_brackets() -> None:
    weights = {term.text: round(term.weight, 2) for term in terms_of("(funk (jazz:1.2):1.5)")}
    assert weights == {"funk": 1.5, "jazz": 1.8}


@given(st.text(max_size=60))
def test_no_bracket_loses_a_letter(prompt: str) -> None:
    pieces = weighed(prompt)
    assert all(0 <= weight <= STRONGEST for _, weight in pieces)
    terms_of(prompt)


@pytest.mark.parametrize("prompt", ["no drums", "without drums", "jazz, no drums", "minus the drums", "not a drum"])
def test_what_is_said_against_a_word(prompt: str) -> None:
    assert [term.denied for term in terms_of(prompt) if term.word and term.word.name == "drums"] == [True]


def test_no_goes_on_over_or() -> None:
    assert [(term.text, term.denied) for term in terms_of("no vocals or drums, piano")] == [
        ("vocals", True),
        ("drums", True),
        ("piano", False),
    ]


def test_solo_before_an_instrument_is_alone_and_after_it_stands_out() -> None:
    assert only("solo piano").alone
    assert not only("piano solo").alone
    assert only("piano solo").solo
    assert only("piano only").alone
    assert only("just a piano").alone


def test_no_drums_solo_piano_is_a_piano_alone() -> None:
    drums, piano = terms_of("no drums, solo piano")
    assert (drums.denied, drums.alone) == (True, False)
    assert (piano.denied, piano.alone) == (False, True)
