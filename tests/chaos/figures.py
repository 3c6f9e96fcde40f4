"""The figures of a run, as a table for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tests.chaos.faults import TABLES
from tests.chaos.outcome import Outcome


def table(outcome: Outcome) -> str:
    """Two columns, in Markdown."""
    return "\n".join(["| what | figure |", "|---|---|", *(f"| {what} | {figure} |" for what, figure in lines(outcome))])


def lines(outcome: Outcome) -> Iterator[tuple[str, object]]:
    rows = list(outcome.rows.values())
    states = Counter(row.state for row in rows)
    yield "seed", outcome.seed
    yield "forms sent", len(outcome.asks)
    yield "clips, those of Retry among them", len(rows)
    yield (
        "succeeded / failed / canceled",
        " / ".join(str(states[state]) for state in ("succeeded", "failed", "canceled")),
    )
    yield "still under way", sum(not row.final for row in rows)
    yield "forms sent by two clicks at once", sum(ask.twice for ask in outcome.asks)
    for name, house in outcome.world.houses.items():
        clips = [row for row in rows if row.provider == name]
        yield f"{name}: clips, runs", f"{len(clips)}, {len(house.creates)}"
        moods = house.mischief
        yield f"{name}: creates, looks refused with 429", f"{moods.creates.refused}, {moods.looks.refused}"
        yield (
            f"{name}: creates, looks while it wanted quiet",
            f"{moods.creates.unheeding}, {moods.looks.unheeding}",
        )
    yield "runs looked for and adopted", len(outcome.adopted())
    yield "kills of the serving process, of workers", "{studio}, {worker}".format(**outcome.crew.kills)
    yield "faults dealt", sum(faults(outcome).values())
    yield "longest time to an end", f"{max((row.finished_at or 0) - row.created_at for row in rows):.0f} s"
    yield "time in all", f"{outcome.seconds:.0f} s"
    for reason, count in reasons(outcome).most_common():
        yield f"failed: {reason}", count
    for what in TABLES:
        dealt = Counter({name: count for (kind, name), count in faults(outcome).items() if kind == what})
        yield f"{what}: {dealt.total()} faults", ", ".join(f"{name} {count}" for name, count in dealt.most_common())


def faults(outcome: Outcome) -> Counter[tuple[str, str]]:
    total: Counter[tuple[str, str]] = Counter()
    for house in outcome.world.houses.values():
        total += house.mischief.dealt
    return total


def reasons(outcome: Outcome) -> Counter[str]:
    """Why clips failed, in the words their pages have, without what differs."""
    return Counter(re.sub(r"“.*”|answer \d+", "…", str(row.error)) for row in outcome.failed())
