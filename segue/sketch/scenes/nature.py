"""Weather, water and animals."""

import numpy as np
import numpy.typing as npt

from segue.audio.grid import BEAT_SAMPLES, LOOP_SAMPLES, SAMPLE_RATE, STEP
from segue.sketch.circle import lay, silence
from segue.sketch.noise import band
from segue.sketch.scenes.grains import drop, faded, hiss_between, placed, rough, seconds_of, swells

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]


def rain(dice: np.random.Generator) -> Stereo:
    drops = silence()
    for _ in range(900):
        drop(drops, dice, dice.uniform(1_800, 6_500), 0.004, dice.exponential(0.5))
    return 0.5 * hiss_between(dice, 900, 9_000) + drops


def sea(dice: np.random.Generator) -> Stereo:
    return hiss_between(dice, 150, 2_800) * swells(dice, 2) + 0.4 * hiss_between(dice, 60, 400)


def wind(dice: np.random.Generator) -> Stereo:
    howl = sum(hiss_between(dice, hz * 0.97, hz * 1.03) * swells(dice, 2) for hz in (310, 430, 620))
    return 0.4 * hiss_between(dice, 120, 900) * swells(dice, 1) + 2.5 * howl


def fire(dice: np.random.Generator) -> Stereo:
    crackle = silence()
    for _ in range(240):
        drop(crackle, dice, dice.uniform(900, 5_000), dice.uniform(0.001, 0.006), dice.exponential(1.0) ** 2)
    return 0.25 * hiss_between(dice, 60, 500) + crackle


def thunder(dice: np.random.Generator) -> Stereo:
    t = seconds_of(3.6)
    roll = silence()
    lay(roll, 2 * BEAT_SAMPLES, (np.sqrt(t) * np.exp(-t / 0.9) * rough(dice, t.size)).astype(np.float32))
    return roll * band(dice.standard_normal((2, LOOP_SAMPLES), np.float32), 25, 220)


def drops(dice: np.random.Generator) -> Stereo:
    drops = silence()
    for _ in range(26):
        _plop(drops, dice, int(dice.integers(LOOP_SAMPLES)), dice.uniform(500, 1_500), dice.uniform(0.3, 1))
    return drops


def birds(dice: np.random.Generator) -> Stereo:
    song = silence()
    for _ in range(7):
        start, low, pan = int(dice.integers(LOOP_SAMPLES)), dice.uniform(2_300, 4_200), dice.uniform(0.1, 0.9)
        for note in range(int(dice.integers(2, 7))):
            t = seconds_of(dice.uniform(0.05, 0.12))
            chirp = np.sin(2 * np.pi * (low * t + dice.uniform(-0.4, 0.9) * low * t**2 * 4)) * np.hanning(t.size)
            lay(
                song,
                start + note * round(dice.uniform(0.09, 0.14) * SAMPLE_RATE),
                placed(np.asarray(chirp, np.float32), pan),
            )
    return song


def crickets(dice: np.random.Generator) -> Stereo:
    night = silence()
    t = seconds_of(0.035)
    for hz, beat, pan in ((4_300, STEP, 0.2), (4_750, round(STEP * 4 / 3), 0.8), (3_900, 2 * STEP, 0.5)):
        pulse = np.sin(2 * np.pi * hz * t) * np.hanning(t.size)
        for start in range(0, LOOP_SAMPLES, beat):
            for chirp in range(3):
                lay(night, start + chirp * round(0.042 * SAMPLE_RATE), placed(pulse * dice.uniform(0.6, 1), pan))
    return night + 0.05 * hiss_between(dice, 300, 3_000)


def chimes(dice: np.random.Generator) -> Stereo:
    wind = silence()
    t = seconds_of(2.6)
    for _ in range(14):
        hz = 1_047 * 2 ** (dice.choice([0, 2, 4, 7, 9, 12, 14]) / 12)
        ring = sum(
            level * np.sin(2 * np.pi * ratio * hz * t) * np.exp(-t * ratio / 0.8)
            for ratio, level in ((1, 1.0), (2.76, 0.4), (5.4, 0.15))
        )
        lay(wind, int(dice.integers(LOOP_SAMPLES)), placed(faded(ring) * dice.uniform(0.2, 1), dice.uniform(0.1, 0.9)))
    return wind


def _plop(loop: Stereo, dice: np.random.Generator, start: int, hz: float, level: float) -> None:
    """A drop into water: a bubble whose note rises as it closes."""
    t = seconds_of(0.25)
    sound = np.sin(2 * np.pi * hz * (t + 2.2 * t**2)) * np.exp(-t / 0.035) * level
    for echo, gain in ((0, 1.0), (round(0.11 * SAMPLE_RATE), 0.3)):
        lay(loop, start + echo, placed(faded(sound) * gain, dice.uniform(0.2, 0.8)))


MAKERS = {
    "rain": rain,
    "sea": sea,
    "wind": wind,
    "fire": fire,
    "thunder": thunder,
    "drops": drops,
    "birds": birds,
    "crickets": crickets,
    "chimes": chimes,
}
