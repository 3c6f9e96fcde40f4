"""Many boxes for a minute: killed, crashed, restarted, backed up; nothing lost, doubled or stuck."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.run import soak

SECONDS = 60.0


@pytest.mark.timeout(420)
def test_many_boxes_lose_double_and_hold_up_nothing(tmp_path: Path) -> None:
    outcome = soak(SECONDS, tmp_path)
    assert outcome.troubles == [], outcome.table
    assert outcome.clips > 40, outcome.table
    assert set(outcome.ends) <= {"succeeded", "failed"}, outcome.table
    assert outcome.ends["succeeded"] > 0.8 * outcome.clips, outcome.table
    assert len(outcome.faults) >= 5, outcome.table
    assert "are back" in outcome.restored
