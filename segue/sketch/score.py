"""What everyone plays, written out. Times are in samples; what begins past the loop's end begins anew at its start."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke of a drum."""

    start: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Note:
    """One pitch (MIDI) of one part."""

    start: int
    length: int
    pitch: float
    velocity: float


@dataclass(frozen=True, slots=True)
class Score:
    """Hits by the groove's line, notes by the player's name."""

    hits: dict[str, list[Hit]]
    notes: dict[str, list[Note]]
