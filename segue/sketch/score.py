"""Parameters and a seed, written out as notes."""

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from segue.audio.grid import STEP, STEPS
from segue.sketch.parameters import Feel, Groove, Parameters, Player, Steps
from segue.sketch.seeds import Seed

Floats = npt.NDArray[np.float64]

MODES = (  # semitones above the tonic, from dark to bright: neighbours differ by one note
    (0, 1, 3, 5, 7, 8, 10),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 2, 3, 5, 7, 9, 10),
    (0, 2, 4, 5, 7, 9, 10),
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 4, 6, 7, 9, 11),
)
PROGRESSIONS = (  # the degree each half bar's chord stands on
    (0, 0, 5, 5),
    (0, 5, 3, 4),
    (0, 3, 0, 4),
    (0, 0, 3, 3),
    (0, 2, 5, 3),
    (0, 6, 5, 4),
    (0, 0, 0, 3),
)
STEPS_PER_CHORD = STEPS // 4

SOFTEST = 0.06  # velocity below which a note is left out
FADE_IN = 0.3  # strength above the threshold at which a note reaches full velocity
LUCK = 0.22  # how far a take's dice move a beat's strength
BARE = 0.3  # how much stronger a beat must be to be played when there is no detail
GHOST = 0.45  # velocity of the luckiest ghost note at full detail
FILL_FROM = STEPS - 4  # a fill is the last beat
FILL = 0.6  # strength it gains
TAKE_IN_MOTIF = 0.5
FIFTH_FROM, OCTAVE_FROM = 0.5, 0.75  # dice that lead the bass away from the root
MELODY_SPAN = 11  # semitones either side of the register, at full span


@dataclass(frozen=True, slots=True)
class Hit:
    start: int  # samples
    velocity: float


@dataclass(frozen=True, slots=True)
class Note:
    """One or more pitches struck together. Times in samples; a note past the loop's end wraps round."""

    start: int
    length: int
    pitches: tuple[float, ...]  # MIDI
    velocities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Score:
    kick: list[Hit]
    snare: list[Hit]
    hat: list[Hit]
    bass: list[Note]
    chords: list[Note]
    pad: list[Note]
    lead: list[Note]


@dataclass(frozen=True, slots=True)
class Luck:
    """A take's dice, thrown once whatever the parameters, -1..1."""

    beats: dict[str, Floats]  # part -> one for each step
    motif: Floats
    progression: int

    @classmethod
    def of(cls, dice: np.random.Generator) -> "Luck":
        beats = {field.name: dice.uniform(-1, 1, STEPS) for field in fields(Groove)}
        return cls(beats, dice.uniform(-1, 1, STEPS), int(dice.integers(len(PROGRESSIONS))))


def compose(parameters: Parameters, seed: Seed, detail: float, luck: Luck) -> Score:
    """What everyone plays. `detail` (0..1) brings ghost notes and a fill."""
    writer = _Writer(parameters, seed, detail, luck)
    return Score(
        kick=writer.hits("kick"),
        snare=writer.hits("snare"),
        hat=writer.hits("hat"),
        bass=writer.bass(),
        chords=writer.chords(),
        pad=writer.pad(),
        lead=writer.lead(),
    )


