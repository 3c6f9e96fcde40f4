"""The score played, balanced, put in a room and brought to level."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from segue.sketch.circle import lay, silence
from segue.sketch.drums import STROKES
from segue.sketch.effects import driven, echoed, overdriven, presence, pressed, pump, roomy, trembled, wobbled
from segue.sketch.instruments import perform
from segue.sketch.level import to_level
from segue.sketch.parameters import PLAYERS, Kit, Parameters, Player
from segue.sketch.scenes import scenery
from segue.sketch.score import Hit, Note, Score

Stereo = npt.NDArray[np.float32]

FADING = 0.25  # level below which a part goes
MUTE = 0.02  # a part quieter than this is not played
LAYERS = 3  # how many degrees of force a drum is struck with
# How loud each part is at full level, and where it stands: -1 left, 1 right.
PARTS = {"bass": (0.24, 0.0), "chords": (0.2, -0.22), "pad": (0.14, 0.0), "riff": (0.16, 0.32), "lead": (0.24, 0.06)}
DRUMS = {
    "kick": (0.75, 0.0),
    "snare": (0.4, 0.05),
    "hat": (0.17, -0.28),
    "open": (0.15, -0.28),
    "shaker": (0.22, 0.4),
    "toms": (0.5, 0.15),
    "perc": (0.4, 0.35),
}
ROOM_OF_KIT, ROOM_OF_BASS, ROOM_OF_BAND, ROOM_OF_SCENE = 0.35, 0.1, 1.0, 0.3
SCENE = 0.5
AHEAD, NEARLY = 220, 20  # samples: 5 ms, and half of one


def mix(score: Score, parameters: Parameters, tonic: int) -> Stereo:
    """The finished loop, shape (LOOP_SAMPLES, 2): -14 LUFS, peaks below -1 dBFS, no DC.

    Until then the two sides lie one after the other, shape (2, samples), which is quicker to work on.
    """
    p = parameters
    played = {part: _part(part, score.notes[part], getattr(p, part)) for part in PLAYERS}
    bass = played.pop("bass")
    band = sum(played.values(), start=silence())
    band += echoed(played["lead"] + played["riff"], p.feel.echo)
    kit = _kit(score, p.kit, tonic)
    pushed = pump(score.hits["kick"], p.feel.pump * min(1.0, 2 * p.kit.level))
    bass *= pushed
    band *= pushed
    if p.feel.wobble > 0:
        band = wobbled(band, p.feel.wobble)
    whole = [
        (kit, ROOM_OF_KIT),
        (driven(bass, p.feel.drive), ROOM_OF_BASS),
        (driven(band, p.feel.drive), ROOM_OF_BAND),
        (SCENE * scenery(p.scene), ROOM_OF_SCENE),
    ]
    out = roomy(whole, p.feel.room, p.feel.hall, p.feel.tilt)
    return np.ascontiguousarray(_cut(to_level(pressed(out, p.feel.glue))).T)


def _part(name: str, notes: Sequence[Note], player: Player) -> Stereo:
    """One player's part, as loud while it sounds as its level asks, whatever its instrument."""
    if player.level < MUTE or not notes:
        return silence()
    sound = perform(notes, player)
    if player.grit > 0:
        sound = overdriven(sound, player.grit)
    if player.tremolo > 0:
        sound = trembled(sound, player.tremolo)
    loud, pan = PARTS[name]
    return sound * _sides(loud * _fader(player.level) / (presence(sound) + 1e-9), pan)


def _kit(score: Score, kit: Kit, tonic: int) -> Stereo:
    out = silence()
    for drum, (loud, pan) in DRUMS.items():
        level = _fader(kit.level) * getattr(kit, drum)
        hits = score.hits[drum]
        if level < MUTE or not hits:
            continue
        strokes = {force: STROKES[drum](kit, force / LAYERS, tonic) for force in {_force(hit) for hit in hits}}
        sides = _sides(loud * level, pan)
        for hit in hits:
            lay(out, hit.start, strokes[_force(hit)] * (sides * np.float32(hit.velocity)))
    return out


def _fader(level: float) -> float:
    """How loud a level is: as on a desk, the last bit takes a part away altogether."""
    return float(level**1.4 * min(1.0, level / FADING) ** 1.5)


def _cut(loop: Stereo) -> Stereo:
    """The circle cut open where it begins, at the smallest step there is nearby.

    A stroke is heard where it is loudest, a little after it began: so all begins a little ahead of the beat.
    """
    around = loop[:, AHEAD - NEARLY - 1 : AHEAD + NEARLY]
    steps = np.abs(np.diff(around, axis=1)).max(axis=0)
    return np.roll(loop, -(AHEAD - NEARLY + int(np.argmin(steps))), axis=1)


def _force(hit: Hit) -> int:
    return 1 + min(LAYERS - 1, int(hit.velocity * LAYERS))


def _sides(loud: float, pan: float) -> Stereo:
    """Gains for the left and the right, shape (2, 1)."""
    return np.array([[loud * min(1.0, 1 - pan)], [loud * min(1.0, 1 + pan)]], np.float32)
