"""A prompt, read: known words set what they are about, unknown words choose by their letters, always alike.

A prompt that shares no word with the vocabulary still plays: its words stand in for a groove and instruments.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import lru_cache

from segue.sketch.parameters import Feel, Groove, Kit, Parameters, Player, Steps
from segue.sketch.vocabulary import ALIASES, DEFAULTS, GROOVES, MOODS, PLAYERS, VOICES, WORDS, Entry, Settings

FILLERS = frozenset({"a", "an", "and", "by", "for", "from", "in", "like", "music", "of", "on", "the", "to", "with"})
ENDINGS = ("s", "y", "ky", "ny", "ing", "ly")  # guitars, jazzy, funky, swinging
LONGEST_PHRASE = 3
FREE_GROOVES = (
    *("backbeat", "four", "funk", "rock", "half", "ride"),
    *("latin", "skank", "broken", "march", "toll", "drift"),
)

STRANGE_SWAY = 0.22  # how far a prompt of only unknown words moves each setting
MIXED_SWAY = 0.12  # one with known words among them
WORDY_SWAY = 0.06  # and one of known words only
ACCENT = 0.12  # how far a prompt's own accents move its groove
REGISTER_SWAY = 12  # semitones that go with a sway of 1
LOWEST_REGISTER, HIGHEST_REGISTER = 28, 90


@lru_cache(maxsize=256)
def read(prompt: str) -> Parameters:
    """The same parameters for the same words. Case, accents and punctuation between words do not matter."""
    words = _words(prompt)
    known = [entry for word in words if (entry := WORDS.get(word))]
    moods = [entry for word in words if (entry := MOODS.get(word))]
    strange = [word for word in words if word not in WORDS and word not in MOODS]
    if not known and strange:
        known = [_stand_in(word) for word in strange]

    settings = dict(DEFAULTS.settings)
    settings |= _average(known)
    for mood in moods:
        for name, change in mood.settings.items():
            settings[name] += change
    fingerprint = " ".join(words) or prompt
    sway = WORDY_SWAY if words and not strange else MIXED_SWAY if strange != words else STRANGE_SWAY
    for name, lean in zip(sorted(settings), _leanings(fingerprint, len(settings)), strict=True):
        settings[name] += sway * lean * (REGISTER_SWAY if name.endswith("register") else 1)
    return _parameters(settings, _groove(known, fingerprint), _motif(fingerprint))


def _words(prompt: str) -> list[str]:
    """Known phrases and single words in order; fillers go unless nothing else is left."""
    plain = unicodedata.normalize("NFKC", prompt).casefold()
    tokens = re.findall(r"\w+|[^\w\s!-/:-@\[-`{-~]", plain)
    words: list[str] = []
    position = 0
    while position < len(tokens):
        for length in range(min(LONGEST_PHRASE, len(tokens) - position), 0, -1):
            word = _known(" ".join(tokens[position : position + length]))
            if word or length == 1:
                words.append(word or tokens[position])
                position += length
                break
    return [word for word in words if word not in FILLERS] or words


def _known(phrase: str) -> str | None:
    forms = (phrase, *(phrase.removesuffix(ending) for ending in ENDINGS if phrase.endswith(ending)))
    meanings = (ALIASES.get(form, form) for form in forms)
    return next((word for word in meanings if word in WORDS or word in MOODS), None)


def _stand_in(word: str) -> Entry:
    """An unknown word takes up a groove and a few instruments of its own choosing."""
    choice = _choices(word)
    voices = sorted(VOICES)
    settings = {
        f"{player}.{field}": value
        for player in PLAYERS
        if player != "bass"  # basses differ less, and a bass must stay one
        for field, value in VOICES[voices[next(choice) % len(voices)]].items()
    }
    return Entry(settings, FREE_GROOVES[next(choice) % len(FREE_GROOVES)])


def _average(entries: Sequence[Entry]) -> Settings:
    """Where several words set the same thing, the middle of what they ask."""
    asked = defaultdict(list)
    for entry in entries:
        for name, value in entry.settings.items():
            asked[name].append(value)
    return {name: sum(values) / len(values) for name, values in asked.items()}


def _groove(known: Sequence[Entry], fingerprint: str) -> Groove:
    """The grooves the words name, laid over one another, with accents of the prompt's own."""
    names = [entry.groove for entry in known if entry.groove] or [DEFAULTS.groove or ""]
    grooves = [GROOVES[name] for name in names]
    parts = {}
    for field in fields(Groove):
        lines = [getattr(groove, field.name) for groove in grooves]
        accents = _leanings(f"{field.name} {fingerprint}", len(lines[0]))
        felt = [sum(strengths) / len(lines) for strengths in zip(*lines, strict=True)]
        parts[field.name] = tuple(
            min(1, max(0, strength + ACCENT * accent)) if strength else 0.0
            for strength, accent in zip(felt, accents, strict=True)
        )
    return Groove(**parts)


def _motif(fingerprint: str) -> Steps:
    return tuple(_leanings(f"motif {fingerprint}", len(GROOVES["drift"].lead)))


def _parameters(settings: Settings, groove: Groove, motif: Steps) -> Parameters:
    def of(table: str, kind: type[Kit] | type[Feel] | type[Player]) -> dict[str, float]:
        return {field.name: _within(settings[f"{table}.{field.name}"], field.name) for field in fields(kind)}

    return Parameters(
        kit=Kit(**of("kit", Kit)),
        bass=Player(**of("bass", Player)),
        chords=Player(**of("chords", Player)),
        pad=Player(**of("pad", Player)),
        lead=Player(**of("lead", Player)),
        feel=Feel(**of("feel", Feel)),
        groove=groove,
        motif=motif,
    )


def _within(value: float, field: str) -> float:
    low, high = (LOWEST_REGISTER, HIGHEST_REGISTER) if field == "register" else (0, 1)
    return float(min(high, max(low, value)))


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
