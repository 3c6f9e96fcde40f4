"""Plucked and struck strings: Karplus and Strong's loop, solved instead of run.

A string is a delay as long as its period whose end is fed back to its start through a filter. Run sample by sample
that is slow here; but a loop is a fraction, excitation / (1 - filter * delay), so it is worked out for all frequencies
at once and brought back by one inverse FFT. The delay need not be a whole number of samples, every partial dies at the
rate wanted of it, and stiff wires are stretched as a piano's are.

The FFT wraps what rings for longer than it lasts back to its beginning. So it is taken on a circle a little outside
the unit circle, where all dies sooner, and the growth is given back afterwards. What the growth would blow up at the
far end is cut off: filters are causal, so there is little of it.

Karplus and Strong, "Digital Synthesis of Plucked-String and Drum Timbres", Computer Music Journal 7(2), 1983;
Fletcher, "Normal Vibration Frequencies of a Stiff Piano String", JASA 36(1), 1964.
"""

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import fft

from segue.audio.grid import SAMPLE_RATE
from segue.sketch.noise import noise
from segue.sketch.oscillators import LOUDNESS, attack_seconds, body_answer
from segue.sketch.parameters import Player

Mono = npt.NDArray[np.float32]

WRAPPED = 1e-3  # what is left of a wrapped tail
MARGIN = 3_000  # samples at the far end that are cut off
STIFFEST = 2.5e-3  # inharmonicity at full metal; a piano's middle has 4e-4
LONGEST_RING = 9.0  # seconds to -60 dB of a bright bass string
SCRAPE = 0.1  # share of noise in a pluck
KNOCK = 0.15  # of a hammer or a finger on a full body, beside the string when it settles
KNOCK_HZ, KNOCK_SECONDS = 400, 0.06
SETTLED = 0.25  # seconds over which loudness is measured


def pluck(hz: float, size: int, player: Player, force: float) -> Mono:
    """One string, `size` samples, ringing freely. `force` (0..1) makes it brighter."""
    length = fft.next_fast_len(size + MARGIN, real=True)
    growth = WRAPPED ** (-1 / length)
    f = fft.rfftfreq(length, 1 / SAMPLE_RATE).astype(np.float32)
    stiffness = STIFFEST * player.metal**2 * min(1.0, hz / 220)
    partial = _partial_at(f / np.float32(hz), stiffness)

    ring = LONGEST_RING * 0.06 ** (1 - player.decay) * (220 / hz) ** 0.45  # seconds to -60 dB
    dulling = 400 * 2 ** (5.5 * player.brightness)
    ring_at = ring / (1 + (f / dulling) ** 2) + 0.01
    period = SAMPLE_RATE / hz
    gain = 10 ** (-3 / (hz * ring_at)) * growth**-period
    loop = gain * _turned(partial)

    pick = 0.11 + 0.39 * player.hollow  # where it is plucked: half way, even harmonics are silent
    hardness = 90 * 2 ** (7.5 * (0.8 * player.brightness + 0.2 * force)) / (1 + 10 * attack_seconds(player))
    struck = (1 - _turned(pick * partial)) / (1 + 1j * f / np.float32(hardness)) ** 2
    struck *= (1 - SCRAPE) + SCRAPE * _scrape(length, round(period))
    if player.body > 0:
        struck *= (1 - player.body) + player.body * body_answer(f)

    wrapped = fft.irfft(struck / (1 - loop), length)
    sound = (wrapped * np.exp(np.arange(length) * np.log(growth)))[:size].astype(np.float32)
    heard = sound[: round(SETTLED * SAMPLE_RATE)].copy()
    if player.body > 0:
        knock = _knock()[:size]
        sound[: knock.size] += knock * np.float32(KNOCK * player.body * np.sqrt(np.sum(heard**2)))
    return np.asarray(sound * (1.6 * LOUDNESS / np.sqrt(np.mean(heard**2) + 1e-12)), np.float32)


def _partial_at(ratio: Mono, stiffness: float) -> Mono:
    """Which partial of a stiff string lies at this many times its frequency: n where ratio = n sqrt(1 + B n²)."""
    if stiffness < 1e-6:
        return ratio
    squared = (np.sqrt(1 + 4 * stiffness * ratio**2) - 1) / (2 * stiffness)
    return np.asarray(np.sqrt(squared), np.float32)


def _turned(turns: Mono) -> npt.NDArray[np.complex64]:
    """exp(-2 pi j turns), quickly."""
    angle = (turns - np.floor(turns)) * np.float32(2 * np.pi)
    turned = np.empty(angle.shape, np.complex64)
    turned.real = np.cos(angle)
    turned.imag = -np.sin(angle)
    return turned


def _scrape(length: int, period: int) -> npt.NDArray[np.complex64]:
    """The spectrum of a burst of noise one period long, at the level of a click."""
    burst = np.zeros(length, np.float32)
    burst[:period] = noise(period, 11) / np.sqrt(period)
    return np.asarray(fft.rfft(burst), np.complex64)


@cache
def _knock() -> Mono:
    """What wood says of a blow: dull noise of unit energy, gone in a fifth of a second."""
    size = round(5 * KNOCK_SECONDS * SAMPLE_RATE)
    hz = fft.rfftfreq(size, 1 / SAMPLE_RATE)
    t = np.arange(size) / SAMPLE_RATE
    dull = fft.irfft(fft.rfft(noise(size, 13)) * (hz > 40) / (1 + (hz / KNOCK_HZ) ** 2), size)
    dull *= np.exp(-t / KNOCK_SECONDS) * np.minimum(1, t / 0.001)
    return np.asarray(dull / np.sqrt(np.sum(dull**2)), np.float32)
