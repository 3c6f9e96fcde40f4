"""A prompt, understood as parameters.

Words that nobody knows colour what the others ask, each always alike; a prompt of nothing else still plays.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from segue.sketch.keys import MODES, Key, haste, key_in, metre_in, tempo_in
from segue.sketch.parameters import Feel, Groove, Harmony, Kit, Parameters, Player, Scene, Steps
from segue.sketch.vocabulary import GROOVES, STEPS, VOICES, Kind, Word
from segue.sketch.wishes import Wishes
from segue.sketch.words import Term, terms_of

FREE_GROOVES = ("backbeat", "four", "funk", "rock", "half", "ride", "latin", "skank", "broken", "boombap", "drift")
FREE_VOICES = (
    *("piano", "rhodes", "organ", "nylon", "steel", "clean", "harp", "strings", "marimba", "vibraphone", "kalimba"),
    *("flute", "clarinet", "trumpet", "choir", "saw", "square", "synthpluck", "glass", "moog", "koto", "accordion"),
)
STRANGE_SWAY = 0.20  # how far a prompt of only unknown words moves each number
MIXED_SWAY = 0.11  # one with known words among them
WORDY_SWAY = 0.05  # and one of known words only
ACCENT = 0.10  # how far a prompt's own accents move its groove
REGISTER_SWAY = 10  # semitones that go with a sway of 1
MAJOR_FROM = 0.5  # mode from which on a key without one is major
THIRD_OF_A_KEY = 0.9  # how clearly a key that is named is major or minor
REGISTERS = {"bass": (26, 50), "chords": (40, 84), "pad": (36, 84), "riff": (40, 96), "lead": (43, 96)}
# What no sway moves, since a little of it would be another instrument, key or place.
SETTLED = frozenset({"string", "fm", "bar", "pipes", "voice", "metal", "grit", "resonance", "mode", "spice", "leading"})


@dataclass(frozen=True)
class Reading:
    """What a prompt was understood to ask for."""

    terms: tuple[Term, ...]
    parameters: Parameters
    key: Key | None
    tempo: int | None
    metre: str | None


@lru_cache(maxsize=256)
def read(prompt: str) -> Reading:
    """The same reading for the same words. Case, accents and punctuation between words do not matter."""
    key, rest = key_in(prompt)
    tempo, rest = tempo_in(rest)
    metre, rest = metre_in(rest)
    terms = tuple(terms_of(rest))
    fingerprint = " ".join(term.text for term in terms) or prompt
    strange = [term.text for term in terms if term.word is None]
    wishes = Wishes(terms, [_stand_in(text) for text in strange])
    if tempo is not None:
        wishes.hurry(haste(tempo))
    if key is not None and (key.scale or wishes.numbers["feel.mode"] >= MAJOR_FROM):
        wishes.numbers |= key.scale or MODES["major"]
        wishes.numbers["feel.third"] = max(THIRD_OF_A_KEY, wishes.numbers["feel.third"])
    sway = WORDY_SWAY if not strange else MIXED_SWAY if len(strange) < len(terms) else STRANGE_SWAY
    return Reading(terms, _parameters(wishes, fingerprint, sway), key, tempo, metre)


def _stand_in(text: str) -> Word:
    """An unknown word takes up a groove and a few instruments of its own choosing."""
    choice = _choices(text)
    parts = {part: FREE_VOICES[next(choice) % len(FREE_VOICES)] for part in ("chords", "riff", "lead")}
    settings = {f"{part}.{name}": value for part, voice in parts.items() for name, value in VOICES[voice].items()}
    settings["riff.level"] = next(choice) % 2 * 0.4
    return Word(text, Kind.GENRE, settings, parts, FREE_GROOVES[next(choice) % len(FREE_GROOVES)])


def _parameters(wishes: Wishes, fingerprint: str, sway: float) -> Parameters:
    numbers = dict(wishes.numbers)
    for name, lean in zip(sorted(numbers), _leanings(fingerprint, len(numbers)), strict=True):
        if _sways(name, numbers[name]):
            numbers[name] += sway * lean * (REGISTER_SWAY if name.endswith(".register") else 1)

    def of(table: str, kind: type) -> dict[str, Any]:
        return {each.name: _within(numbers[f"{table}.{each.name}"], table, each.name) for each in fields(kind)}

    return Parameters(
        kit=Kit(**of("kit", Kit)),
        bass=Player(**of("bass", Player)),
        chords=Player(**of("chords", Player)),
        pad=Player(**of("pad", Player)),
        riff=Player(**of("riff", Player)),
        lead=Player(**of("lead", Player)),
        feel=Feel(**of("feel", Feel)),
        scene=Scene(**of("scene", Scene)),
        groove=_groove(wishes.grooves, fingerprint),
        harmony=Harmony(((wishes.harmony, 1.0),)),
        motif=tuple(_leanings(f"motif {fingerprint}", STEPS)),
    )


def _sways(name: str, value: float) -> bool:
    """What was asked for plainly, all or nothing, stays so."""
    table, number = name.split(".")
    return table != "scene" and number not in SETTLED and value > 0 and value != 1


def _within(value: float, table: str, number: str) -> float:
    low, high = REGISTERS[table] if number == "register" else (0, 1)
    return float(min(high, max(low, value)))


def _groove(grooves: Sequence[tuple[str, float]], fingerprint: str) -> Groove:
    """The grooves asked for, laid over one another by weight, with accents of the prompt's own."""
    total = sum(weight for _, weight in grooves)
    lines = {}
    for each in fields(Groove):
        felt = [0.0] * STEPS
        for name, weight in grooves:
            for step, strength in enumerate(getattr(GROOVES[name], each.name)):
                felt[step] += weight / total * strength
        accents = _leanings(f"{each.name} {fingerprint}", STEPS)
        lines[each.name] = _accented(felt, accents)
    return Groove(**lines)


def _accented(felt: Sequence[float], accents: Sequence[float]) -> Steps:
    return tuple(
        min(1.0, max(0.0, strength + ACCENT * accent)) if strength else 0.0
        for strength, accent in zip(felt, accents, strict=True)
    )


def _leanings(text: str, count: int) -> list[float]:
    choice = _choices(text)
    return [next(choice) / 0x7FFF_FFFF - 1 for _ in range(count)]


def _choices(text: str) -> Iterator[int]:
    """Whole numbers below 2**32, without end, that depend on nothing but the text."""
    block = 0
    while True:
        digest = hashlib.blake2b(f"{block} {text}".encode("utf-8", "surrogatepass")).digest()
        for start in range(0, len(digest), 4):
            yield int.from_bytes(digest[start : start + 4], "big")
        block += 1
