"""What a prompt comes down to: numbers that can travel from one prompt's to another's.

All are 0..1 but for registers (MIDI notes) and melodies (-1..1), so any two prompts have a middle.
"""

from dataclasses import dataclass, fields, replace
from typing import TypeVar

Steps = tuple[float, ...]
"""One number for each of the loop's 32 sixteenths."""
Progression = tuple[int, ...]
"""The degree of the scale, 0..6, that the chord of each half bar stands on."""


@dataclass(frozen=True, slots=True)
class Player:
    """One melodic part of the band: how it plays, and how its instrument sounds."""

    level: float
    density: float  # how weak a beat of the groove is still played
    register: float  # MIDI note the part plays around
    length: float  # of a note, from a touch to left ringing
    strum: float  # how far a chord's notes are spread in time
    broken: float  # how much a chord is played one note at a time

    string: float  # share of a plucked or struck string
    fm: float  # share of a sine shaken by another
    bar: float  # share of a struck bar or bell; an oscillator has what these three leave

    attack: float
    decay: float
    sustain: float
    brightness: float
    bloom: float  # how much brighter a note begins than it goes on
    resonance: float  # a peak where the oscillator's filter closes
    hollow: float  # odd harmonics only, as in a clarinet
    pipes: float  # harmonics an octave apart, as in an organ
    metal: float  # from wood to a bell
    body: float  # how strongly a wooden body shapes it
    voice: float  # how strongly a mouth shapes it
    vowel: float  # of that mouth, from oo through ah to ee

    breath: float
    vibrato: float
    tremolo: float
    width: float  # detuned doubles to the left and right
    grit: float  # overdriven, through a loudspeaker


@dataclass(frozen=True, slots=True)
class Kit:
    """The drums and hand percussion."""

    level: float
    density: float
    kick: float  # level
    snare: float  # level
    hat: float  # level
    machine: float  # from skins to circuits
    weight: float  # of the kick, from a tap to a long boom
    crack: float  # of the snare, from a tap to a crack
    brush: float  # share of brushes in the snare
    clap: float  # share of hand claps in the snare
    rim: float  # share of a stick across the rim in the snare
    shine: float  # of the hats, from a tick to a long sizzle
    ride: float  # share of a ride cymbal in the hats
    open: float  # level of open hats
    shaker: float  # level
    toms: float  # level
    perc: float  # level of hand percussion
    skin: float  # share of skins in it, such as congas
    bell: float  # share of cowbells; wood has what skins and bells leave
    tune: float  # how high it is tuned
    roll: float  # thirty-seconds between the hats


@dataclass(frozen=True, slots=True)
class Feel:
    """Time, harmony and room."""

    swing: float  # 1 delays every second sixteenth to a triplet
    loose: float  # how far from the grid people play
    mode: float  # Phrygian, Aeolian, Dorian, Mixolydian, Ionian, Lydian
    spice: float  # a major third over a flat second, as in hijaz
    leading: float  # a raised seventh, as in harmonic minor
    gaps: float  # melodies keep to five notes
    blue: float  # and lean on flat thirds and fifths
    colour: float  # sevenths and ninths on the chords
    third: float  # 0 leaves bare fifths
    span: float  # how far melodies stray
    leap: float  # and how far they jump
    walk: float  # the bass walks from chord to chord
    octaves: float  # or jumps by octaves
    pump: float  # how much the kick pushes the rest down
    room: float  # how much of it is heard
    hall: float  # and how large it is
    echo: float
    drive: float
    tilt: float  # 0 dark, 1 bright
    wobble: float  # of a worn tape
    glue: float  # how hard the whole is pressed together


@dataclass(frozen=True, slots=True)
class Scene:
    """Levels of what else is there: weather, places, machines."""

    rain: float
    sea: float
    wind: float
    fire: float
    thunder: float
    drops: float
    birds: float
    crickets: float
    vinyl: float
    hiss: float
    typing: float
    clock: float
    alarm: float
    chimes: float
    crowd: float
    laughter: float
    breathing: float
    engine: float
    train: float


