"""The four kinds of instrument, by their sound alone."""

from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy import fft

from segue.audio.grid import LOOP_SAMPLES, SAMPLE_RATE
from segue.sketch.bars import strike
from segue.sketch.instruments import perform
from segue.sketch.oscillators import TOP_HZ, shaken, tone
from segue.sketch.parameters import Player
from segue.sketch.score import Note
from segue.sketch.strings import pluck
from segue.sketch.vocabulary import VOICES

Mono = npt.NDArray[np.float32]

SECOND = SAMPLE_RATE
SILENT = Player(**{each.name: 0.0 for each in fields(Player)})
PLAIN = replace(SILENT, level=0.8, register=60.0, length=0.8, decay=0.7, brightness=0.5, sustain=0.8)


def spectrum(sound: Mono, size: int = 1 << 17) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    window = np.hanning(sound.size)
    return fft.rfftfreq(size, 1 / SAMPLE_RATE), np.abs(fft.rfft(sound * window, size))


def frequency(sound: Mono, near: float) -> float:
    """The strongest frequency within a semitone, by a parabola through the peak."""
    hz, level = spectrum(sound)
    inside = np.flatnonzero((hz > near * 0.94) & (hz < near * 1.06))
    peak = inside[np.argmax(level[inside])]
    a, b, c = np.log(level[peak - 1 : peak + 2])
    return float(hz[peak] + (a - c) / (2 * (a - 2 * b + c)) * hz[1])


def cents(hz: float, other: float) -> float:
    return float(1200 * np.log2(hz / other))


def share_above(sound: Mono, limit: float) -> float:
    hz, level = spectrum(sound)
    return float((level[hz > limit] ** 2).sum() / (level**2).sum())


