"""A short chaos: unruly providers, killed workers, every promise checked afterwards. `make chaos` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import run
from tests.chaos.checks import troubles
from tests.chaos.faults import TABLES
from tests.chaos.figures import table

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
CLIPS = 40
PEACE, SEARCHING = 90.0, 20.0
"""Seconds; a run that never was is looked for during a minute, which is not waited for here."""


@pytest.mark.timeout(900)
def test_whatever_goes_wrong_no_clip_is_lost_doubled_or_stuck_and_no_key_leaves_home(tmp_path: Path) -> None:
    with run.chaos(run.seed(), run.clips(CLIPS), tmp_path, PEACE, SEARCHING) as outcome:
        found = troubles(outcome)
        assert not found, "\n".join([*found, outcome.replay, table(outcome)])
        assert len(outcome.succeeded()) > len(outcome.asks) / 2, f"{table(outcome)}\n{outcome.replay}"


def test_the_page_on_reliability_names_every_fault() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert {fault.name for table in TABLES.values() for fault in table if f"| {fault.name} |" not in page} == set()
