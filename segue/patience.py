"""How long things are waited for, and how often they are tried."""

from __future__ import annotations

from segue.errors import SegueError
from segue.models import Clip
from segue.providers.base import ProviderError, Spoilt

DEADLINE_SECONDS = 35 * 60
"""A run may last half an hour upstream; nothing good comes after that."""
ABSENT_PAUSE = 30.0
"""Seconds between looks whether a provider has been set up again."""
RECOVER_GRACE = 20.0
"""Seconds a due clip may wait in the queue before it is taken for forgotten."""

_LOOK_AFTER = (0.0, 1.0, 1.0, 2.0, 2.0, 3.0)
_LOOK_SLOWEST = 5.0
CREATE_TRIES = 4
"""Times a provider is asked for a run that it surely did not start."""
FETCH_TRIES = 3
"""Times a file is fetched that turns out spoilt. All else about a run that exists is tried until its deadline."""
_PAUSE = 1.0
_PAUSE_LIMIT = 30.0


def look_after(looks: int) -> float:
    """Seconds until the next look at a prediction that was looked at so often: quick at first, slower later."""
    return _LOOK_AFTER[looks] if looks < len(_LOOK_AFTER) else _LOOK_SLOWEST


def pause_after(stumbles: int, error: SegueError) -> float:
    """Seconds until the next try: what the provider asked for, else twice as long each time, up to a limit."""
    asked = error.retry_after if isinstance(error, ProviderError) else None
    return asked or min(_PAUSE * 2 ** min(stumbles, 10), _PAUSE_LIMIT)


def overdue(clip: Clip, now: float) -> bool:
    """Whether the clip's run, if there is one, should have been over long ago."""
    return now > (clip.submitted_at or clip.created_at) + DEADLINE_SECONDS


def hopeless(clip: Clip, error: SegueError, now: float) -> bool:
    """Whether trying again is no use. A run that exists may have been paid for, so it is not let go soon."""
    if isinstance(error, ProviderError) and error.permanent:
        return True
    if clip.prediction_id is None:
        return clip.stumbles + 1 >= CREATE_TRIES
    if isinstance(error, Spoilt):
        return clip.stumbles + 1 >= FETCH_TRIES
    return overdue(clip, now)
