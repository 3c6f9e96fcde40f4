"""What is left of a run: the clips in the database, what the clients saw, and what a backup brought back."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.outcome import Row
from tests.soak.boxes import Boxes
from tests.soak.clients import Client


@dataclass(frozen=True)
class Backup:
    """Taken while all that went on, and restored: what the commands said, the clips there, and the studio's address.

    taken_at: seconds since 1970 when it was begun. booked: how many runs are on the tally there.
    """

    taken_at: float
    said: str
    checked: str
    rows: dict[str, Row]
    booked: int
    address: str


@dataclass(frozen=True)
class Outcome:
    """Everything the checks and the figures are made from. Faults have the seconds since 1970 when they happened."""

    seconds: float
    boxes: Boxes
    clients: list[Client]
    faults: list[tuple[str, float]]
    rows: dict[str, Row]
    backup: Backup

    def succeeded(self) -> list[Row]:
        return [row for row in self.rows.values() if row.state == "succeeded"]

    @property
    def runs(self) -> Counter[str]:
        """How often the gateway was asked for a run, by prompt."""
        return Counter(str(run.input["prompt_a"]) for run in list(self.boxes.upstream.gateway.creates))

    @property
    def errors(self) -> Counter[str]:
        """What clients met with before they tried again."""
        return sum((client.errors for client in self.clients), Counter())

    @property
    def table(self) -> str:
        """Two columns, in Markdown, for people."""
        lines = (f"| {what} | {figure} |" for what, figure in self._lines())
        return "\n".join(["| what | figure |", "|---|---|", *lines])

    def _lines(self) -> Iterator[tuple[str, object]]:
        states = Counter(row.state for row in self.rows.values())
        waits = sorted(wait for client in self.clients for wait in client.waits)
        runs = self.runs
        yield "time", f"{self.seconds:.0f} s"
        yield "clients", len(self.clients)
        yield "clips asked for", sum(client.asked for client in self.clients)
        yield (
            "succeeded / failed / still under way",
            f"{states['succeeded']} / {states['failed']} / {sum(not row.final for row in self.rows.values())}",
        )
        yield "runs at the gateway; clips with more than one", f"{runs.total()}; {sum(n > 1 for n in runs.values())}"
        yield from Counter(name for name, _ in self.faults).items()
        met = ", ".join(f"{what} {count}" for what, count in self.errors.most_common())
        yield "what clients met with, and tried again", met or "nothing"
        yield "from pressing Blend to the end", f"median {statistics.median(waits):.1f} s, longest {waits[-1]:.1f} s"
        yield "restored from the backup taken meanwhile", " ".join(self.backup.said.split())
        yield "`check` there", self.backup.checked.strip()
        reasons = Counter(str(row.error) for row in self.rows.values() if row.state == "failed")
        yield from ((f"failed: {reason}", count) for reason, count in reasons.most_common())
