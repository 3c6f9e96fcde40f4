"""The three drums, each a single stroke for the kit's numbers."""

import numpy as np
import numpy.typing as npt

from segue.audio.grid import SAMPLE_RATE
from segue.sketch.noise import band, noise
from segue.sketch.parameters import Kit

Mono = npt.NDArray[np.float32]


def kick(kit: Kit) -> Mono:
    """A sine that falls to its note, with a click in front."""
    seconds = _seconds(0.25 + 0.45 * kit.weight)
    low = 58 - 14 * kit.weight
    sweep = 0.022 + 0.03 * kit.weight
    cycles = low * seconds + (170 * sweep) * (1 - np.exp(-seconds / sweep))
    body = np.sin(2 * np.pi * cycles) * np.exp(-seconds / (0.07 + 0.22 * kit.weight**2))
    click = noise(seconds.size, 0) * np.exp(-seconds / 0.004) * (0.15 + 0.35 * kit.crack)
    return _eased(np.tanh(1.6 * body) + band(click, 1_500, 9_000))


def snare(kit: Kit) -> Mono:
    """A skin and its wires, or hands that do not quite meet."""
    seconds = _seconds(0.4)
    skin = np.sin(2 * np.pi * (185 * seconds + 2.2 * (1 - np.exp(-seconds / 0.02)))) * np.exp(-seconds / 0.06)
    wires = band(noise(seconds.size, 1), 900, 3_000 + 9_000 * kit.crack)
    wires *= np.exp(-seconds / (0.05 + 0.07 * kit.crack))
    hands = np.zeros(seconds.size, np.float32)
    for delay, level in ((0, 0.7), (0.011, 0.6), (0.023, 1.0)):
        start = round(delay * SAMPLE_RATE)
        last = level == 1.0
        hands[start:] += level * np.exp(-seconds[: seconds.size - start] / (0.09 if last else 0.006))
    hands *= band(noise(seconds.size, 2), 900, 4_500)
    return _eased((1 - kit.clap) * (0.55 * skin + (0.5 + 0.9 * kit.crack) * wires) + 1.6 * kit.clap * hands)


def hat(kit: Kit) -> Mono:
    """A hiss, from a tick to a long sizzle."""
    seconds = _seconds(0.05 + 0.3 * kit.shine)
    hiss = band(noise(seconds.size, 3), 8_500 - 3_500 * kit.shine, 16_000)
    return _eased(hiss * np.exp(-seconds / (0.012 + 0.07 * kit.shine**2)))


def _seconds(length: float) -> Mono:
    return np.arange(round(length * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def _eased(drum: Mono) -> Mono:
    """Eased in over one millisecond and out over five, so that nothing jumps, least of all at the seam."""
    drum[:44] *= np.linspace(0, 1, 44, dtype=np.float32)
    drum[-220:] *= np.linspace(1, 0, 220, dtype=np.float32)
    return np.asarray(drum, np.float32)
