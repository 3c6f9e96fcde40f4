"""How a melodic part sounds: one instrument, shaped by its player's numbers.

A melodic note is read from two single-cycle tables, one bright and one mellow; it begins towards the bright
one and mellows as it decays. That is a filter closing, at the price of two look-ups a sample.
"""

from functools import cache
from math import ceil, log2

import numpy as np
import numpy.typing as npt
from scipy import fft

from segue.audio.grid import SAMPLE_RATE
from segue.sketch.noise import band, noise
from segue.sketch.parameters import Player

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]

TABLE_BITS = 12
TABLE = 1 << TABLE_BITS
TOP_HZ = 14_000  # partials above this are left out, well short of aliasing
MOST_HARMONICS = 64
LONGEST_SECONDS = 2.2
VIBRATO_HZ = 5.4
VIBRATO_DEPTH = 0.012  # of the frequency, at full vibrato
DETUNE = 0.006  # of the frequency, at full width
NARROW = 0.02  # width below which both sides sound the same
TOUCH_OF_METAL = 0.02  # share below which the bell partials are not worth their time
FAINT = 0.05  # nor is one partial below this share of the loudest note
# A church bell's partials, above its strike note: hum, prime, tierce, quint, nominal and three upper ones.
BELL_RATIOS = (0.5, 1.0, 1.2, 1.5, 2.0, 2.67, 4.1, 5.4)
BELL_LEVELS = (0.35, 1.0, 0.7, 0.35, 0.8, 0.45, 0.3, 0.2)


class Instrument:
    """One player's instrument for one clip. Tables are made once for every octave played."""

    def __init__(self, player: Player, detail: float) -> None:
        self.player = player
        self.harmonics = 8 + round((MOST_HARMONICS - 8) * min(1.0, 0.4 + 0.6 * detail))
        self._tables: dict[int, tuple[Mono, Mono]] = {}

    def strike(self, pitches: tuple[float, ...], velocities: tuple[float, ...], length: int) -> Stereo:
        """The pitches (MIDI) struck together, held for `length` samples, with their tail. Shape (2, n)."""
        player = self.player
        attack = 0.001 * 600**player.attack
        decay = 0.04 * 60**player.decay
        release = 0.02 + 0.35 * decay * (1 - 0.6 * player.sustain)
        held = length / SAMPLE_RATE
        size = round(min(LONGEST_SECONDS, held + 4 * release) * SAMPLE_RATE)
        seconds = _seconds(size)
        falling = np.exp(-seconds / decay)
        envelope = player.sustain + (1 - player.sustain) * falling
        envelope *= 1 - np.exp(-seconds * (4 / attack))
        envelope *= np.exp(-np.maximum(0, seconds - held) / release)
        envelope[-256:] *= np.linspace(1, 0, min(256, size), dtype=np.float32)
        bright = player.bloom * falling**3

        sound = np.zeros((2, size), np.float32)
        for index, (pitch, velocity) in enumerate(zip(pitches, velocities, strict=True)):
            hz = 440 * 2 ** ((pitch - 69) / 12)
            if player.width < NARROW:
                sound += np.float32(velocity) * self._voice(hz, bright, seconds, index)
            else:
                for side, detune in ((0, -DETUNE), (1, DETUNE)):
                    voice = self._voice(hz * (1 + detune * player.width), bright, seconds, index)
                    sound[side] += np.float32(velocity) * voice
        sound *= envelope
        if player.metal > TOUCH_OF_METAL:
            sound *= 1 - player.metal
            sound += np.float32(player.metal) * self._bells(pitches, velocities, seconds, decay)
        if player.breath > 0:
            sound += np.float32(0.25 * player.breath * max(velocities)) * envelope * _breath()[:, :size]
        return sound

    def _voice(self, hz: float, bright: Mono, seconds: Mono, index: int) -> Mono:
        mellow, brighter = self._cycle(hz)
        phase = _ramp(seconds.size) * np.uint32(round(hz / SAMPLE_RATE * 2**32))
        phase += np.uint32(index * 0x5A82_7999 & 0xFFFF_FFFF)  # notes of a chord do not peak together
        if self.player.vibrato > 0:
            depth = self.player.vibrato * VIBRATO_DEPTH * hz / (2 * np.pi * VIBRATO_HZ)  # in cycles
            sway = np.sin(2 * np.pi * VIBRATO_HZ * seconds) * np.minimum(1, seconds * 4)
            phase += (sway * np.float32(depth * 2**32)).astype(np.int64).astype(np.uint32)
        place = _place_in_table(phase)
        voice = np.take(brighter, place)
        voice *= bright
        voice += np.take(mellow, place)
        return voice

    def _cycle(self, hz: float) -> tuple[Mono, Mono]:
        """The mellow cycle for notes of this octave, and what makes it the bright one."""
        octave = ceil(log2(hz))
        if octave not in self._tables:
            harmonics = max(1, min(self.harmonics, int(TOP_HZ / 2**octave)))
            brightness, hollow = self.player.brightness, self.player.hollow
            mellow = _table(brightness, hollow, harmonics)
            brightest = _table(brightness + 0.6 * (1 - brightness), hollow, harmonics)
            self._tables[octave] = (mellow, brightest - mellow)
        return self._tables[octave]

    def _bells(self, pitches: tuple[float, ...], velocities: tuple[float, ...], seconds: Mono, decay: float) -> Mono:
        """Stretched partials, each dying at its own pace, the high ones first."""
        sound = np.zeros(seconds.size, np.float32)
        sine = _table(0.0, 0.0, 1)
        fade = np.minimum(1, (seconds[-1] - seconds) * 40)
        loudest = max(velocities)
        for ratio, level in zip(BELL_RATIOS, BELL_LEVELS, strict=True):
            shine = level * (0.5 + self.player.brightness) ** max(0.0, log2(ratio))
            dying = 1.2 * decay / ratio**0.7
            size = min(seconds.size, round(7 * dying * SAMPLE_RATE))  # 7 time constants: -60 dB
            partial = np.zeros(size, np.float32)
            for pitch, velocity in zip(pitches, velocities, strict=True):
                hz = ratio * 440 * 2 ** ((pitch - 69) / 12)
                if hz < TOP_HZ and velocity * shine * self.player.metal > FAINT * loudest:
                    phase = _ramp(size) * np.uint32(round(hz / SAMPLE_RATE * 2**32))
                    partial += np.float32(velocity) * np.take(sine, _place_in_table(phase))
            partial *= np.exp(-seconds[:size] * np.float32(1 / dying))
            sound[:size] += np.float32(0.6 * shine) * partial
        sound *= fade
        return sound


