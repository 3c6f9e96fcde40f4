"""What prompts are understood to ask for."""

from dataclasses import asdict
from typing import Any

import pytest

from segue.sketch.parameters import PLAYERS, Parameters, Player
from segue.sketch.reading import REGISTERS, read
from segue.sketch.vocabulary import VOICES, WORDS

SOUNDS = ("string", "fm", "bar", "hollow", "voice", "brightness", "attack")


def asked(prompt: str) -> Parameters:
    return read(prompt).parameters


def numbers(parameters: Parameters) -> dict[str, float]:
    tables: dict[str, Any] = asdict(parameters)
    return {
        f"{table}.{name}": value
        for table in ("kit", "feel", "scene", *PLAYERS)
        for name, value in tables[table].items()
    }


def sounds_like(player: Player, voice: str) -> bool:
    return all(abs(getattr(player, number) - VOICES[voice][number]) < 0.12 for number in SOUNDS)


@pytest.mark.parametrize("word", [name for _, name in WORDS])
def test_every_word_keeps_every_number_in_range(word: str) -> None:
    for name, value in numbers(asked(f"{word} xyzzy")).items():
        table, number = name.split(".")
        low, high = REGISTERS[table] if number == "register" else (0, 1)
        assert low <= value <= high, name


def test_an_instrument_takes_its_part_over() -> None:
    assert sounds_like(asked("jazz").lead, "sax")
    assert sounds_like(asked("jazz flute").lead, "flute")
    assert sounds_like(asked("techno with a violin").lead, "violin")
    assert sounds_like(asked("slap bass").bass, "slap")


def test_of_two_instruments_each_gets_a_part() -> None:
    band = asked("piano and violin")
    assert sounds_like(band.lead, "violin")
    assert sounds_like(band.chords, "piano")
    duet = asked("flute and clarinet")
    assert {
        voice for voice in ("flute", "clarinet") for part in (duet.lead, duet.riff) if sounds_like(part, voice)
    } == {
        "flute",
        "clarinet",
    }


def test_a_genre_brings_its_groove_its_band_and_its_harmony() -> None:
    assert asked("techno").groove.kick[4] > 0.8 > asked("reggae").groove.kick[4]
    assert asked("jazz").feel.swing > asked("techno").feel.swing + 0.6
    assert asked("jazz").feel.walk > 0.8
    assert asked("trap").kit.roll > 0.8
    assert asked("blues").harmony != asked("flamenco").harmony


def test_two_genres_meet_in_the_middle() -> None:
    both = asked("jazz techno").feel.swing
    assert asked("techno").feel.swing + 0.2 < both < asked("jazz").feel.swing - 0.2


def test_weights_shift_the_middle() -> None:
    even, more = asked("jazz techno").feel.swing, asked("(jazz:1.8) (techno:0.4)").feel.swing
    assert more > even + 0.15


def test_a_weight_of_nothing_is_nothing() -> None:
    assert asked("jazz (techno:0)").feel.swing == pytest.approx(asked("jazz").feel.swing, abs=0.12)


def test_places_and_eras_colour_a_genre_and_stand_for_one_alone() -> None:
    plain, coloured, alone = asked("gospel").feel.spice, asked("arabic gospel").feel.spice, asked("arabic").feel.spice
    assert plain < coloured < alone
    assert asked("80s").kit.machine > 0.5


def test_moods_shift_what_there_is() -> None:
    assert asked("happy piano").feel.mode > asked("sad piano").feel.mode + 0.4
    assert asked("dark techno").feel.tilt < asked("bright techno").feel.tilt - 0.4
    assert asked("sparse funk").bass.density < asked("dense funk").bass.density - 0.3
    assert asked("high synth").lead.register > asked("low synth").lead.register + 15


def test_a_denied_mood_is_its_opposite() -> None:
    assert asked("not dark piano").feel.tilt > asked("piano").feel.tilt


def test_a_mood_does_not_call_in_who_is_not_there() -> None:
    assert asked("aggressive choir").kit.level <= 0.35
    assert asked("energetic church bells").kit.level == 0


@pytest.mark.parametrize(
    "prompt",
    [
        "rock without drums",
        "rock, no drums",
        "drumless rock",
        "rock no beat",
        "don't use drums, rock",
        "rock (drums:0)",
        "rock without any drums",
    ],
)
def test_no_drums_is_no_drums(prompt: str) -> None:
    assert asked(prompt).kit.level == 0


