"""The band's vocabulary, read from `vocabulary.toml` and `grooves.toml`."""

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from segue.sketch.parameters import PLAYERS, Feel, Groove, Kit, Player, Progression, Scene, Steps

Settings = Mapping[str, float]
"""Numbers by their place, such as `lead.level`."""

OF_EACH_PLAYER = {
    "levels": "level",
    "densities": "density",
    "registers": "register",
    "lengths": "length",
    "strums": "strum",
    "brokens": "broken",
}
HOW_IT_PLAYS = frozenset(OF_EACH_PLAYER.values())
TABLES = {"kit": Kit, "feel": Feel, "scene": Scene}
STEPS = 32


class Kind(StrEnum):
    """What a word is about; also its table in the file."""

    GENRE = "genres"
    INSTRUMENT = "instruments"
    ERA = "eras"
    PLACE = "places"
    MOOD = "moods"
    TEXTURE = "textures"
    PLAYING = "playing"


WHOLE = frozenset({Kind.GENRE, Kind.ERA, Kind.PLACE})
"""What sets a scene of its own, with everybody in it."""


@dataclass(frozen=True)
class Word:
    """What one word asks for. `parts` names the instrument it hands to each player, `drums` the drums it is."""

    name: str
    kind: Kind
    settings: Settings
    parts: Mapping[str, str] = field(default_factory=dict)
    groove: str | None = None
    harmony: tuple[Progression, ...] = ()
    home: str | None = None
    mutes: str | None = None
    drums: tuple[str, ...] = ()


class VocabularyError(Exception):
    """A line of the vocabulary asks for what there is not; the message names the word."""


def squashed(text: str) -> str:
    """The letters and digits that tell words apart: case, accents, hyphens and spaces do not."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    return "".join(char for char in plain if char.isalnum())


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


def word_of(name: str, kind: Kind, data: Mapping[str, Any]) -> Word:
    """What a line of the file asks for. Raises VocabularyError where that makes no sense."""
    try:
        return _understood(name, kind, data)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise VocabularyError(f'vocabulary.toml, [{kind}], the word "{name}": {error} makes no sense there.') from error


def _understood(name: str, kind: Kind, data: Mapping[str, Any]) -> Word:
    data = _like(data)
    parts = {player: data[player] for player in PLAYERS if player in data}
    settings: dict[str, float] = {}
    for player, voice in parts.items():
        settings |= {f"{player}.{number}": value for number, value in VOICES[voice].items()}
    for number, value in data.get("all", {}).items():
        settings |= {f"{player}.{number}": value for player in PLAYERS}
    for plural, number in OF_EACH_PLAYER.items():
        settings |= {f"{player}.{number}": value for player, value in data.get(plural, {}).items()}
    for table in TABLES:
        settings |= {f"{table}.{number}": value for number, value in data.get(table, {}).items()}
    harmony = tuple(PROGRESSIONS[each] for each in _listed(data.get("harmony", "")))
    groove, home, mutes = (data.get(key) for key in ("groove", "home", "mutes"))
    for known, wanted in ((GROOVES, groove), (_WHOLE, home)):
        if wanted is not None and wanted not in known:
            raise KeyError(wanted)
    drums = tuple(data.get("drums", "").split())
    return Word(name, kind, settings, parts, groove, harmony, home, mutes, drums)


def _like(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A word's own wishes over those of the word it is like."""
    if "like" not in data:
        return data
    model = dict(_like(_WHOLE[data["like"]]))
    model.pop("also", None)
    for key, value in data.items():
        model[key] = {**model.get(key, {}), **value} if isinstance(value, dict) else value
    return model


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _groove(lines: Mapping[str, str]) -> Groove:
    return Groove(**{each.name: _steps(lines.get(each.name, _USUAL[each.name])) for each in fields(Groove)})


def _steps(line: str) -> Steps:
    """A line of one bar is played twice."""
    strengths = tuple(0.0 if mark == "." else int(mark) / 9 for mark in line.replace("|", ""))
    return strengths * (STEPS // len(strengths))


def _forms() -> Iterator[tuple[str, Word]]:
    for kind in Kind:
        for name, data in _DATA[kind].items():
            for form in (name, *_listed(data.get("also", ""))):
                yield squashed(form), WORDS[kind, name]


_DATA = _toml("vocabulary.toml")
_GROOVES = _toml("grooves.toml")
_USUAL = _GROOVES.pop("usual")
_SOUND = {each.name: 0.0 for each in fields(Player) if each.name not in HOW_IT_PLAYS}
_WHOLE = {**_DATA["genres"], **_DATA["places"], **_DATA["eras"]}

GRAMMAR: Mapping[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _DATA["grammar"].items()}
"""Words about words: what they are for, and which they are."""
GROOVES: Mapping[str, Groove] = {name: _groove(lines) for name, lines in _GROOVES.items()}
VOICES: Mapping[str, Settings] = {name: _SOUND | numbers for name, numbers in _DATA["voices"].items()}
PROGRESSIONS: Mapping[str, Progression] = {
    name: tuple(int(degree) - 1 for degree in text.split()) for name, text in _DATA["progressions"].items()
}
DEFAULTS = word_of("", Kind.GENRE, _DATA["defaults"] | {"scene": {each.name: 0.0 for each in fields(Scene)}})
WORDS: Mapping[tuple[Kind, str], Word] = {
    (kind, name): word_of(name, kind, data) for kind in Kind for name, data in _DATA[kind].items()
}
HOMES: Mapping[str, Word] = {name: word for (kind, name), word in reversed(list(WORDS.items())) if kind in WHOLE}
FORMS: Mapping[str, Word] = dict(_forms())
