"""The states of a clip."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a clip is in its life."""

    QUEUED = "queued"
    STARTING = "starting"
    PROCESSING = "processing"
    KEEPING = "keeping"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        return self in (State.SUCCEEDED, State.FAILED, State.CANCELED)


UNDER_WAY = [state for state in State if not state.final]

STAGES = {
    State.QUEUED: "Waiting for its turn",
    State.STARTING: "Waking the model",
    State.PROCESSING: "Playing it in",
    State.KEEPING: "Keeping it",
    State.SUCCEEDED: "Ready to play",
    State.FAILED: "This one did not work out",
    State.CANCELED: "Canceled",
}
"""What a musician is told about each state."""
