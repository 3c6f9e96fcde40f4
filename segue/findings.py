"""Findings: what somebody who looked at the studio has to say about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """What a finding means: a note is worth knowing and no more; with trouble, something does not work."""

    OK = "ok"
    NOTE = "note"
    TROUBLE = "trouble"


@dataclass(frozen=True)
class Finding:
    """One thing looked at, by the name people know it by, and what was found, in sentences."""

    mark: Mark
    about: str
    words: str
