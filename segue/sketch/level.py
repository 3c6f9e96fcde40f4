"""How loud a loop is, and bringing it to where streaming services play."""

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import fft

from segue.audio.grid import LOOP_SAMPLES, SAMPLE_RATE

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]

LOUDNESS = -14.0  # LUFS
CEILING = 10 ** (-2.4 / 20)  # leaves most true peaks, between samples, below the next
TRUE_PEAK = 10 ** (-1.05 / 20)
FINER = 4  # how much finer than its samples a sound is looked at for true peaks (ITU-R BS.1770)
LIMITER_BLOCK = 64  # samples, 1.5 ms: the limiter's sense of time
LEVELLING_ROUNDS = 3
# Loudness is taken over blocks of 400 ms that overlap by three quarters; those below both gates do not count.
BLOCK, HOP = round(0.4 * SAMPLE_RATE), round(0.1 * SAMPLE_RATE)
ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0


def to_level(sound: Stereo) -> Stereo:
    """A loop, shape (2, samples), limited and brought to -14 LUFS in turns, since each disturbs the other."""
    gain = _gain_to_level(sound)
    out = sound
    for _ in range(LEVELLING_ROUNDS):
        out = _limited(sound * gain)
        out -= out.mean(axis=1, keepdims=True)  # what is turned down may no longer balance
        gain *= _gain_to_level(out)
    return out * np.float32(TRUE_PEAK / max(_true_peak(out), TRUE_PEAK))


def _gain_to_level(sound: Stereo) -> np.float32:
    return np.float32(10 ** ((LOUDNESS - _loudness(sound)) / 20))


def _loudness(sound: Stereo) -> float:
    """Integrated loudness in LUFS, as ITU-R BS.1770-4 has it, of one turn of the loop."""
    weighted = fft.irfft(fft.rfft(sound) * _ear(), LOOP_SAMPLES)
    passed = np.concatenate([[0.0], np.cumsum(np.sum(weighted**2, axis=0, dtype=np.float64))])
    starts = np.arange(0, LOOP_SAMPLES - BLOCK + 1, HOP)
    power = (passed[starts + BLOCK] - passed[starts]) / BLOCK + 1e-12
    power = power[_lufs(power) > ABSOLUTE_GATE] if (_lufs(power) > ABSOLUTE_GATE).any() else power
    return float(_lufs(power[_lufs(power) > _lufs(power.mean()) + RELATIVE_GATE].mean()))


def _lufs(power: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(power))


def _limited(sound: Stereo) -> Stereo:
    """Turned down around peaks, smoothly and ahead of them, so that none passes the ceiling."""
    peaks = np.abs(sound).max(axis=0).reshape(-1, LIMITER_BLOCK).max(axis=1)
    needed = np.minimum(1, CEILING / np.maximum(peaks, 1e-9))
    lowest = np.min([np.roll(needed, shift) for shift in range(-3, 4)], axis=0)
    smooth = np.mean([np.roll(lowest, shift) for shift in range(-2, 3)], axis=0)
    # Each block glides from the level between it and the one before to the level between it and the next.
    entering = (smooth + np.roll(smooth, 1)) / 2
    glide = np.arange(LIMITER_BLOCK, dtype=np.float32) / LIMITER_BLOCK
    gain = entering[:, None] + (np.roll(entering, -1) - entering)[:, None] * glide
    return np.asarray(sound * gain.reshape(-1).astype(np.float32), np.float32)


def _true_peak(sound: Stereo) -> float:
    """The highest peak of a loop, between its samples too."""
    return max(float(np.abs(fft.irfft(fft.rfft(side), FINER * LOOP_SAMPLES)).max()) * FINER for side in sound)


@cache
def _ear() -> Mono:
    """The K-weighting of ITU-R BS.1770 as an amplitude response: its two filters, worked out for 44.1 kHz."""
    turn = np.exp(-2j * np.pi * fft.rfftfreq(LOOP_SAMPLES))
    shelf = _biquad(turn, (1.5308412, -2.6509799, 1.1690790), (1.0, -1.6636551, 0.7125954))
    high_pass = _biquad(turn, (1.0, -2.0, 1.0), (1.0, -1.9891696, 0.9891990))
    return np.abs(shelf * high_pass).astype(np.float32)


def _biquad(
    turn: npt.NDArray[np.complex128], b: tuple[float, float, float], a: tuple[float, float, float]
) -> npt.NDArray[np.complex128]:
    return np.asarray((b[0] + b[1] * turn + b[2] * turn**2) / (a[0] + a[1] * turn + a[2] * turn**2))
