"""Keys, scales and chords, as pitch classes above a tonic."""

from collections.abc import Mapping, Sequence

from segue.sketch.parameters import Feel, Harmony, Progression

NOTES = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")

MODES = (  # semitones above the tonic, from dark to bright: neighbours differ by one note
    (0, 1, 3, 5, 7, 8, 10),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 2, 3, 5, 7, 9, 10),
    (0, 2, 4, 5, 7, 9, 10),
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 4, 6, 7, 9, 11),
)
Scale = Sequence[int]

SCALE_NAMES: Mapping[tuple[int, ...], str] = {
    (0, 1, 3, 5, 7, 8, 10): "phrygian",
    (0, 2, 3, 5, 7, 8, 10): "minor",
    (0, 2, 3, 5, 7, 9, 10): "dorian",
    (0, 2, 4, 5, 7, 9, 10): "mixolydian",
    (0, 2, 4, 5, 7, 9, 11): "major",
    (0, 2, 4, 6, 7, 9, 11): "lydian",
    (0, 2, 3, 5, 7, 8, 11): "harmonic minor",
    (0, 2, 3, 5, 7, 9, 11): "melodic minor",
    (0, 1, 3, 5, 7, 8, 11): "neapolitan minor",
    (0, 1, 4, 5, 7, 8, 10): "hijaz",
    (0, 1, 4, 5, 7, 8, 11): "double harmonic",
}
MAJOR_GAPS, MINOR_GAPS = (3, 6), (1, 5)
"""Degrees that the five-note scales leave out."""
TRITONE = 6


def scale_of(feel: Feel) -> Scale:
    """The seven notes, rising from the tonic."""
    scale = list(MODES[round(feel.mode * (len(MODES) - 1))])
    if feel.spice > 0.5:
        scale[1], scale[2], scale[5] = 1, 4, 8
        scale[3] = 5
    if feel.leading > 0.5:
        scale[6] = 11
    return scale


def key_name(note: str, scale: Scale) -> str:
    """Such as `E dorian`."""
    return f"{note} {SCALE_NAMES.get(tuple(scale), '')}".strip()


def gaps_of(scale: Scale) -> tuple[int, int]:
    """The degrees a five-note melody avoids."""
    return MAJOR_GAPS if scale[2] == 4 else MINOR_GAPS


def progression_of(harmony: Harmony, choice: float, turns: Sequence[float], scale: Scale) -> Progression:
    """The chord of each half bar.

    `choice` (0..1) picks one of each side's progressions; `turns` (0..1) say when each half bar goes over from one side
    to the other. A chord with a flat fifth gives way to its third, which shares two of its notes.
    """
    chosen = [(options[int(choice * len(options))], weight) for options, weight in harmony.sides]
    degrees = []
    for half_bar, turn in enumerate(turns):
        passed = 0.0
        for progression, weight in chosen:
            passed += weight
            degree = progression[half_bar]
            if passed > turn:
                break
        flat = (_note(scale, degree + 4) - _note(scale, degree)) == TRITONE
        degrees.append((degree + 2) % len(scale) if flat else degree)
    return tuple(degrees)


def settled(harmony: Harmony) -> Harmony:
    """The same progressions with the tonic for at least half of the time: who names a key wants to hear it."""
    return Harmony(tuple((tuple(_settled(each) for each in options), weight) for options, weight in harmony.sides))


def _settled(progression: Progression) -> Progression:
    return progression if progression.count(0) > 1 else (0, 0, *progression[2:])


def _note(scale: Scale, degree: int) -> int:
    octave, step = divmod(degree, len(scale))
    return 12 * octave + scale[step]