def level_at(sound: Mono, seconds: float) -> float:
    piece = sound[round(seconds * SECOND) :][: SECOND // 20]
    return float(20 * np.log10(np.sqrt(np.mean(piece**2)) + 1e-9))


@pytest.mark.parametrize("hz", [41.2, 110.0, 440.0, 1_318.5])
def test_strings_are_in_tune_to_the_cent(hz: float) -> None:
    assert abs(cents(frequency(pluck(hz, SECOND, PLAIN, 0.7), hz), hz)) < 1.5


def test_a_stiff_string_is_stretched_as_a_pianos_are() -> None:
    hz, stiff = 220.0, replace(PLAIN, metal=0.5, brightness=0.8)
    sound = pluck(hz, SECOND, stiff, 0.7)
    tenth = cents(frequency(sound, 10.3 * hz), 10 * hz)
    assert 20 < tenth < 120
    assert abs(cents(frequency(pluck(hz, SECOND, PLAIN, 0.7), 10 * hz), 10 * hz)) < 2


def test_high_partials_of_a_string_die_first() -> None:
    sound = pluck(220.0, 2 * SECOND, replace(PLAIN, brightness=0.6), 0.7)
    assert share_above(sound[: SECOND // 4], 2_000) > 3 * share_above(sound[SECOND:], 2_000)


def test_a_string_plucked_half_way_has_no_even_partials() -> None:
    hz, level = spectrum(pluck(220.0, SECOND, replace(PLAIN, hollow=1.0), 0.7))
    second, third = (level[np.argmin(np.abs(hz - n * 220))] for n in (2, 3))
    assert second < 0.1 * third


def test_a_string_ends_where_it_is_told_without_wrapping_round() -> None:
    """What rings on longer than the FFT must not come back at the string's beginning."""
    ringing = replace(PLAIN, decay=1.0, brightness=0.8)
    short, long = pluck(82.4, SECOND, ringing, 0.7), pluck(82.4, 3 * SECOND, ringing, 0.7)[:SECOND]
    assert float(np.corrcoef(short, long)[0, 1]) > 0.999


def test_a_harder_pluck_is_brighter() -> None:
    assert share_above(pluck(220.0, SECOND, PLAIN, 1.0), 1_500) > 1.5 * share_above(
        pluck(220.0, SECOND, PLAIN, 0.3), 1_500
    )


@pytest.mark.parametrize("hz", [55.0, 440.0, 3_520.0])
def test_oscillators_hold_no_alias(hz: float) -> None:
    """All there is lies on the harmonics: a naive saw tooth would fold its upper ones back between them."""
    bright = replace(PLAIN, brightness=1.0)
    (sound,) = tone(hz, SECOND, bright, 0.7)
    at, level = spectrum(sound, SECOND)
    between = np.abs(at / hz - np.round(at / hz)) * hz > 12
    assert float((level[between] ** 2).sum() / (level**2).sum()) < 1e-5
    assert share_above(sound, TOP_HZ + 500) < 1e-5


def test_the_filter_closes_while_a_note_blooms() -> None:
    (sound,) = tone(110.0, SECOND, replace(PLAIN, brightness=0.2, bloom=0.9, decay=0.4), 0.9)
    assert share_above(sound[: SECOND // 10], 1_000) > 10 * share_above(sound[SECOND // 2 :], 1_000)


def test_a_mouth_puts_its_formants_where_vowels_have_them() -> None:
    def centre(vowel: float) -> float:
        (sound,) = tone(110.0, SECOND, replace(PLAIN, brightness=0.8, voice=1.0, vowel=vowel), 0.7)
        hz, level = spectrum(sound)
        low = hz < 1_500
        return float((hz[low] * level[low] ** 2).sum() / (level[low] ** 2).sum())

    oo, ah, ee = centre(0.0), centre(0.5), centre(1.0)
    assert ah > oo + 200
    assert ah > ee + 200


def test_hollow_tones_have_odd_harmonics_only() -> None:
    (sound,) = tone(220.0, SECOND, replace(PLAIN, hollow=1.0), 0.7)
    hz, level = spectrum(sound)
    second, third = (level[np.argmin(np.abs(hz - n * 220))] for n in (2, 3))
    assert second < 0.01 * third


def test_shaken_sines_do_not_fold_over() -> None:
    for hz in (110.0, 1_760.0, 3_520.0):
        (sound,) = shaken(hz, SECOND, replace(PLAIN, fm=1.0, brightness=1.0, metal=1.0), 1.0)
        at, level = spectrum(sound, SECOND)
        between = np.abs(at / hz - np.round(at / hz)) * hz > 30
        assert float((level[between] ** 2).sum() / (level**2).sum()) < 1e-3


def test_wood_is_not_metal() -> None:
    wood, bell = (strike(440.0, SECOND, replace(PLAIN, bar=1.0, metal=metal), 0.7) for metal in (0.0, 1.0))
    hz, level = spectrum(bell)
    tierce = level[np.argmin(np.abs(hz - 1.2 * 440))]
    hz, level = spectrum(wood)
    assert tierce > 10 * level[np.argmin(np.abs(hz - 1.2 * 440))]


@pytest.mark.parametrize("voice", sorted(VOICES))
def test_every_instrument_plays_in_tune_and_in_proportion(voice: str) -> None:
    player = replace(PLAIN, **VOICES[voice])
    loop = perform([Note(1_000, SECOND, 57.0, 0.8)], player)
    assert loop.shape == (2, LOOP_SAMPLES)
    assert np.isfinite(loop).all()
    assert 0.01 < float(np.sqrt(np.mean(loop[:, 1_000:20_000] ** 2))) < 1.5
    assert float(np.abs(loop[:, :1_000]).max()) == 0, "it begins when it is asked to"
    end = np.flatnonzero(np.abs(loop).max(axis=0))[-1]
    peak = float(np.abs(loop).max())
    assert float(np.abs(loop[:, 1_000:1_006]).max()) < 0.2 * peak, "nor does it begin with a click"
    assert float(np.abs(loop[:, end - 20 : end]).max()) < 0.01 * peak, "or end with one"


def test_a_note_past_the_end_goes_on_at_the_start() -> None:
    loop = perform([Note(LOOP_SAMPLES - 5_000, SECOND, 57.0, 0.8)], PLAIN)
    inside = perform([Note(5_000, SECOND, 57.0, 0.8)], PLAIN)
    assert np.allclose(np.roll(inside, -10_000, axis=1), loop, atol=1e-6)


def test_notes_that_are_let_go_of_stop() -> None:
    player = replace(PLAIN, length=0.3, sustain=1.0)
    loop = perform([Note(0, SECOND // 4, 57.0, 0.8)], player)
    assert level_at(loop[0], 0.2) > level_at(loop[0], 0.6) + 40
