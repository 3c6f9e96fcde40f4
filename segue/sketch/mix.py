"""The score played, balanced, put in a room and brought to level.

Everything here treats the loop as a circle: tails wrap round to the start, and rooms and filters multiply the
loop's own spectrum. So the end meets the beginning without a seam.
"""

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import fft

from segue.audio.grid import LOOP_SAMPLES, SAMPLE_RATE, STEP
from segue.sketch import drums
from segue.sketch.instruments import Instrument
from segue.sketch.level import to_level
from segue.sketch.parameters import Parameters, Player
from segue.sketch.score import Hit, Note, Score

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]

# Balanced by octave against clips of the model, which carry most of their energy below 500 Hz.
KICK, SNARE, HAT = 0.75, 0.7, 0.3
BASS, CHORDS, PAD, LEAD = 0.55, 0.55, 0.32, 0.85
MUTE = 0.02  # a part quieter than this is not played


def mix(score: Score, parameters: Parameters, detail: float) -> Stereo:
    """The finished loop, shape (225,792, 2): about -14 LUFS, peaks below -1 dBFS, no DC.

    Until then the two sides lie one after the other, shape (2, samples), which is quicker to work on.
    """
    kit = _kit(score, parameters)
    band = _band(score, parameters, detail)
    band *= _pump(score.kick, parameters.feel.pump)
    band = _driven(band, parameters.feel.drive)
    return np.ascontiguousarray(to_level(_shape(kit, band, parameters)).T)


def _kit(score: Score, parameters: Parameters) -> Stereo:
    kit = parameters.kit
    out = np.zeros((2, LOOP_SAMPLES), np.float32)
    for hits, drum, level, pan in (
        (score.kick, drums.kick, KICK, 0.0),
        (score.snare, drums.snare, SNARE, 0.08),
        (score.hat, drums.hat, HAT, -0.25),
    ):
        if hits:
            sides = np.array([[1 - pan], [1 + pan]], np.float32) * np.float32(level * kit.level)
            sound = drum(kit) * sides
            for hit in hits:
                _place(out, hit.start, sound * np.float32(hit.velocity))
    return out + np.float32(0.05 * kit.dust**2) * _dust()


def _band(score: Score, parameters: Parameters, detail: float) -> Stereo:
    p = parameters
    out = _part(score.bass, p.bass, BASS, detail)
    out += _part(score.chords, p.chords, CHORDS, detail)
    out += _part(score.pad, p.pad, PAD, detail)
    lead = _part(score.lead, p.lead, LEAD, detail)
    out += lead
    for repeat, gain in ((1, 0.45), (2, 0.22), (3, 0.1)):  # a dotted eighth apart, crossing sides
        out += np.roll(lead[::-1] if repeat % 2 else lead, repeat * 3 * STEP, axis=1) * (p.feel.echo * gain)
    return out


def _part(notes: list[Note], player: Player, level: float, detail: float) -> Stereo:
    out = np.zeros((2, LOOP_SAMPLES), np.float32)
    if player.level < MUTE:
        return out
    instrument = Instrument(player, detail)
    for note in notes:
        _place(out, note.start, instrument.strike(note.pitches, note.velocities, note.length))
    out *= np.float32(level * player.level)
    return out


def _place(out: Stereo, start: int, sound: Stereo) -> None:
    """Adds the sound, its tail wrapped round the loop's end."""
    start %= LOOP_SAMPLES
    room = LOOP_SAMPLES - start
    size = sound.shape[-1]
    out[..., start : start + size] += sound[..., :room]
    if size > room:
        out[..., : size - room] += sound[..., room:]


def _pump(kicks: list[Hit], depth: float) -> Mono:
    """The kick pushes the band down and lets it come back within a beat."""
    gain = np.ones(LOOP_SAMPLES, np.float32)
    rise = np.linspace(-1, 0, 3 * STEP, dtype=np.float32) ** 3
    for hit in kicks:
        if hit.velocity > 0.3:
            _place(gain, hit.start, rise * np.float32(0.7 * depth * hit.velocity))
    return np.maximum(gain, 0.15)


def _driven(sound: Stereo, drive: float) -> Stereo:
    """Into a valve; the quiet end stays as loud as it was."""
    push = np.float32(1 + 9 * drive**2)
    return np.asarray((1 - drive) * sound + drive * np.tanh(push * sound) / np.sqrt(push), np.float32)


def _shape(kit: Stereo, band: Stereo, parameters: Parameters) -> Stereo:
    """Room, tone and no DC, all in the loop's own spectrum."""
    feel = parameters.feel
    hz = _hz()
    slope = 0.07 + 0.16 * (feel.tilt - 0.5)  # above 800 Hz, from about -0.1 dB an octave to 1.8
    tone = (1 + (hz / 800) ** 2) ** slope
    tone *= 1 / np.sqrt(1 + (28 / np.maximum(hz, 1)) ** 6)
    tone[0] = 0
    room = _room() * np.float32(0.5 * feel.room)
    out = np.empty((2, LOOP_SAMPLES), np.float32)
    for side in (0, 1):
        band_spectrum = fft.rfft(band[side])
        kit_spectrum = fft.rfft(kit[side])
        wet = (band_spectrum + 0.35 * kit_spectrum) * room[side]
        out[side] = fft.irfft((band_spectrum + kit_spectrum + wet) * tone, LOOP_SAMPLES)
    return out


@cache
def _hz() -> Mono:
    return fft.rfftfreq(LOOP_SAMPLES, 1 / SAMPLE_RATE).astype(np.float32)


@cache
def _room() -> Spectrum:
    """A room's answer as a spectrum for each side, shape (2, bins): noise that dies away, its highs first."""
    seconds = np.arange(LOOP_SAMPLES, dtype=np.float32) / SAMPLE_RATE
    decay = np.exp(-seconds / 0.42) * (1 - np.exp(-seconds / 0.006))
    sides = []
    for side in (0, 1):
        noise = np.random.default_rng(90 + side).standard_normal(LOOP_SAMPLES, np.float32) * decay
        spectrum = fft.rfft(noise / np.sqrt(np.sum(noise**2)))
        sides.append(spectrum / (1 + (_hz() / 4_000) ** 2))
    return np.asarray(sides, np.complex64)


@cache
def _dust() -> Stereo:
    """Hiss, and a few hundred ticks of a needle."""
    dice = np.random.default_rng(77)
    dust = 0.06 * dice.standard_normal((2, LOOP_SAMPLES), np.float32)
    ticks = dice.integers(LOOP_SAMPLES, size=240)
    dust[:, ticks] += dice.standard_normal((2, 240), np.float32) * dice.standard_exponential(240, np.float32)
    return dust
