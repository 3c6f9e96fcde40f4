"""The drums: each a single stroke for the kit's numbers, mono, eased in and out.

`force` (0..1) is how hard it is hit, which is more than how loud it is. Drums that sing are tuned to `tonic` (a pitch
class) or to its fifth, as drummers and producers do.
"""

from collections.abc import Callable
from math import log2

import numpy as np
import numpy.typing as npt

from segue.audio.grid import SAMPLE_RATE
from segue.sketch.noise import band, noise
from segue.sketch.parameters import Kit

Mono = npt.NDArray[np.float32]

# Square waves of a cymbal's circuit, in Hz (those of the TR-808), and how much they are tuned up.
CYMBAL_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
CYMBAL_TUNING = 3.1
SKIN_MODES = ((1.0, 1.0), (1.59, 0.5), (2.14, 0.35), (2.65, 0.2))  # of a round membrane (Rossing, 2000)
LOWEST_KICK, LOWEST_KICK_NOTE = 38.89, 3  # Hz, and its pitch class: E flat
EASE_IN, EASE_OUT = 22, 330  # samples


def kick(kit: Kit, force: float, tonic: int) -> Mono:
    """A skin that falls to its note, or a circuit's long boom, with a beater's click in front."""
    t = _seconds(0.3 + 0.65 * kit.weight * (0.5 + 0.5 * kit.machine))
    low = LOWEST_KICK * 2 ** ((tonic - LOWEST_KICK_NOTE) % 12 / 12)
    sweep = 0.018 + 0.03 * kit.weight * (1 - 0.5 * kit.machine)
    fall = 130 + 90 * kit.machine * force
    body = np.sin(_tau(low * t + fall * sweep * (1 - np.exp(-t / sweep))))
    body *= np.exp(-t / (0.06 + 0.1 * kit.weight + 0.16 * kit.weight**2 * kit.machine))
    body = np.tanh((1.2 + 1.3 * kit.weight) * body) / np.tanh(1.2 + 1.3 * kit.weight)
    skin = 0.25 * (1 - kit.machine) * np.sin(_tau(2.1 * low * t)) * np.exp(-t / 0.045)
    click = band(noise(t.size, 0), 1_200, 3_500 + 5_000 * kit.crack) * np.exp(-t / 0.004)
    return _eased(body + skin + click * (0.25 + 0.5 * kit.crack) * (0.4 + 0.6 * force))


def snare(kit: Kit, force: float, tonic: int) -> Mono:
    """A skin over wires, hands that do not quite meet, a stick across the rim, or a brush."""
    t = _seconds(0.45)
    struck = max(0.0, 1 - kit.clap - kit.rim - kit.brush)
    sound = np.zeros(t.size, np.float32)
    if struck > 0:
        sound += struck * _drum_with_wires(t, kit, force)
    if kit.clap > 0:
        sound += 1.1 * kit.clap * _hands(t, kit)
    if kit.rim > 0:
        stick = np.sin(_tau(1_720 * t)) * np.exp(-t / 0.008) + 0.8 * np.sin(_tau(480 * t)) * np.exp(-t / 0.02)
        sound += kit.rim * (stick + 0.5 * band(noise(t.size, 8), 1_500, 7_000) * np.exp(-t / 0.006))
    if kit.brush > 0:
        swish = band(noise(t.size, 9), 1_400, 9_000) * (1 - np.exp(-t / 0.018)) * np.exp(-t / 0.09)
        sound += kit.brush * (1.4 * swish + 0.25 * np.sin(_tau(190 * t)) * np.exp(-t / 0.04))
    return _eased(sound)


def hat(kit: Kit, force: float, tonic: int) -> Mono:
    """Closed hats, from a tick to a long sizzle, or a ride cymbal."""
    t = _seconds(0.07 + 0.22 * kit.shine + 0.5 * kit.ride)
    closed = _cymbal(t.size, kit, 7_200 - 1_500 * kit.shine) * np.exp(-t / (0.014 + 0.05 * kit.shine**2))
    if kit.ride <= 0:
        return _eased(closed * (0.5 + 0.5 * force))
    wash = _cymbal(t.size, kit, 5_500) * np.exp(-t / 0.16) * (0.15 + 0.4 * force)
    ping = np.sin(_tau(3_350 * t)) * np.exp(-t / 0.05) + 0.6 * np.sin(_tau(5_120 * t)) * np.exp(-t / 0.03)
    return _eased((1 - kit.ride) * closed + kit.ride * (wash + 0.4 * ping))


def open_hat(kit: Kit, force: float, tonic: int) -> Mono:
    """Two cymbals that are let ring."""
    t = _seconds(0.3 + 0.35 * kit.shine)
    return _eased(_cymbal(t.size, kit, 6_000) * np.exp(-t / (0.07 + 0.16 * kit.shine)) * (0.6 + 0.4 * force))


def shaker(kit: Kit, force: float, tonic: int) -> Mono:
    """Beads that slide before they land, with jingles where the kit shines."""
    t = _seconds(0.16)
    beads = band(noise(t.size, 6), 4_500, 12_000) * np.minimum(1, t / (0.03 - 0.02 * force)) * np.exp(-t / 0.035)
    jingles = sum(np.sin(_tau(hz * t)) for hz in (7_130, 8_460, 9_870)) * np.exp(-t / 0.05)
    return _eased(beads + 0.12 * kit.shine * jingles)


