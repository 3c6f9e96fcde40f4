"""Struck bars and bells: a handful of partials, each dying at its own pace, the high ones first."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from segue.audio.grid import SAMPLE_RATE
from segue.sketch.noise import band, noise
from segue.sketch.oscillators import LOUDNESS, TOP_HZ, decay_seconds
from segue.sketch.parameters import Player

Mono = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

# Partials as multiples of the note, and their levels (Rossing, "Science of Percussion Instruments", 2000): a marimba's
# tuned bar; a glockenspiel's, of even thickness; a church bell's hum, prime, tierce, quint, nominal, superquint and
# octave nominal.
WOOD = np.array([1.0, 1.0, 3.93, 4.0, 9.24, 9.6, 16.3])
WOOD_LEVELS = np.array([0.5, 0.5, 0.3, 0.12, 0.12, 0.05, 0.03])
PLAIN = np.array([1.0, 1.0, 2.756, 2.756, 5.404, 8.933, 13.34])
PLAIN_LEVELS = np.array([0.5, 0.5, 0.3, 0.12, 0.2, 0.1, 0.05])
BELL = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 3.0, 4.17])
BELL_LEVELS = np.array([0.35, 1.0, 0.75, 0.3, 0.85, 0.45, 0.35])
STICK_SECONDS = 0.012


def strike(hz: float, size: int, player: Player, force: float) -> Mono:
    """One bar or bell, `size` samples, ringing freely. `force` (0..1) makes it brighter."""
    ratios = _between(WOOD, PLAIN, BELL, player.metal)
    levels = _between(WOOD_LEVELS, PLAIN_LEVELS, BELL_LEVELS, player.metal)
    levels = levels * (0.35 + 0.9 * player.brightness + 0.4 * (force - 0.7)) ** np.maximum(0, np.log2(ratios))
    dying = 1.3 * decay_seconds(player) * (440 / hz) ** 0.3 / np.maximum(0.7, ratios) ** (1.1 - 0.4 * player.metal)
    sound = np.zeros(size, np.float32)
    for ratio, level, seconds in zip(ratios, levels, dying, strict=True):
        if ratio * hz < TOP_HZ:
            rings = min(size, round(7 * seconds * SAMPLE_RATE))  # seven time constants: -60 dB
            t = np.arange(rings, dtype=np.float32)
            partial = np.sin(t * np.float32(2 * np.pi * ratio * hz / SAMPLE_RATE))
            partial *= np.exp(t * np.float32(-1 / (seconds * SAMPLE_RATE))) * np.float32(level)
            sound[:rings] += partial
    stick = _stick()[: min(size, _stick().size)]
    sound[: stick.size] += stick * np.float32(0.5 * (0.3 + force) * (1 - player.attack) ** 2)
    return sound * np.float32(1.8 * LOUDNESS / np.sqrt(np.sum(levels**2)))


def _between(wood: Floats, plain: Floats, bell: Floats, metal: float) -> Floats:
    """From the first by the second to the third, in equal intervals."""
    if metal < 0.5:
        return np.asarray(wood ** (1 - 2 * metal) * plain ** (2 * metal))
    return np.asarray(plain ** (2 - 2 * metal) * bell ** (2 * metal - 1))


@lru_cache(maxsize=1)
def _stick() -> Mono:
    size = round(6 * STICK_SECONDS * SAMPLE_RATE)
    click = band(noise(size, 12), 900, 5_000)
    dying = np.exp(-np.arange(size, dtype=np.float32) / np.float32(STICK_SECONDS * SAMPLE_RATE))
    return np.asarray(click * dying, np.float32)
