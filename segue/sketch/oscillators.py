"""Two kinds of oscillator: one whose filter opens and closes, and a sine shaken by others (FM).

The first is band-limited: it is read from single-cycle tables that hold only harmonics below 15 kHz. There is one
table for each of a few positions of the filter, from shut to open; a note glides between them.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import fft

from segue.audio.grid import SAMPLE_RATE
from segue.sketch.parameters import Player

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]
Phase = npt.NDArray[np.uint32]

TABLE_BITS = 12
TABLE = 1 << TABLE_BITS
POSITIONS = 9  # of the filter
TOP_HZ = 15_000
MOST_HARMONICS = 160
LOUDNESS = 0.3  # RMS of a held tone

TURN = 2.0**32  # a phase is a uint32, so it wraps round by itself
VIBRATO_HZ = 5.4
VIBRATO_DEPTH = 0.011  # of the frequency, at full vibrato
VIBRATO_ONSET = 0.25  # seconds until a player begins to sway
DETUNE = 0.008  # of the frequency, at full width
NARROW = 0.03  # width below which both sides sound the same
STILL = 0.02  # movement of the filter below which it stands still

# Resonances of a mouth, in Hz (oo, oh, ah, eh, ee), after Peterson and Barney's measurements of men and women.
VOWELS = np.array(
    [[330, 890, 2400], [510, 920, 2550], [780, 1200, 2650], [570, 1950, 2700], [300, 2450, 3100]], np.float32
)
VOWEL_LEVELS = np.array([1.0, 0.6, 0.28], np.float32)
VOWEL_WIDTHS = np.array([90, 120, 180], np.float32)
SINGERS_FORMANT = 3_000  # what carries a trained voice over an orchestra
# Resonances of a violin's or guitar's body, in Hz: the air in it, the wood, and the bridge hill.
BODY = ((280, 0.9, 60), (460, 1.0, 90), (700, 0.5, 160), (2_600, 0.55, 900))
DRAWN = 0.75  # of pipes, from which on there are drawbars below the note
TINE_RATIO = 14  # of an electric piano's tine to its note


def tone(hz: float, size: int, player: Player, force: float) -> Stereo:
    """An oscillator through a filter, shape (2, size) or (1, size) where both sides are alike. `force` is 0..1."""
    tables = _tables(
        _rounded(hz),
        *(_rounded(n) for n in (player.hollow, player.pipes, player.resonance, player.body, player.voice)),
        _rounded(player.vowel),
    )
    cycle = hz / 2 if player.pipes > DRAWN else hz
    seconds = _seconds(size)
    opening = player.brightness + 0.2 * (force - 0.7)
    reach = player.bloom * (0.35 + 0.65 * force) * (1 - 0.5 * player.brightness)
    wet = np.exp(-seconds / np.float32(_closing(player)))
    if player.attack > 0.15:  # blown and bowed tones open up while they swell
        wet *= 1 - np.exp(-seconds * np.float32(3 / attack_seconds(player)))
    position = np.clip(opening + reach * wet, 0, 1) * np.float32(POSITIONS - 1)
    loud = np.float32(LOUDNESS / _rms_at(tables, opening + 0.3 * reach))
    return np.stack([_read(tables, phase, position, reach > STILL) for phase in _phases(cycle, seconds, player)]) * loud


def shaken(hz: float, size: int, player: Player, force: float) -> Stereo:
    """A sine whose phase is shaken by a second one, an octave apart where it is hollow, and by a tine's.

    Shape (2, size) or (1, size).
    """
    seconds = _seconds(size)
    room = max(0.0, min(1.0, (TOP_HZ / hz - 2) / 12))  # keeps high notes from folding over
    index = np.float32((0.25 + 2.6 * player.brightness) * (0.5 + 0.7 * force) * room)
    closing = (1 - player.bloom) + player.bloom * np.exp(-seconds / np.float32(_closing(player)))
    ringing = np.exp(-seconds * np.float32(9 - 5 * player.metal))
    tine = np.float32(0.7 * player.metal * (0.3 + force) * min(1.0, max(0.0, TOP_HZ / (TINE_RATIO * hz) - 0.5)))
    sides = []
    for phase in _phases(hz, seconds, player):
        shake = (1 - player.hollow) * _sine(phase)
        if player.hollow > 0:
            shake += np.float32(player.hollow) * _sine(phase << np.uint32(1))
        shake *= index * closing
        if tine > 0:
            shake += tine * ringing * _sine(phase * np.uint32(TINE_RATIO))
        sides.append(_sine(phase + (shake * np.float32(TURN / (2 * np.pi))).astype(np.int64).astype(np.uint32)))
    return np.stack(sides) * np.float32(LOUDNESS * np.sqrt(2))


def attack_seconds(player: Player) -> float:
    """From one to 600 ms."""
    return float(0.001 * 600**player.attack)


def decay_seconds(player: Player) -> float:
    """From 40 ms to 2.4 s."""
    return float(0.04 * 60**player.decay)


def _closing(player: Player) -> float:
    """The filter closes faster than the tone dies."""
    return 0.03 + 0.45 * decay_seconds(player)


def _phases(hz: float, seconds: Mono, player: Player) -> list[Phase]:
    """One phase a side, or one for both."""
    sway = None
    if player.vibrato > 0:
        depth = player.vibrato * VIBRATO_DEPTH * hz / (2 * np.pi * VIBRATO_HZ)  # in turns
        sway = np.sin(np.float32(2 * np.pi * VIBRATO_HZ) * seconds)
        sway *= np.minimum(1, seconds * np.float32(1 / VIBRATO_ONSET)) * np.float32(depth * TURN)
    detunes = (0.0,) if player.width < NARROW else (-DETUNE * player.width / 2, DETUNE * player.width / 2)
    phases = []
    for detune in detunes:
        phase = _ramp(seconds.size) * np.uint32(round(hz * (1 + detune) / SAMPLE_RATE * TURN))
        phase += np.uint32(hz * 977 * 2**16 % TURN)  # notes of a chord do not peak together
        phases.append(phase if sway is None else phase + sway.astype(np.int64).astype(np.uint32))
    return phases


def _read(tables: Mono, phase: Phase, position: Mono, moving: bool) -> Mono:
    """The tables at these phases, between the two nearest to each of these positions of the filter."""
    place = (phase >> np.uint32(32 - TABLE_BITS)).astype(np.int32)
    if not moving:
        shut = min(int(position[0]), POSITIONS - 2)
        share = position[0] - np.float32(shut)
        return np.take((1 - share) * tables[shut] + share * tables[shut + 1], place)
    shut_at = np.minimum(position.astype(np.int32), POSITIONS - 2)
    share = position - shut_at
    place += shut_at * TABLE
    flat = tables.reshape(-1)
    low = np.take(flat, place)
    high = np.take(flat, place + TABLE)
    high -= low
    high *= share
    high += low
    return high


@lru_cache(maxsize=48)
def _tables(hz: float, hollow: float, pipes: float, resonance: float, body: float, voice: float, vowel: float) -> Mono:
    """One cycle for each position of the filter, or two with drawbars below the note, shape (POSITIONS, TABLE)."""
    n = np.arange(1, min(MOST_HARMONICS, max(1, int(TOP_HZ / hz))) + 1, dtype=np.float32)
    f = n * np.float32(hz)
    levels = np.asarray(1 / n, np.float32)
    levels[1::2] *= (1 - hollow) ** np.minimum(3, 4 / n[1::2])  # high harmonics are less particular
    octaves = np.isin(n, (1, 2, 4, 8)) + 0.55 * np.isin(n, (3, 6))
    levels *= 1 - pipes + pipes * octaves * np.sqrt(n)
    if pipes > DRAWN:
        levels, f = _drawn(levels, hz, (pipes - DRAWN) / (1 - DRAWN))
    levels = levels * np.abs(body_answer(f)) ** body * _through_mouth(f, vowel) ** voice
    cutoffs = 33 * hz**0.35 * 2 ** (6.5 * np.linspace(0, 1, POSITIONS, dtype=np.float32))[:, None]
    passed = 1 / (1 + (f / cutoffs) ** 4)
    passed *= 1 + 5 * resonance * np.exp(-((np.log2(f / cutoffs) / 0.22) ** 2))
    spectrum = np.zeros((POSITIONS, TABLE // 2 + 1), np.complex64)
    spectrum[:, 1 : f.size + 1] = -1j * levels * passed
    return np.asarray(fft.irfft(spectrum, TABLE) * TABLE, np.float32)


def _drawn(levels: Mono, hz: float, pulled: float) -> tuple[Mono, Mono]:
    """The harmonics with a Hammond's two drawbars below the note, 16' and 5 1/3': levels and frequencies."""
    all_levels = np.zeros(2 * levels.size, np.float32)
    all_levels[1::2] = levels
    all_levels[0], all_levels[2 if levels.size > 1 else 0] = pulled, 0.7 * pulled
    return all_levels, np.arange(1, all_levels.size + 1, dtype=np.float32) * np.float32(hz / 2)


