"""The band's vocabulary, read from `vocabulary.toml` and `grooves.toml` as settings such as `lead.level`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.sketch.parameters import Groove, Steps

Settings = Mapping[str, float]

PLAYERS = ("bass", "chords", "pad", "lead")
OF_EACH_PLAYER = {"levels": "level", "densities": "density", "lengths": "length", "registers": "register"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What one word asks for: some settings and perhaps a groove's name."""

    settings: Settings
    groove: str | None


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


def _entry(data: Mapping[str, Any]) -> Entry:
    settings: dict[str, float] = {}
    for player in PLAYERS:
        if player in data:
            settings |= {f"{player}.{field}": value for field, value in VOICES[data[player]].items()}
        if "brightnesses" in data:
            settings[f"{player}.brightness"] = data["brightnesses"]
    for plural, field in OF_EACH_PLAYER.items():
        settings |= {f"{player}.{field}": value for player, value in data.get(plural, {}).items()}
    for table in ("kit", "feel"):
        settings |= {f"{table}.{field}": value for field, value in data.get(table, {}).items()}
    return Entry(settings, data.get("groove"))


def _defaults(data: Mapping[str, Any]) -> Entry:
    entry = _entry(data)
    settings = dict(entry.settings)
    for player, fields in data["players"].items():
        settings |= {f"{player}.{field}": value for field, value in fields.items()}
    return Entry(settings, entry.groove)


def _groove(lines: Mapping[str, str]) -> Groove:
    return Groove(**{part: _steps(line) for part, line in lines.items()})


def _steps(line: str) -> Steps:
    return tuple(0.0 if mark == "." else int(mark) / 9 for mark in line.replace("|", ""))


_DATA = _toml("vocabulary.toml")
VOICES: Mapping[str, Settings] = _DATA["voices"]
DEFAULTS = _defaults(_DATA["defaults"])
WORDS: Mapping[str, Entry] = {word: _entry(data) for word, data in _DATA["words"].items()}
MOODS: Mapping[str, Entry] = {word: _entry(data) for word, data in _DATA["moods"].items()}
ALIASES: Mapping[str, str] = _DATA["aliases"]
GROOVES: Mapping[str, Groove] = {name: _groove(lines) for name, lines in _toml("grooves.toml").items()}
