"""What scenes are made of: noise, swells and single drops, laid round the loop."""

import numpy as np
import numpy.typing as npt

from segue.audio.grid import LOOP_SAMPLES, SAMPLE_RATE
from segue.sketch.circle import lay
from segue.sketch.noise import band

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]


def hiss_between(dice: np.random.Generator, low: float, high: float) -> Stereo:
    """Noise between two frequencies, other on either side."""
    return band(dice.standard_normal((2, LOOP_SAMPLES), np.float32), low, high)


def swells(dice: np.random.Generator, count: int) -> Stereo:
    """A slow rise and fall, 0..1, `count` times in the loop, each side a little later."""
    t = np.arange(LOOP_SAMPLES, dtype=np.float32) / np.float32(LOOP_SAMPLES)
    late = dice.uniform(0, 0.1, size=(2, 1)).astype(np.float32) + np.float32(dice.random())
    return np.asarray((0.5 + 0.5 * np.sin(2 * np.pi * (count * t + late))) ** 1.5, np.float32)


def rough(dice: np.random.Generator, size: int) -> Mono:
    """A level that jumps about, as thunder does."""
    knots = dice.uniform(0.2, 1, size // 2_000 + 2)
    return np.interp(np.arange(size) / 2_000, np.arange(knots.size), knots).astype(np.float32)


def drop(loop: Stereo, dice: np.random.Generator, hz: float, seconds: float, level: float) -> None:
    """Lay a short dying tone somewhere in the loop."""
    t = seconds_of(6 * seconds)
    sound = np.sin(2 * np.pi * hz * t) * np.exp(-t / seconds) * level
    lay(loop, int(dice.integers(LOOP_SAMPLES)), placed(faded(sound), dice.random()))


def placed(sound: Mono, pan: float) -> Stereo:
    """Between the left (0) and the right (1), equally loud anywhere."""
    sides = np.array([[np.cos(pan * np.pi / 2)], [np.sin(pan * np.pi / 2)]], np.float32)
    return np.asarray(sides * sound, np.float32)


def faded(sound: Mono) -> Mono:
    """The same sound, eased in and out."""
    sound[:16] *= np.linspace(0, 1, 16)
    sound[-64:] *= np.linspace(1, 0, 64)
    return sound


def seconds_of(length: float) -> Mono:
    """The time of each sample, for that many seconds."""
    return np.arange(round(length * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)
