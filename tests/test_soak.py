"""Many boxes for a minute; `make soak` has them for ten. Nothing is lost, doubled or stuck, and a backup restores."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.checks import troubles
from tests.soak.run import soak

SECONDS = 60.0


@pytest.mark.timeout(1200)
def test_many_boxes_lose_double_and_hold_up_nothing(tmp_path: Path) -> None:
    with soak(SECONDS, tmp_path) as outcome:
        found = troubles(outcome)
        assert not found, "\n".join([*found, outcome.table])
        assert len(outcome.succeeded()) > max(40, 0.8 * len(outcome.rows)), outcome.table
        assert {name for name, _ in outcome.faults} == set(outcome.boxes.faults), outcome.table
        assert outcome.backup.rows, outcome.table