def _place_in_table(phase: npt.NDArray[np.uint32]) -> npt.NDArray[np.intp]:
    """A whole turn is 2**32, so a phase wraps round by itself."""
    return (phase >> np.uint32(32 - TABLE_BITS)).astype(np.intp)


def _ramp(size: int) -> npt.NDArray[np.uint32]:
    return _longest_ramp()[:size]


@cache
def _longest_ramp() -> npt.NDArray[np.uint32]:
    return np.arange(round(LONGEST_SECONDS * SAMPLE_RATE), dtype=np.uint32)


def _table(brightness: float, hollow: float, harmonics: int) -> Mono:
    """One cycle of a tone whose n-th harmonic falls as a power of n, at an RMS of 0.3."""
    n = np.arange(1, harmonics + 1)
    levels = n ** -(3.4 - 2.5 * brightness) * np.exp(-n / (3 + 60 * brightness))
    levels[1::2] *= 1 - hollow
    spectrum = np.zeros(TABLE // 2 + 1, np.complex64)
    spectrum[1 : harmonics + 1] = -1j * levels
    cycle = fft.irfft(spectrum, TABLE)
    return np.asarray(cycle * (0.3 / np.sqrt(np.mean(cycle**2))), np.float32)


@cache
def _breath() -> Stereo:
    size = round(LONGEST_SECONDS * SAMPLE_RATE)
    return np.stack([band(noise(size, 4), 700, 5_000), band(noise(size, 5), 700, 5_000)])


def _seconds(size: int) -> Mono:
    return np.arange(size, dtype=np.float32) / np.float32(SAMPLE_RATE)
