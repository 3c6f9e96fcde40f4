"""How a melodic part sounds: one instrument, which may be a mixture of the four kinds there are.

Every pitch is sounded once, ringing freely, for all its notes; each note is then a piece of it with its own end.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from segue.audio.grid import SAMPLE_RATE
from segue.sketch.bars import strike
from segue.sketch.circle import lay, silence
from segue.sketch.noise import band, noise
from segue.sketch.oscillators import attack_seconds, decay_seconds, shaken, tone
from segue.sketch.parameters import Player
from segue.sketch.score import Note
from segue.sketch.strings import pluck

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]

LONGEST_SECONDS = 3.4
TOUCH = 0.02  # share of a kind below which it is not worth its time
LAYERS = 3  # how many degrees of force are told apart
EASE = 48  # samples over which any note fades in
FADE = 384  # and out
DOUBLED = 0.3  # width from which strings come in pairs
PAIR = 0.0035  # how far the two of a pair are apart, of their frequency, at full width
BREATH = 0.5
AIR, BOW = (900, 6_000), (150, 1_200)  # Hz


def perform(notes: Sequence[Note], player: Player) -> Stereo:
    """The notes of one part as a loop, shape (2, LOOP_SAMPLES)."""
    loop = silence()
    release = _release(player)
    for (pitch, layer), same in _by_sound(notes).items():
        sizes = [_size(note, release) for note in same]
        sound = _sounded(pitch, max(sizes), player, layer / LAYERS)
        for note, size in zip(same, sizes, strict=True):
            lay(loop, note.start, _ended(sound[:, :size], note, release))
    return loop


def _by_sound(notes: Sequence[Note]) -> dict[tuple[float, int], list[Note]]:
    alike: dict[tuple[float, int], list[Note]] = defaultdict(list)
    for note in notes:
        alike[note.pitch, 1 + min(LAYERS - 1, int(note.velocity * LAYERS))].append(note)
    return alike


def _release(player: Player) -> float:
    """Seconds in which a note that is let go of falls to a third: a touch, or the rest of its life."""
    held = 0.025 + 0.25 * attack_seconds(player)
    ringing = decay_seconds(player) * (player.string + player.bar + 0.2)
    return held + ringing * player.length**3


def _size(note: Note, release: float) -> int:
    return round(min(LONGEST_SECONDS, note.length / SAMPLE_RATE + 5 * release) * SAMPLE_RATE) + FADE


def _sounded(pitch: float, size: int, player: Player, force: float) -> Stereo:
    """One pitch for all kinds of instrument the player has a share of. They differ, so their powers add up."""
    hz = 440 * 2 ** ((pitch - 69) / 12)
    sound = np.zeros((2, size), np.float32)
    for share, kind in _shares(player):
        sound += np.float32(share) * kind(hz, size, player, force)
    if player.breath > 0:
        sound += np.float32(BREATH * player.breath**1.5) * _blown(size, player)
    sound[:, :EASE] *= np.linspace(0, 1, EASE, dtype=np.float32)
    return sound


def _shares(player: Player) -> Iterator[tuple[float, "_Kind"]]:
    oscillator = max(0.0, 1 - player.string - player.fm - player.bar)
    shares = ((oscillator, _filtered), (player.fm, _shaken), (player.string, _plucked), (player.bar, _struck))
    norm = sum(share**2 for share, _ in shares) ** 0.5
    yield from ((share / norm, kind) for share, kind in shares if share / norm > TOUCH)


def _filtered(hz: float, size: int, player: Player, force: float) -> Stereo:
    return tone(hz, size, player, force) * _swell(size, player)


def _shaken(hz: float, size: int, player: Player, force: float) -> Stereo:
    return shaken(hz, size, player, force) * _swell(size, player)


def _plucked(hz: float, size: int, player: Player, force: float) -> Stereo:
    if player.width < DOUBLED:
        return pluck(hz, size, player, force)[None]
    apart = 1 + PAIR * player.width / 2
    return np.stack([pluck(hz / apart, size, player, force), pluck(hz * apart, size, player, force)])


def _struck(hz: float, size: int, player: Player, force: float) -> Stereo:
    return strike(hz, size, player, force)[None]


_Kind = Callable[[float, int, Player, float], Stereo]


def _blown(size: int, player: Player) -> Stereo:
    """Air, or a bow's rustle where there is a body to it: all the while, and more of it as the tone begins."""
    swell = _swell(size, player)
    swell *= 0.6 + 1.2 * np.exp(-_seconds(size) * np.float32(1 / 0.06))
    bowed = np.float32(min(1.0, 2 * player.body))
    rustle = np.sqrt(1 - bowed) * _hiss(*AIR)[:, :size] + np.sqrt(bowed) * _hiss(*BOW)[:, :size]
    return np.asarray(rustle * swell, np.float32)


def _swell(size: int, player: Player) -> Mono:
    """How loud a held tone is: it rises, falls, and stays."""
    seconds = _seconds(size)
    swell = np.exp(seconds * np.float32(-1 / decay_seconds(player)))
    swell *= np.float32(1 - player.sustain)
    swell += np.float32(player.sustain)
    swell *= 1 - np.exp(seconds * np.float32(-3 / attack_seconds(player)))
    return np.asarray(swell, np.float32)


def _ended(sound: Stereo, note: Note, release: float) -> Stereo:
    """The note's own piece: as loud as it is played, and let go of at its end."""
    size = sound.shape[-1]
    loud = np.full(size, note.velocity, np.float32)
    if note.length < size:
        loud[note.length :] *= np.exp(_seconds(size - note.length) * np.float32(-1 / release))
    loud[-FADE:] *= np.linspace(1, 0, FADE, dtype=np.float32)
    return sound * loud


@cache
def _hiss(low: int, high: int) -> Stereo:
    size = round(LONGEST_SECONDS * SAMPLE_RATE) + FADE
    return np.stack([band(noise(size, 4), low, high), band(noise(size, 5), low, high)])


def _seconds(size: int) -> Mono:
    return np.arange(size, dtype=np.float32) * np.float32(1 / SAMPLE_RATE)