def toms(kit: Kit, force: float, tonic: int) -> Mono:
    """A skin without wires; `force` also tunes it, so a fill falls as it swells."""
    t = _seconds(0.5)
    hz = _tuned((150 - 60 * force) * (1 - 0.2 * kit.weight), tonic)
    skin = _skin(t, hz, 0.16 + 0.1 * kit.weight, 0.35)
    return _eased(skin + 0.15 * band(noise(t.size, 10), 500, 4_000) * np.exp(-t / 0.02))


def perc(kit: Kit, force: float, tonic: int) -> Mono:
    """Hand percussion: wood, skins or a bell. Strong strokes are the low ones of the pair."""
    t = _seconds(0.4)
    pair = 1.0 if force > 0.7 else 1.45
    wood = np.sin(_tau(pair * (700 + 1_500 * kit.tune) * t)) * np.exp(-t / 0.022)
    wood += 0.4 * np.sin(_tau(pair * 2.7 * (700 + 1_500 * kit.tune) * t)) * np.exp(-t / 0.01)
    skin = _skin(t, pair * (110 + 260 * kit.tune), 0.1 + 0.08 * force, 0.12)
    skin += 0.5 * (0.3 + force) * band(noise(t.size, 13), 900, 5_500) * np.exp(-t / 0.007)
    bell = sum(np.sign(np.sin(_tau(pair * hz * t))) for hz in (540, 800))
    bell = band(np.asarray(bell, np.float32), 700, 4_000) * (0.6 * np.exp(-t / 0.02) + 0.4 * np.exp(-t / 0.09))
    return _eased((1 - kit.skin) * (1 - kit.bell) * wood + kit.skin * skin + kit.bell * (1 - kit.skin) * bell)


STROKES: dict[str, Callable[[Kit, float, int], Mono]] = {
    "kick": kick,
    "snare": snare,
    "hat": hat,
    "open": open_hat,
    "shaker": shaker,
    "toms": toms,
    "perc": perc,
}


def _drum_with_wires(t: Mono, kit: Kit, force: float) -> Mono:
    fall = 1.2 * (1 - np.exp(-t / 0.018))
    skin = np.sin(_tau(178 * t + fall)) + 0.6 * np.sin(_tau(331 * t + fall))
    skin *= np.exp(-t / (0.05 + 0.03 * (1 - kit.machine)))
    wires = band(noise(t.size, 1), 1_100 - 400 * kit.machine, 3_500 + 8_000 * kit.crack * (0.5 + 0.5 * force))
    wires *= np.exp(-t / (0.045 + 0.06 * kit.crack + 0.03 * kit.machine))
    return np.asarray(0.55 * skin + (0.6 + 0.8 * kit.crack) * (0.35 + 0.65 * force) * wires, np.float32)


def _hands(t: Mono, kit: Kit) -> Mono:
    hands = np.zeros(t.size, np.float32)
    for delay, level, dying in ((0, 0.75, 0.005), (0.011, 0.65, 0.005), (0.022, 1.0, 0.07 + 0.08 * kit.crack)):
        start = round(delay * SAMPLE_RATE)
        hands[start:] += level * np.exp(-t[: t.size - start] / dying)
    return np.asarray(2.2 * hands * band(noise(t.size, 2), 1_000, 3_200 + 3_000 * kit.crack), np.float32)


def _cymbal(size: int, kit: Kit, low: float) -> Mono:
    """Metal: noise for skins and sticks, six square waves for circuits."""
    hiss = noise(size, 3)
    if kit.machine > 0:
        t = np.arange(size, dtype=np.float32) / np.float32(SAMPLE_RATE)
        squares = sum(np.sign(np.sin(_tau(CYMBAL_TUNING * hz * t))) for hz in CYMBAL_HZ)
        hiss = np.sqrt(1 - kit.machine) * hiss + np.sqrt(kit.machine) * 0.45 * squares
    return band(np.asarray(hiss, np.float32), low, 15_500)


def _skin(t: Mono, hz: float, seconds: float, fall: float) -> Mono:
    """A round membrane: each mode dies sooner than the one below, and all fall a little as it slackens."""
    bend = fall * 0.02 * (1 - np.exp(-t / 0.02)) * hz
    modes = (
        level * np.sin(_tau(ratio * (hz * t + bend))) * np.exp(-t * ratio / seconds) for ratio, level in SKIN_MODES
    )
    return np.asarray(sum(modes), np.float32)


def _tuned(hz: float, tonic: int) -> float:
    """The tonic or its fifth next to these hertz."""
    wish = 69 + 12 * log2(hz / 440)
    near = [note + 12 * round((wish - note) / 12) for note in (tonic, tonic + 7)]
    return float(440 * 2 ** ((min(near, key=lambda note: abs(note - wish)) - 69) / 12))


def _tau(turns: Mono) -> Mono:
    return turns * np.float32(2 * np.pi)


def _seconds(length: float) -> Mono:
    return np.arange(round(length * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def _eased(drum: Mono) -> Mono:
    """So that nothing jumps, least of all at the seam."""
    drum = np.asarray(drum, np.float32)
    drum[:EASE_IN] *= np.linspace(0, 1, EASE_IN, dtype=np.float32)
    drum[-EASE_OUT:] *= np.linspace(1, 0, EASE_OUT, dtype=np.float32)
    return drum