def _rms_at(tables: Mono, opening: float) -> float:
    position = min(max(opening, 0.0), 1.0) * (POSITIONS - 1)
    shut = min(int(position), POSITIONS - 2)
    share = position - shut
    return float(np.sqrt(np.mean(((1 - share) * tables[shut] + share * tables[shut + 1]) ** 2)))


def body_answer(hz: Mono) -> npt.NDArray[np.complex64]:
    """A wooden body's answer to these frequencies."""
    resonances = (level / (1 + 1j * (hz - at) / width) for at, level, width in BODY)
    return np.asarray(0.35 + sum(resonances), np.complex64)


def _through_mouth(hz: Mono, vowel: float) -> Mono:
    place = vowel * (len(VOWELS) - 1)
    first = min(int(place), len(VOWELS) - 2)
    formants = VOWELS[first] ** (1 - place + first) * VOWELS[first + 1] ** (place - first)
    peaks = VOWEL_LEVELS / (1 + ((hz[:, None] - formants) / VOWEL_WIDTHS) ** 2)
    singer = 0.12 / (1 + ((hz - SINGERS_FORMANT) / 400) ** 2)
    return np.asarray(0.015 + peaks.sum(axis=1) + singer, np.float32)


def _sine(phase: Phase) -> Mono:
    return np.take(_sine_table(), (phase >> np.uint32(32 - TABLE_BITS)).astype(np.int32))


@lru_cache(maxsize=1)
def _sine_table() -> Mono:
    return np.sin(2 * np.pi * np.arange(TABLE) / TABLE).astype(np.float32)


@lru_cache(maxsize=4)
def _longest(size: int) -> Phase:
    return np.arange(size, dtype=np.uint32)


def _ramp(size: int) -> Phase:
    return _longest(1 << (size - 1).bit_length())[:size]


def _seconds(size: int) -> Mono:
    return _ramp(size).astype(np.float32) * np.float32(1 / SAMPLE_RATE)


def _rounded(value: float) -> float:
    """So that what nobody could tell apart shares its tables."""
    return round(value, 3)
