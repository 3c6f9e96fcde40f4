"""What is left when the dust has settled: the clips in the database, the runs upstream, and which belong together."""

from __future__ import annotations

import re
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from segue.db import Database
from tests.chaos.crew import Crew
from tests.chaos.visitors import Ask, Crowd
from tests.chaos.world import World
from tests.servers.life import DONE
from tests.servers.prediction import Prediction

FINAL = ("succeeded", "failed", "canceled")
FORGOTTEN = 10.0
"""Seconds after which a clip that is due, and that nobody holds, is stuck."""


@dataclass(frozen=True)
class Row:
    """A clip as the database has it."""

    id: str
    provider: str
    prompt_a: str
    state: str
    error: str | None
    prediction_id: str | None
    created_at: float
    submitted_at: float | None
    finished_at: float | None
    next_look_at: float
    held_until: float

    @property
    def final(self) -> bool:
        return self.state in FINAL

    def searched(self, now: float) -> bool:
        """Whether its run may exist and is being looked for, which is the one thing that may go on for long."""
        lost = self.state == "starting" and self.prediction_id is None and self.provider == "replicate"
        return lost and max(self.next_look_at, self.held_until) > now - FORGOTTEN

    def __str__(self) -> str:
        return f"{self.id} ({self.provider}, “{self.prompt_a}”, {self.state}: {self.error})"


@dataclass(frozen=True)
class Outcome:
    """Everything the checks and the figures are made from."""

    seed: int
    crowd: Crowd
    crew: Crew
    world: World
    rows: dict[str, Row]
    logs: str
    seen_at: float
    seconds: float

    @property
    def asks(self) -> list[Ask]:
        return self.crowd.asks

    @property
    def replay(self) -> str:
        return f"to repeat it: CHAOS_SEED={self.seed} CHAOS_CLIPS={len(self.asks)}"

    def succeeded(self) -> list[Row]:
        return [row for row in self.rows.values() if row.state == "succeeded"]

    def failed(self) -> list[Row]:
        return [row for row in self.rows.values() if row.state == "failed"]

    def run(self, row: Row) -> Prediction | None:
        """The run that a clip says is its own."""
        house = self.world.houses.get(row.provider)
        return house.predictions.get(row.prediction_id or "") if house else None

    def adopted(self) -> list[Row]:
        """Clips whose create was never seen to end, and whose run was found in the list."""
        told = set(re.findall(r"prediction (\w+) (?:starting|processing|succeeded|failed|canceled|aborted)", self.logs))
        known = [row for row in self.rows.values() if row.provider == "replicate" and row.prediction_id]
        return [row for row in known if row.prediction_id not in told]


def promising(run: Prediction) -> bool:
    """Whether a run ends well."""
    last = run.life.looks[-1]
    return last.status == DONE.status and not last.changes and not run.canceled


def rows(where: Path | str) -> dict[str, Row]:
    """Every clip in a database, by its id."""
    names = ", ".join(Row.__dataclass_fields__)
    database = Database(where)
    with closing(database), database.reader.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT {names} FROM clip ORDER BY created_at")  # noqa: S608
        return {row.id: row for row in (Row(*values) for values in found)}


def now() -> float:
    return time.time()
