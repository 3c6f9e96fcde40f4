"""What a prompt comes down to: numbers that can travel from one prompt's to another's."""

from dataclasses import dataclass, fields, replace
from typing import TypeVar

Steps = tuple[float, ...]
"""One strength, 0..1, for each of the loop's 32 sixteenths."""


@dataclass(frozen=True, slots=True)
class Player:
    """One part of the band and its instrument. All 0..1 but for the register."""

    level: float
    density: float  # how weak a beat of the groove is still played
    register: float  # MIDI note the part plays around
    length: float  # of a note, from a touch to held until the next
    attack: float
    decay: float
    sustain: float
    brightness: float
    bloom: float  # how much brighter a note begins than it goes on
    hollow: float  # odd harmonics only, as in a clarinet
    metal: float  # share of a bell's stretched partials
    breath: float
    vibrato: float
    width: float  # detuned doubles to the left and right


@dataclass(frozen=True, slots=True)
class Kit:
    """The drums. All 0..1."""

    level: float
    density: float
    weight: float  # of the kick, from a tap to a long boom
    crack: float  # of the snare, from a brush to a crack
    clap: float  # share of hand claps in the snare
    shine: float  # of the hats, from a tick to a long sizzle
    dust: float  # crackle and hiss of an old record


@dataclass(frozen=True, slots=True)
class Feel:
    """Time, harmony and room. All 0..1."""

    swing: float  # 1 delays every second sixteenth to a triplet
    mode: float  # Phrygian, Aeolian, Dorian, Mixolydian, Ionian, Lydian
    colour: float  # sevenths and ninths on the chords
    third: float  # 0 leaves bare fifths
    span: float  # how far the melody strays
    pump: float  # how much the kick pushes the rest down
    room: float
    echo: float
    drive: float
    tilt: float  # 0 dark, 1 bright


@dataclass(frozen=True, slots=True)
class Groove:
    """How strongly each part feels each sixteenth."""

    kick: Steps
    snare: Steps
    hat: Steps
    bass: Steps
    chords: Steps
    lead: Steps


@dataclass(frozen=True, slots=True)
class Parameters:
    kit: Kit
    bass: Player
    chords: Player
    pad: Player
    lead: Player
    feel: Feel
    groove: Groove
    motif: Steps  # the melody's shape, -1..1

    def toward(self, other: "Parameters", *, sound: float, groove: float) -> "Parameters":
        """On the way to `other`: its sound and its groove at their own pace."""
        return Parameters(
            kit=_between(self.kit, other.kit, sound),
            bass=_between(self.bass, other.bass, sound),
            chords=_between(self.chords, other.chords, sound),
            pad=_between(self.pad, other.pad, sound),
            lead=_between(self.lead, other.lead, sound),
            feel=_between(self.feel, other.feel, sound),
            groove=_between_grooves(self.groove, other.groove, groove),
            motif=_between_steps(self.motif, other.motif, sound),
        )


def blend(a: Parameters, b: Parameters, alpha: float) -> Parameters:
    """From `a` at alpha 0 to `b` at alpha 1. The rhythm section goes first and the melody last."""
    return Parameters(
        kit=_between(a.kit, b.kit, alpha**0.8),
        bass=_between(a.bass, b.bass, alpha**0.9),
        chords=_between(a.chords, b.chords, alpha),
        pad=_between(a.pad, b.pad, alpha),
        lead=_between(a.lead, b.lead, alpha**1.25),
        feel=_between(a.feel, b.feel, alpha),
        groove=_between_grooves(a.groove, b.groove, alpha),
        motif=_between_steps(a.motif, b.motif, alpha**1.25),
    )


AllFloats = TypeVar("AllFloats", Player, Kit, Feel)


def _between(a: AllFloats, b: AllFloats, t: float) -> AllFloats:
    return replace(a, **{f.name: _mid(getattr(a, f.name), getattr(b, f.name), t) for f in fields(a)})


def _between_grooves(a: Groove, b: Groove, t: float) -> Groove:
    return Groove(**{f.name: _between_steps(getattr(a, f.name), getattr(b, f.name), t) for f in fields(a)})


def _between_steps(a: Steps, b: Steps, t: float) -> Steps:
    return tuple(_mid(x, y, t) for x, y in zip(a, b, strict=True))


def _mid(a: float, b: float, t: float) -> float:
    """Exactly `a` at 0 and exactly `b` at 1, which a + t * (b - a) is not."""
    return (1 - t) * a + t * b
