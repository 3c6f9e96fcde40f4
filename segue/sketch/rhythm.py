"""What a take leaves to chance, and which beats of a groove are played how hard."""

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from segue.audio.grid import SAMPLE_RATE, STEP, STEPS
from segue.sketch.parameters import Feel, Groove, Steps

Floats = npt.NDArray[np.float64]

SOFTEST = 0.06  # velocity below which a note is left out
FADE_IN = 0.3  # strength above the threshold at which a note reaches full velocity
LUCK = 0.2  # how far a take's dice move a beat's strength
BARE = 0.25  # how much stronger a beat must be to be played when there is no detail
GHOST = 0.42  # velocity of the luckiest ghost note at full detail
FILL_FROM = STEPS - 4  # a fill is the last beat
FILL = 0.6  # strength it gains
STEADY = ("kick", "open")  # lines without ghosts or fills
LOOSE_SECONDS = 0.011  # how far the loosest player strays from the grid
ON_THE_BEAT = 0.3  # share of it on a beat
TURNS = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True, slots=True)
class Luck:
    """A take's dice, thrown once whatever the parameters, so that clips along the fader are one family."""

    beats: dict[str, Floats]  # line -> one for each step, -1..1
    late: dict[str, Floats]  # line -> one for each step, -1..1
    motif: Floats
    choice: float
    turns: tuple[float, ...]

    @classmethod
    def of(cls, dice: np.random.Generator) -> "Luck":
        lines = [field.name for field in fields(Groove)]
        beats = {line: dice.uniform(-1, 1, STEPS) for line in lines}
        late = {line: dice.uniform(-1, 1, STEPS) for line in lines}
        turns = tuple(float(turn) for turn in dice.permutation(TURNS))
        return cls(beats, late, dice.uniform(-1, 1, STEPS), float(dice.random()), turns)


def velocities(felt: Steps, line: str, density: float, detail: float, luck: Luck) -> Steps:
    """How hard each step is played, 0 for not at all. All of it moves smoothly with the parameters.

    `detail` (0..1) brings out weak beats, ghost notes and a fill in the last beat.
    """
    dice = luck.beats[line]
    strength = np.array(felt) * (1 + LUCK * dice)
    ghosts = np.zeros(STEPS)
    if line not in STEADY:
        eagerness = detail * density * min(1.0, 3 * float(np.mean(felt)))
        strength[FILL_FROM:] += FILL * eagerness * np.maximum(0, dice[FILL_FROM:])
        ghosts = GHOST * eagerness * np.maximum(0, dice)
    threshold = 0.7 * (1 - density) + BARE * (1 - detail)
    over = np.clip((strength - threshold) / FADE_IN, 0, 1)
    played = np.minimum(1, np.maximum(over * (0.35 + 0.65 * strength), ghosts))
    return tuple(float(velocity) if velocity > SOFTEST else 0.0 for velocity in played)


def lengths(played: Steps, share: float) -> list[tuple[int, int]]:
    """The played steps, each with its length in samples: a share of the way to the next."""
    steps = [step for step in range(STEPS) if played[step] > 0]
    if not steps:
        return []
    return [
        (step, round((following - step) * STEP * share)) for step, following in pairwise([*steps, steps[0] + STEPS])
    ]


def moment(step: int, line: str, feel: Feel, luck: Luck) -> int:
    """The sample at which a step is played: swung, and as loosely as people play."""
    swung = feel.swing * STEP / 3 if step % 2 else 0.0  # full swing: on the last third of its pair
    loose = feel.loose * LOOSE_SECONDS * SAMPLE_RATE * float(luck.late[line][step])
    if step % 4 == 0:
        loose *= ON_THE_BEAT
    return step * STEP + round(swung + loose)
