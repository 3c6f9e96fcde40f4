"""What has to hold afterwards. Each check tells what it found wrong, a line a clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle

import requests

from tests.soak.outcome import Outcome

Check = Callable[[Outcome], Iterator[str]]

KILLED_MEANWHILE = "Segue was interrupted while"
"""The one reason to fail here: a worker died while the gateway was being asked. No other fault is an excuse."""
ASKING_SECONDS = 5.0
"""So long after it was begun, a create may still be under way: the gateway takes its time, and cores are few."""


def troubles(outcome: Outcome) -> list[str]:
    """Everything that is not as promised."""
    return [f"{check.__name__}: {found}" for check in CHECKS for found in check(outcome)]


def no_clip_is_lost(outcome: Outcome) -> Iterator[str]:
    known = {clip_id: prompt for client in outcome.clients for prompt, clip_id in client.made.items()}
    yield from (f"{known[lost]} was promised as {lost}" for lost in known.keys() - outcome.rows.keys())
    yield from (f"nobody was told of {outcome.rows[other]}" for other in outcome.rows.keys() - known.keys())
    for clip_id in known.keys() & outcome.rows.keys():
        if outcome.rows[clip_id].prompt_a != known[clip_id]:
            yield f"{known[clip_id]} led to {outcome.rows[clip_id]}"


def no_clip_is_stuck(outcome: Outcome) -> Iterator[str]:
    yield from (f"nobody saw the end of “{prompt}”" for client in outcome.clients for prompt in client.unfinished)
    yield from (str(row) for row in outcome.rows.values() if not row.final)


def no_run_is_doubled(outcome: Outcome) -> Iterator[str]:
    yield from (f"“{prompt}” was run {count} times" for prompt, count in outcome.runs.items() if count > 1)
    yield from (f"{row} had no run" for row in outcome.succeeded() if not outcome.runs[row.prompt_a])


def nothing_fails_without_a_cause(outcome: Outcome) -> Iterator[str]:
    deaths = [at for name, at in outcome.faults if name in outcome.boxes.deadly]
    for row in outcome.rows.values():
        asked = row.submitted_at or 0.0
        excused = str(row.error).startswith(KILLED_MEANWHILE) and any(0 <= at - asked < ASKING_SECONDS for at in deaths)
        if row.state != "succeeded" and not excused:
            yield f"{row}, asked for at {asked:.1f}; workers died at {', '.join(f'{at:.1f}' for at in deaths)}"


def every_sound_is_there(outcome: Outcome) -> Iterator[str]:
    for row, web in zip(outcome.succeeded(), cycle(outcome.boxes.webs)):
        yield from _sound(outcome, web.address, row.id)


def the_backup_is_whole(outcome: Outcome) -> Iterator[str]:
    backup = outcome.backup
    if "Everything is there" not in backup.checked:
        yield backup.checked
    for row in outcome.rows.values():
        back = backup.rows.get(row.id)
        lost = row.created_at < backup.taken_at and back is None
        if lost or (row.finished_at and row.finished_at < backup.taken_at and back != row):
            yield f"{row} came back as {back}"
    asked = sum(row.submitted_at is not None for row in backup.rows.values())
    if asked != backup.booked:
        # A clip and its entry on the tally are written at once.
        yield f"{asked} clips were asked for, and {backup.booked} are on the tally: that was no single moment"
    for row in backup.rows.values():
        if row.state == "succeeded":
            yield from _sound(outcome, backup.address, row.id)


CHECKS: tuple[Check, ...] = (
    no_clip_is_lost,
    no_clip_is_stuck,
    no_run_is_doubled,
    nothing_fails_without_a_cause,
    every_sound_is_there,
    the_backup_is_whole,
)


def _sound(outcome: Outcome, address: str, clip_id: str) -> Iterator[str]:
    answer = requests.get(f"{address}/clips/{clip_id}/audio", timeout=30)
    if answer.status_code != 200 or answer.content != outcome.boxes.upstream.files.media.audio:
        yield f"{clip_id}: its sound is not the one that was made ({answer.status_code}, {len(answer.content)} bytes)"
