"""Shares: how much a member, or the whole studio, may run, and what a run costs; read from words in the settings."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COUNT = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True)
class Share:
    """What may be had: clips at once, clips in an hour and a day, money in a month. None is no limit."""

    running: int | None = None
    hour: int | None = None
    day: int | None = None
    month: float | None = None

    def __bool__(self) -> bool:
        return self != Share()


def share_from(text: str) -> Share:
    """The share that words such as `running=2 hour=20 month=5.00` name. Raises ValueError in plain words."""
    parts = _parts(text)
    if parts is None or not all(
        name in ("running", "hour", "day", "month") and (_MONEY if name == "month" else _COUNT).fullmatch(value)
        for name, value in parts.items()
    ):
        raise ValueError("it has to be limits such as running=2 hour=20 day=100 month=5.00, each at most once")
    month = float(parts.pop("month")) if "month" in parts else None
    return Share(month=month, **{name: int(value) for name, value in parts.items()})


def prices_from(text: str) -> dict[str, float]:
    """What a run costs by provider, from words such as `chainhub=0.02`. Raises ValueError in plain words."""
    parts = _parts(text)
    if parts is None or not all(name.isidentifier() and _MONEY.fullmatch(value) for name, value in parts.items()):
        raise ValueError("it has to be prices such as chainhub=0.02 replicate=0.015, each player at most once")
    return {name: float(value) for name, value in parts.items()}


def _parts(text: str) -> dict[str, str] | None:
    """NAME=value words by name; None where one says nothing, or comes twice."""
    pairs = [word.partition("=")[::2] for word in text.replace(",", " ").split()]
    parts = dict(pairs)
    return parts if len(parts) == len(pairs) and all(name and value for name, value in pairs) else None
