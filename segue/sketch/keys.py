"""Keys, tempos and metres that a prompt names: `in A minor`, `F# dorian`, `Cm`, `140 bpm`, `3/4`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

from segue.audio.grid import BPM

CLASSES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}  # h as in German
SHARPS, FLATS = ("#", "♯", "sharp"), ("b", "♭", "flat")
# Mode, spice and leading of `Feel`.
MODES: Mapping[str, Mapping[str, float]] = {
    name: {"feel.mode": mode, "feel.spice": spice, "feel.leading": leading}
    for names, mode, spice, leading in (
        ("major maj dur ionian", 0.8, 0.0, 0.0),
        ("minor min moll aeolian m", 0.2, 0.0, 0.0),
        ("dorian", 0.4, 0.0, 0.0),
        ("phrygian", 0.0, 0.0, 0.0),
        ("lydian", 1.0, 0.0, 0.0),
        ("mixolydian", 0.6, 0.0, 0.0),
        ("hijaz", 0.0, 1.0, 0.0),
    )
    for name in names.split()
}
_ACCIDENTAL = r"(?P<accidental>\s?(?:sharp|flat)\b|[#♯♭]|b(?![a-z]))?"
NAMED = (
    # With its mode. The article is a key where `in` comes before it, or nothing after.
    re.compile(
        rf"\b(?P<in>in\s+(?:the\s+key\s+of\s+)?|key\s+of\s+)?(?P<note>[A-Ga-g]){_ACCIDENTAL}[\s-]+"
        rf"(?P<mode>{'|'.join(mode for mode in MODES if len(mode) > 1)})\b(?!\s+(?:key|scale|mode|mood|chords?)\b)",
        re.IGNORECASE,
    ),
    # As on a chord sheet: Am, F#m7, Cmaj7.
    re.compile(r"\b(?P<in>in\s+)?(?P<note>[A-G])(?P<accidental>[#♯♭b])?(?P<mode>m(?:aj|in)?)[679]{0,2}\b"),
    # Alone, at the end of a clause: in E, key of B flat.
    re.compile(rf"\b(?P<in>in|key\s+of)\s+(?P<note>[A-H]){_ACCIDENTAL}(?P<mode>)(?=\s*(?:$|[,.;:!?)\]|]))"),
)
ENDS_A_CLAUSE = re.compile(r"\s*(?:$|[,.;:!?)\]|])")
TEMPO = re.compile(r"\b(\d{2,3})\s*-?\s*(?:bpm|beats?\s+(?:per|a)\s+minute)\b", re.IGNORECASE)
SLOWEST, FASTEST = 30, 300
METRE = re.compile(r"(?<![\d/.])(\d{1,2}/(?:2|4|8|16))(?![\d/])")


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class, 0 = C), its name as it was written and, where it was said, the numbers of its scale."""

    tonic: int
    name: str
    scale: Mapping[str, float] | None


def key_in(prompt: str) -> tuple[Key | None, str]:
    """The first key a prompt names, and the prompt without it."""
    for pattern in NAMED:
        for match in pattern.finditer(prompt):
            if match["note"] == "a" and not match["in"] and not ENDS_A_CLAUSE.match(prompt[match.end() :]):
                continue
            accidental = (match["accidental"] or "").strip().lower()
            shift = (accidental in SHARPS) - (accidental in FLATS)
            tonic = (CLASSES[match["note"].lower()] + shift) % 12
            mode = match["mode"].lower()
            name = match["note"].upper().replace("H", "B") + {1: "♯", -1: "♭"}.get(shift, "")
            return Key(tonic, name, MODES[mode] if mode else None), prompt[: match.start()] + " " + prompt[
                match.end() :
            ]
    return None, prompt


def tempo_in(prompt: str) -> tuple[int | None, str]:
    """The tempo a prompt names, in beats a minute, and the prompt without it."""
    match = TEMPO.search(prompt)
    if match is None or not SLOWEST <= int(match[1]) <= FASTEST:
        return None, prompt
    return int(match[1]), prompt[: match.start()] + " " + prompt[match.end() :]


def metre_in(prompt: str) -> tuple[str | None, str]:
    """The metre a prompt names, such as `3/4`, and the prompt without it."""
    match = METRE.search(prompt)
    if match is None:
        return None, prompt
    return match[1], prompt[: match.start()] + " " + prompt[match.end() :]


def haste(tempo: int) -> float:
    """How fast a tempo feels beside the grid's own, -1 (half of it, or less) to 1 (twice, or more)."""
    return max(-1.0, min(1.0, log2(tempo / BPM)))
