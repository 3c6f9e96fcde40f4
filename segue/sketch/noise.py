"""Noise, and the part of it between two frequencies: breath, wires, hands, hats and weather are made of it."""

import numpy as np
import numpy.typing as npt
from scipy import fft

from segue.audio.grid import SAMPLE_RATE

Mono = npt.NDArray[np.float32]


def noise(size: int, number: int) -> Mono:
    """The same noise for the same number: a drum is one drum."""
    return np.random.default_rng(number).standard_normal(size, np.float32)


def band(sound: Mono, low: float, high: float) -> Mono:
    """The part between two frequencies, with soft edges, as if the sound went round in a circle."""
    hz = fft.rfftfreq(sound.shape[-1], 1 / SAMPLE_RATE).astype(np.float32)
    hz[0] = 1
    shape = 1 / np.sqrt((1 + (low / hz) ** 6) * (1 + (hz / high) ** 6))
    return np.asarray(fft.irfft(fft.rfft(sound) * shape, sound.shape[-1]), np.float32)
