"""People who are not in the band."""

import numpy as np
import numpy.typing as npt
from scipy import fft

from segue.audio.grid import BEAT_SAMPLES, LOOP_SAMPLES, SAMPLE_RATE, STEP, STEPS
from segue.sketch.circle import lay, silence
from segue.sketch.noise import band
from segue.sketch.scenes.grains import drop, hiss_between, placed, seconds_of, swells

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]


def crowd(dice: np.random.Generator) -> Stereo:
    """Voices too many to be told apart, and some who clap."""
    murmur = sum(
        hiss_between(dice, hz * 0.8, hz * 1.2) * (0.4 + swells(dice, 11)) for hz in (240, 480, 900, 1_700, 2_600)
    )
    claps = silence()
    for _ in range(300):
        drop(claps, dice, dice.uniform(900, 1_900), 0.008, dice.exponential(0.6))
    return murmur + 0.5 * claps


def laughter(dice: np.random.Generator) -> Stereo:
    """Ha-ha-ha, by three people: a falling voice, shut and opened five times a second."""
    merry = silence()
    for start, hz, pan in ((0, 210, 0.3), (3, 165, 0.7), (5, 260, 0.5)):
        for ha in range(7):
            t = seconds_of(0.15)
            pitch = hz * (1.25 - 0.07 * ha) * (1.1 - 0.8 * t)
            buzz = sum(np.sin(2 * np.pi * n * np.cumsum(pitch) / SAMPLE_RATE) / n**0.8 for n in range(1, 22))
            breath = dice.standard_normal(t.size).astype(np.float32)
            ha_sound = (0.8 * buzz + 0.5 * breath) * np.hanning(t.size) * (1 - 0.09 * ha)
            lay(merry, start * STEP * 2 + ha * round(0.19 * SAMPLE_RATE), placed(ha_sound, pan))
    spectrum = fft.rfft(merry)
    hz_ = fft.rfftfreq(LOOP_SAMPLES, 1 / SAMPLE_RATE)
    mouth = 0.05 + sum(level / (1 + ((hz_ - at) / 130) ** 2) for at, level in ((760, 1.0), (1_250, 0.7), (2_600, 0.3)))
    return np.asarray(fft.irfft(spectrum * mouth, LOOP_SAMPLES), np.float32)


def breathing(dice: np.random.Generator) -> Stereo:
    """In through the nose over a bar's first half, out through the mouth over its second."""
    t = np.arange(LOOP_SAMPLES, dtype=np.float32) / np.float32(2 * BEAT_SAMPLES)
    swell = np.sin(np.pi * (t % 1)) ** 2
    inward = (t.astype(np.int32) % 2 == 0).astype(np.float32)
    nose, mouth = hiss_between(dice, 1_500, 6_000), hiss_between(dice, 350, 2_200)
    return np.asarray(swell * (nose * inward + 1.4 * mouth * (1 - inward)), np.float32)


def typing(dice: np.random.Generator) -> Stereo:
    """Keys on the sixteenths, as somebody types who hears the band; the space bar on the beat, and one return."""
    keys = silence()
    for step in range(STEPS):
        if step % 4 and dice.random() < 0.3:
            continue
        start = step * STEP + int(dice.integers(-150, 400))
        size = 1.0 if step % 4 else 1.6
        pan = dice.uniform(0.25, 0.75)
        for delay, level, low in ((0, 0.5, 2_400), (0.012, 1.0, 1_300), (0.085, 0.3, 2_900)):
            t = seconds_of(0.05)
            knock = dice.standard_normal(t.size).astype(np.float32) * np.exp(-t / 0.0035)
            knock += 1.2 * np.sin(2 * np.pi * dice.uniform(0.9, 1.1) * low / size * t) * np.exp(-t / 0.006)
            lay(keys, start + round(delay * SAMPLE_RATE), placed(knock * level * size, pan))
    t = seconds_of(1.2)
    bell = np.sin(2 * np.pi * 2_093 * t) * np.exp(-t / 0.3) + 0.4 * np.sin(2 * np.pi * 5_588 * t) * np.exp(-t / 0.1)
    lay(keys, 28 * STEP, placed(0.5 * bell * np.minimum(1, t * 400), 0.6))
    return band(keys, 180, 12_000)


MAKERS = {"crowd": crowd, "laughter": laughter, "breathing": breathing, "typing": typing}