class _Writer:
    def __init__(self, parameters: Parameters, seed: Seed, detail: float, luck: Luck) -> None:
        self.parameters = parameters
        self.detail = detail
        self.luck = luck
        mode = MODES[round(parameters.feel.mode * (len(MODES) - 1))]
        self.scale = [seed.tonic + semitones for semitones in mode]
        self.progression = PROGRESSIONS[luck.progression]

    def hits(self, part: str) -> list[Hit]:
        velocities = self._velocities(part, self.parameters.kit.density)
        return [Hit(self._time(step), velocities[step]) for step in range(STEPS) if velocities[step] > 0]

    def bass(self) -> list[Note]:
        """Roots on the strong beats; elsewhere the dice may ask for the fifth or the octave."""
        player = self.parameters.bass
        velocities = self._velocities("bass", player.density)
        notes = []
        for step, length in self._lengths(velocities, player):
            chord, dice = self._chord(step), self.luck.beats["bass"][step]
            pitch = _near(self._degree(chord), player.register)
            if step % 4 and dice > OCTAVE_FROM:
                pitch += 12
            elif step % 4 and dice > FIFTH_FROM:
                pitch = _near(self._degree(chord + 4), player.register)
            notes.append(Note(self._time(step), length, (pitch,), (velocities[step],)))
        return notes

    def chords(self) -> list[Note]:
        player = self.parameters.chords
        velocities = self._velocities("chords", player.density)
        return [
            self._chord_note(step, length, player, velocities[step])
            for step, length in self._lengths(velocities, player)
        ]

    def pad(self) -> list[Note]:
        player = self.parameters.pad
        changes = [step for step in range(0, STEPS, STEPS_PER_CHORD) if self._changes(step)]
        return [
            self._chord_note(step, (following - step) * STEP, player, 1.0)
            for step, following in pairwise([*changes, STEPS + changes[0]])
        ]

    def lead(self) -> list[Note]:
        """The prompt's motif and the take's dice draw a line; it is sung on chord notes on the beat."""
        player, feel = self.parameters.lead, self.parameters.feel
        velocities = self._velocities("lead", player.density)
        line = (1 - TAKE_IN_MOTIF) * np.array(self.parameters.motif) + TAKE_IN_MOTIF * self.luck.motif
        notes = []
        for step, length in self._lengths(velocities, player):
            wish = player.register + (0.25 + feel.span) * MELODY_SPAN * line[step]
            degrees = self._chord_degrees(step, 3) if step % 4 == 0 else range(len(self.scale))
            near = [_near(self._degree(degree), wish) for degree in degrees]
            pitch = near[int(np.argmin(np.abs(np.array(near) - wish)))]
            notes.append(Note(self._time(step), length, (pitch,), (velocities[step],)))
        return notes

    def _chord_note(self, step: int, length: int, player: Player, velocity: float) -> Note:
        feel = self.parameters.feel
        shares = (1.0, feel.third, 0.9, feel.colour, max(0.0, 2 * feel.colour - 1))
        tones = [
            (_near(self._degree(degree), player.register), velocity * share)
            for degree, share in zip(self._chord_degrees(step, len(shares)), shares, strict=True)
            if share > 0
        ]
        pitches, velocities = zip(*tones, strict=True)
        return Note(self._time(step), length, pitches, velocities)

    def _velocities(self, part: str, density: float) -> Steps:
        """How hard each step is played; 0 is not at all. All of it moves smoothly with the parameters."""
        felt = np.array(getattr(self.parameters.groove, part))
        luck = self.luck.beats[part]
        strength = felt * (1 + LUCK * luck)
        ghosts = np.zeros(STEPS)
        if part != "kick":
            eagerness = self.detail * density * min(1.0, 3 * felt.mean())
            strength[FILL_FROM:] += FILL * eagerness * np.maximum(0, luck[FILL_FROM:])
            ghosts = GHOST * eagerness * np.maximum(0, luck)
        threshold = 0.7 * (1 - density) + BARE * (1 - self.detail)
        over = np.clip((strength - threshold) / FADE_IN, 0, 1)
        velocities = np.maximum(over * (0.35 + 0.65 * strength), ghosts)
        return tuple(float(v) if v > SOFTEST else 0.0 for v in np.minimum(1, velocities))

    def _lengths(self, velocities: Steps, player: Player) -> list[tuple[int, int]]:
        """The played steps, each with its length in samples: a share of the way to the next."""
        played = [step for step in range(STEPS) if velocities[step] > 0]
        if not played:
            return []
        share = 0.15 + 0.85 * player.length
        return [
            (step, round((following - step) * STEP * share))
            for step, following in pairwise([*played, played[0] + STEPS])
        ]

    def _time(self, step: int) -> int:
        return step * STEP + _swing(self.parameters.feel, step)

    def _chord(self, step: int) -> int:
        return self.progression[step // STEPS_PER_CHORD]

    def _changes(self, step: int) -> bool:
        return step == 0 or self._chord(step) != self._chord(step - 1)

    def _chord_degrees(self, step: int, size: int) -> list[int]:
        return [self._chord(step) + 2 * third for third in range(size)]

    def _degree(self, degree: int) -> int:
        return self.scale[degree % len(self.scale)]


def _swing(feel: Feel, step: int) -> int:
    """Full swing puts every second sixteenth on the last third of its pair."""
    return round(feel.swing * STEP / 3) if step % 2 else 0


def _near(pitch_class: float, register: float) -> float:
    """That note in the octave around the register."""
    return pitch_class + 12 * round((register - pitch_class) / 12)
