"""What is done to a loop as a whole. All treat it as a circle, so that its end still meets its beginning."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import fft

from segue.audio.grid import LOOP_SAMPLES, SAMPLE_RATE, STEP
from segue.sketch.circle import lay
from segue.sketch.score import Hit

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]

BLOCK = 441  # samples over which loudness is looked at: 10 ms
TREMBLES = 27  # in a loop: 5.3 a second
WOBBLES = (3, 14)  # in a loop: the slow turn of a reel and the flutter of a capstan
WOBBLE_SECONDS = (0.0016, 0.00022)
ECHO = 3 * STEP  # a dotted eighth
ECHOES = (0.45, 0.22, 0.1)
SMALL, LARGE = 0.22, 1.1  # seconds in which a room and a hall fall to a third
GLUE_FROM = 0.6  # of the usual level, above which the mix is pressed
GLUE_BLOCKS = 16  # 160 ms
HARDEST, SOFTEST = 6.0, 1.6  # times the RMS at which peaks are rounded, from not glued at all to all the way


def presence(sound: Stereo) -> float:
    """How loud it is while it sounds: the RMS of its louder blocks, whatever there is of silence between them."""
    blocks = (sound.reshape(2, -1, BLOCK) ** 2).mean(axis=(0, 2))
    return float(np.sqrt(np.mean(blocks[blocks >= np.quantile(blocks, 0.8)])))


def overdriven(sound: Stereo, grit: float) -> Stereo:
    """Through a valve amplifier and the loudspeaker of a guitar, which passes little above 5 kHz."""
    hot = np.tanh(sound * np.float32((1 + 30 * grit**2) * 0.35 / (presence(sound) + 1e-9)))
    speaker = 1 / np.sqrt((1 + (80 / np.maximum(_hz(), 1)) ** 4) * (1 + (_hz() / 4_800) ** 6))
    speaker *= 1 + 0.6 * np.exp(-((np.log2(np.maximum(_hz(), 1) / 2_400) / 0.7) ** 2))
    spoken = np.asarray(fft.irfft(fft.rfft(hot) * speaker, LOOP_SAMPLES), np.float32)
    spoken *= np.float32(presence(sound) / (presence(spoken) + 1e-9))
    return np.asarray((1 - grit) * sound + np.float32(np.sqrt(grit)) * spoken, np.float32)


def trembled(sound: Stereo, depth: float) -> Stereo:
    """Louder on one side and then on the other."""
    turn = 2 * np.pi * TREMBLES * np.arange(LOOP_SAMPLES, dtype=np.float32) / np.float32(LOOP_SAMPLES)
    return np.asarray(sound * (1 - np.float32(0.35 * depth) * (1 + np.stack([np.sin(turn), np.cos(turn)]))), np.float32)


def pump(kicks: Sequence[Hit], depth: float) -> Mono:
    """The level of a band that the kick pushes down and that comes back within a beat."""
    level = np.ones(LOOP_SAMPLES, np.float32)
    rise = np.linspace(-1, 0, 3 * STEP, dtype=np.float32) ** 3
    for hit in kicks:
        if hit.velocity > 0.3:
            lay(level, hit.start, rise * np.float32(0.75 * depth * hit.velocity))
    return np.maximum(level, np.float32(0.15))


def echoed(sound: Stereo, amount: float) -> Stereo:
    """Dotted eighths that cross from side to side, each duller and quieter."""
    echo = np.zeros_like(sound)
    for repeat, gain in enumerate(ECHOES, start=1):
        echo += np.roll(sound[::-1] if repeat % 2 else sound, repeat * ECHO, axis=1) * np.float32(amount * gain)
    return echo


def wobbled(sound: Stereo, depth: float) -> Stereo:
    """Off a worn tape: a little fast, a little slow."""
    at = np.arange(LOOP_SAMPLES, dtype=np.float64)
    turn = 2 * np.pi * at / LOOP_SAMPLES
    for count, seconds in zip(WOBBLES, WOBBLE_SECONDS, strict=True):
        at = at + depth * seconds * SAMPLE_RATE * np.sin(count * turn)
    before = np.floor(at).astype(np.int64)
    share = (at - before).astype(np.float32)
    return sound[:, before % LOOP_SAMPLES] * (1 - share) + sound[:, (before + 1) % LOOP_SAMPLES] * share


def driven(sound: Stereo, drive: float) -> Stereo:
    """Into a valve; the quiet end stays as loud as it was."""
    push = np.float32(1 + 9 * drive**2)
    return np.asarray((1 - drive) * sound + drive * np.tanh(push * sound) / np.sqrt(push), np.float32)


def roomy(dry: Sequence[tuple[Stereo, float]], room: float, hall: float, tilt: float) -> Stereo:
    """Sounds, each with its share of the room, in one room and in one tone, without DC."""
    hz = _hz()
    slope = 0.05 + 0.22 * (tilt - 0.5)  # above 700 Hz
    tone = (1 + (hz / 700) ** 2) ** slope
    tone *= 1 / np.sqrt(1 + (28 / np.maximum(hz, 1)) ** 6)
    tone[0] = 0
    answer = (_room(SMALL) * np.float32(1 - hall) + _room(LARGE) * np.float32(hall)) * np.float32(0.6 * room)
    out = np.empty((2, LOOP_SAMPLES), np.float32)
    for side in (0, 1):
        total = np.zeros(hz.size, np.complex64)
        for sound, share in dry:
            spectrum = fft.rfft(sound[side])
            total += spectrum * (1 + np.float32(share) * answer[side])
        out[side] = fft.irfft(total * tone, LOOP_SAMPLES)
    return out


def pressed(sound: Stereo, glue: float) -> Stereo:
    """Gently compressed, both sides alike: what is louder than usual for a while gives way, and peaks are rounded."""
    power = (sound.reshape(2, -1, BLOCK) ** 2).mean(axis=(0, 2))
    window = np.hanning(GLUE_BLOCKS + 2)[1:-1]
    # A compressor hears what was; here it may look a little ahead too.
    heard = np.real(
        np.fft.ifft(np.fft.fft(power) * np.fft.fft(np.roll(np.pad(window, (0, power.size - window.size)), -4)))
    )
    level = np.sqrt(np.maximum(heard / window.sum(), 0))
    usual = np.sqrt(np.mean(power)) + 1e-9
    over = np.maximum(1, level / (GLUE_FROM * usual))
    gain = over ** (-0.5 * glue)
    knots = np.arange(power.size + 1) * BLOCK
    smooth = np.interp(np.arange(LOOP_SAMPLES), knots, np.append(gain, gain[0]))
    glued = sound * smooth.astype(np.float32)
    loud = np.float32((HARDEST - (HARDEST - SOFTEST) * glue) * np.sqrt(np.mean(glued**2)) + 1e-9)
    return np.asarray(loud * np.tanh(glued / loud), np.float32)


@cache
def _hz() -> Mono:
    return fft.rfftfreq(LOOP_SAMPLES, 1 / SAMPLE_RATE).astype(np.float32)


@cache
def _room(seconds: float) -> Spectrum:
    """A room's answer as a spectrum for each side, shape (2, bins): noise that dies away, its highs first."""
    t = np.arange(LOOP_SAMPLES, dtype=np.float32) / np.float32(SAMPLE_RATE)
    decay = np.exp(-t / seconds) * (1 - np.exp(-t / 0.006))
    sides = []
    for side in (0, 1):
        noise = np.random.default_rng(90 + side).standard_normal(LOOP_SAMPLES, np.float32) * decay
        spectrum = fft.rfft(noise / np.sqrt(np.sum(noise**2)))
        sides.append(spectrum / (1 + (_hz() / 4_000) ** 2))
    return np.asarray(sides, np.complex64)
