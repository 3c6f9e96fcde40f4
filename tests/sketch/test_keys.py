import pytest

from segue.sketch.keys import haste, key_in, metre_in, tempo_in


@pytest.mark.parametrize(
    ("prompt", "tonic", "mode"),
    [
        ("piano concerto in A minor", 9, 0.2),
        ("piano concerto in a minor", 9, 0.2),
        ("funk E minor", 4, 0.2),
        ("C# major house", 1, 0.8),
        ("c sharp minor", 1, 0.2),
        ("B flat major", 10, 0.8),
        ("Bb minor", 10, 0.2),
        ("in the key of F♯ dorian", 6, 0.4),
        ("E phrygian guitar", 4, 0.0),
        ("key of G lydian", 7, 1.0),
        ("D mixolydian", 2, 0.6),
        ("rock in Am", 9, 0.2),
        ("F#m7 vamp", 6, 0.2),
        ("jazz in Cmaj7", 0, 0.8),
        ("A-dur march", 9, 0.8),
        ("piano, a minor", 9, 0.2),
        ("a minor", 9, 0.2),
    ],
)
def test_keys_as_musicians_write_them(prompt: str, tonic: int, mode: float) -> None:
    key, _ = key_in(prompt)
    assert key is not None
    assert key.scale is not None
    assert (key.tonic, key.scale["feel.mode"]) == (tonic, mode)


def test_a_key_keeps_the_name_it_was_given() -> None:
    names = {prompt: key.name for prompt in ("D♭ major", "C# major", "in H", "b minor") if (key := key_in(prompt)[0])}
    assert names == {"D♭ major": "D♭", "C# major": "C♯", "in H": "B", "b minor": "B"}


@pytest.mark.parametrize(
    ("prompt", "metre"), [("waltz in 3/4", "3/4"), ("6/8", "6/8"), ("24/7", None), ("1/3 jazz", None)]
)
def test_metres_are_found(prompt: str, metre: str | None) -> None:
    assert metre_in(prompt)[0] == metre


def test_a_tonic_alone_leaves_the_mode_open() -> None:
    for prompt in ("jazz in E", "in E, with drums", "key of E"):
        key, _ = key_in(prompt)
        assert key is not None
        assert (key.tonic, key.scale) == (4, None)


@pytest.mark.parametrize(
    "prompt",
    [
        "in a church",
        "a minor setback",
        "in a minor key",
        "A new dawn",
        "in A dark room",
        "plan b",
        "dance",
        "am radio",
        "x",
    ],
)
def test_articles_and_letters_are_no_keys(prompt: str) -> None:
    assert key_in(prompt) == (None, prompt)


def test_what_is_left_is_the_prompt_without_its_key() -> None:
    _, rest = key_in("warm piano in A minor, no drums")
    assert rest.split() == ["warm", "piano", ",", "no", "drums"]


@pytest.mark.parametrize("prompt", ["techno 140 bpm", "140bpm techno", "techno, 140 BPM", "140 beats per minute"])
def test_tempos_as_musicians_write_them(prompt: str) -> None:
    assert tempo_in(prompt)[0] == 140
    assert "140" not in tempo_in(prompt)[1]


@pytest.mark.parametrize("prompt", ["bpm", "5 bpm", "999 bpm", "808", "90s"])
def test_what_is_no_tempo(prompt: str) -> None:
    assert tempo_in(prompt) == (None, prompt)


def test_haste_is_how_a_tempo_feels_beside_the_grid() -> None:
    assert haste(187) == pytest.approx(1, abs=0.01)
    assert haste(94) == pytest.approx(0, abs=0.01)
    assert haste(47) == pytest.approx(-1, abs=0.01)
    assert haste(300) == 1
    assert haste(30) == -1
