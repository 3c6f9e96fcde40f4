"""Clocks, engines, records and tapes."""

import numpy as np
import numpy.typing as npt

from segue.audio.grid import BEAT_SAMPLES, LOOP_SAMPLES, SAMPLE_RATE, STEP
from segue.sketch.circle import lay, silence
from segue.sketch.noise import band
from segue.sketch.scenes.grains import faded, hiss_between, placed, seconds_of

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]


def vinyl(dice: np.random.Generator) -> Stereo:
    dust = 0.05 * dice.standard_normal((2, LOOP_SAMPLES), np.float32)
    ticks = dice.integers(LOOP_SAMPLES, size=260)
    dust[:, ticks] += dice.standard_normal((2, 260), np.float32) * dice.standard_exponential(260, np.float32)
    return band(dust, 700, 9_000)


def hiss(dice: np.random.Generator) -> Stereo:
    return hiss_between(dice, 400, 14_000)


def clock(dice: np.random.Generator) -> Stereo:
    ticks = silence()
    t = seconds_of(0.08)
    for beat in range(16):
        hz = 2_700 if beat % 2 else 2_100
        tick = np.sin(2 * np.pi * hz * t) * np.exp(-t / 0.009) + 0.5 * np.sin(2 * np.pi * 0.43 * hz * t) * np.exp(
            -t / 0.02
        )
        lay(ticks, beat * BEAT_SAMPLES // 2, placed(tick * np.minimum(1, t * 2_000), 0.5))
    return ticks + 0.002 * hiss_between(dice, 500, 4_000)


def alarm(dice: np.random.Generator) -> Stereo:
    """Four beeps and a rest, twice a bar, as alarm clocks beep."""
    beeps = silence()
    t = seconds_of(0.1)
    edge = np.minimum(1, np.minimum(t, t[-1] - t) * 500)
    beep = (np.sin(2 * np.pi * 2_048 * t) + 0.35 * np.sin(2 * np.pi * 3 * 2_048 * t)) * edge
    for half_bar in range(4):
        for count in range(4):
            lay(beeps, half_bar * 2 * BEAT_SAMPLES + count * STEP, placed(beep, 0.5))
    return beeps + 0.001 * hiss_between(dice, 500, 4_000)


def engine(dice: np.random.Generator) -> Stereo:
    """A two-stroke saw: a rough buzz that is revved twice a bar."""
    t = np.arange(LOOP_SAMPLES, dtype=np.float32) / np.float32(LOOP_SAMPLES)
    revs = 96 + 34 * np.sin(2 * np.pi * 4 * t) ** 2  # averages to a whole number of turns
    turns = np.cumsum(revs) / SAMPLE_RATE
    turns *= round(turns[-1]) / turns[-1]
    buzz = np.tanh(4 * np.sin(2 * np.pi * turns)) * (1 + 0.5 * np.sin(2 * np.pi * turns / 2))
    rough = 1 + 0.5 * band(dice.standard_normal(LOOP_SAMPLES).astype(np.float32), 20, 200)
    return np.stack([band(np.asarray(buzz * rough, np.float32), 90, 5_000)] * 2) + 0.15 * hiss_between(dice, 800, 6_000)


def train(dice: np.random.Generator) -> Stereo:
    """Four axles over a joint of the rails, once a beat."""
    rails = silence()
    t = seconds_of(0.14)
    for beat in range(8):
        for axle, level in ((0, 1.0), (1, 0.7), (4, 0.5), (5, 0.4)):
            thud = dice.standard_normal(t.size).astype(np.float32) * np.exp(-t / 0.02) + np.sin(
                2 * np.pi * 95 * t
            ) * np.exp(-t / 0.04)
            lay(rails, beat * BEAT_SAMPLES + axle * STEP // 2, placed(faded(thud) * level, 0.3 + 0.4 * (beat % 2)))
    return band(rails, 60, 1_800) + 0.2 * hiss_between(dice, 40, 300)


MAKERS = {"vinyl": vinyl, "hiss": hiss, "clock": clock, "alarm": alarm, "engine": engine, "train": train}