@dataclass(frozen=True, slots=True)
class Groove:
    """How strongly each part feels each sixteenth."""

    kick: Steps
    snare: Steps
    hat: Steps
    open: Steps
    shaker: Steps
    toms: Steps
    perc: Steps
    bass: Steps
    chords: Steps
    riff: Steps
    lead: Steps


@dataclass(frozen=True, slots=True)
class Harmony:
    """The progressions that each side of a blend may choose from, with its weight; the weights add up to 1."""

    sides: tuple[tuple[tuple[Progression, ...], float], ...]


@dataclass(frozen=True, slots=True)
class Parameters:
    kit: Kit
    bass: Player
    chords: Player
    pad: Player
    riff: Player
    lead: Player
    feel: Feel
    scene: Scene
    groove: Groove
    harmony: Harmony
    motif: Steps
    """The melody's shape, -1..1."""

    def toward(self, other: "Parameters", *, sound: float, groove: float) -> "Parameters":
        """On the way to `other`: its sound and its groove at their own pace."""
        return _travel(self, other, dict.fromkeys(PACE, sound), groove)


PLAYERS = ("bass", "chords", "pad", "riff", "lead")
PACE = {"kit": 0.8, "bass": 0.9, "chords": 1.0, "pad": 1.0, "riff": 1.1, "lead": 1.25, "rest": 1.0}
"""Powers of alpha: the rhythm section goes first and the melody last."""


def blend(a: Parameters, b: Parameters, alpha: float) -> Parameters:
    """From `a` at alpha 0 to `b` at alpha 1."""
    return _travel(a, b, {part: alpha**power for part, power in PACE.items()}, alpha)


def _travel(a: Parameters, b: Parameters, ways: dict[str, float], groove: float) -> Parameters:
    return Parameters(
        kit=_hand_over(a.kit, b.kit, ways["kit"]),
        bass=_hand_over(a.bass, b.bass, ways["bass"]),
        chords=_hand_over(a.chords, b.chords, ways["chords"]),
        pad=_hand_over(a.pad, b.pad, ways["pad"]),
        riff=_hand_over(a.riff, b.riff, ways["riff"]),
        lead=_hand_over(a.lead, b.lead, ways["lead"]),
        feel=_between(a.feel, b.feel, ways["rest"]),
        scene=_between(a.scene, b.scene, ways["rest"]),
        groove=_between_grooves(a.groove, b.groove, groove),
        harmony=_either(a.harmony, b.harmony, ways["chords"]),
        motif=_between_steps(a.motif, b.motif, ways["lead"]),
    )


Part = TypeVar("Part", Player, Kit)
AllFloats = TypeVar("AllFloats", Player, Kit, Feel, Scene)


def _hand_over(a: Part, b: Part, t: float) -> Part:
    """Who is louder has more say in how it sounds: a part that one side lacks enters as the other side's own."""
    level = _mid(a.level, b.level, t)
    share = t * b.level / level if level else t
    return replace(_between(a, b, share), level=level)


def _between(a: AllFloats, b: AllFloats, t: float) -> AllFloats:
    return replace(a, **{f.name: _mid(getattr(a, f.name), getattr(b, f.name), t) for f in fields(a)})


def _between_grooves(a: Groove, b: Groove, t: float) -> Groove:
    return Groove(**{f.name: _between_steps(getattr(a, f.name), getattr(b, f.name), t) for f in fields(a)})


def _between_steps(a: Steps, b: Steps, t: float) -> Steps:
    return tuple(_mid(x, y, t) for x, y in zip(a, b, strict=True))


def _either(a: Harmony, b: Harmony, t: float) -> Harmony:
    sides = [(options, (1 - t) * weight) for options, weight in a.sides]
    sides += [(options, t * weight) for options, weight in b.sides]
    return Harmony(tuple((options, weight) for options, weight in sides if weight))


def _mid(a: float, b: float, t: float) -> float:
    """Exactly `a` at 0 and exactly `b` at 1, which a + t * (b - a) is not."""
    return (1 - t) * a + t * b