def test_no_bass_no_piano_no_singing() -> None:
    assert asked("funk no bass").bass.level == 0
    assert asked("jazz no piano").chords.level == 0
    assert asked("pop without vocals").lead.voice < 0.5
    assert asked("instrumental pop").lead.voice < 0.5


def test_denying_one_instrument_spares_another_that_is_asked_for() -> None:
    band = asked("no electric guitar, acoustic guitar")
    assert band.lead.level > 0.5
    assert sounds_like(band.lead, "steel")


@pytest.mark.parametrize("prompt", ["no kick drum", "techno without a kick"])
def test_a_single_drum_can_be_denied(prompt: str) -> None:
    kit = asked(prompt).kit
    assert kit.kick == 0
    assert kit.snare > 0
    assert kit.level > 0


def test_a_single_drum_can_be_alone() -> None:
    kit = asked("only kick drum").kit
    assert kit.kick > 0
    assert kit.snare == kit.hat == kit.open == kit.shaker == kit.toms == kit.perc == 0


@pytest.mark.parametrize("prompt", ["bass and drums only", "only bass and drums", "nothing but drums and bass"])
def test_only_two_is_only_those_two(prompt: str) -> None:
    band = asked(prompt)
    assert band.kit.level > 0.7
    assert band.bass.level > 0.7
    assert band.chords.level == band.pad.level == band.riff.level == band.lead.level == 0


def test_less_and_more_are_weights() -> None:
    assert asked("less drums").kit.level < 0.7 * asked("drums").kit.level
    assert asked("rock, more bass").bass.level >= asked("rock bass").bass.level


def test_a_key_without_its_mode_is_major_where_the_music_is() -> None:
    assert asked("piano in C").feel.mode == pytest.approx(0.8)
    assert asked("trap in C").feel.mode < 0.3


@pytest.mark.parametrize("prompt", ["solo piano", "piano only", "just piano", "piano solo", "jazz, solo piano"])
def test_alone_is_alone(prompt: str) -> None:
    band = asked(prompt)
    assert band.kit.level == band.bass.level == band.pad.level == band.riff.level == 0
    assert band.lead.level > 0.5
    assert sounds_like(band.lead, "piano")


def test_a_solo_in_a_genre_stands_out_from_its_band() -> None:
    band = asked("rock electric guitar solo")
    assert band.lead.level > asked("rock electric guitar").lead.level
    assert band.kit.level > 0.5


def test_a_cappella_is_voices_and_nothing_else() -> None:
    band = asked("a cappella gospel")
    assert band.kit.level == 0
    assert all(getattr(band, part).voice > 0.5 for part in PLAYERS if getattr(band, part).level > 0)
    assert band.lead.level > 0
    assert asked("a cappella beatbox").kit.level > 0.5


def test_only_drums_is_only_drums() -> None:
    for prompt in ("drum solo", "only drums", "just bongos"):
        band = asked(prompt)
        assert band.kit.level > 0.7
        assert all(getattr(band, part).level == 0 for part in PLAYERS)


def test_ways_of_playing_are_obeyed() -> None:
    assert asked("jazz straight").feel.swing == 0
    assert asked("rock half time").groove.snare[4] < 0.1
    assert asked("piano staccato").lead.length < 0.3
    assert asked("guitar arpeggio").riff.level > 0.7
    assert asked("piano harmonic minor").feel.leading > 0.5


def test_a_tempo_is_a_feel() -> None:
    slow, plain, fast = (asked(f"rock {tempo} bpm") for tempo in (50, 94, 180))
    assert slow.kit.density < plain.kit.density < fast.kit.density
    assert slow.groove.snare[8] > plain.groove.snare[8]


def test_textures_are_heard() -> None:
    assert asked("rain").scene.rain > 0.8
    assert asked("typing").scene.typing > 0.8
    assert asked("lo-fi").scene.vinyl > 0.5
    assert asked("techno").scene.rain == 0


def test_unknown_words_choose_for_themselves() -> None:
    readings = [asked(word) for word in ("xyzzy", "plugh", "frotz", "🎷", "🎸", "موسيقى")]
    assert len({str(reading) for reading in readings}) == len(readings)


def test_an_unknown_word_colours_a_known_one_but_leaves_it_itself() -> None:
    plain, coloured = numbers(asked("jazz")), numbers(asked("jazz xyzzy"))
    assert plain != coloured
    for name, value in plain.items():
        assert abs(coloured[name] - value) <= (10 if name.endswith("register") else 1) * 0.2, name
    assert sounds_like(asked("jazz xyzzy").lead, "sax")


def test_case_and_punctuation_do_not_matter() -> None:
    assert asked("Funk, Bass!") == asked("funk bass")
