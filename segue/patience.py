"""How long things are waited for, how often they are tried, and when to give up."""

from __future__ import annotations

import random

from segue.errors import MediaError, SegueError
from segue.models import Clip, State
from segue.providers import title
from segue.providers.base import NotYet, Provider, ProviderError, Spoilt

DEADLINE_SECONDS = 35 * 60
"""A run may last half an hour upstream; nothing good comes after that."""
FILES_SECONDS = 55 * 60
"""Files are deleted upstream an hour after the run: until nearly then they are asked for."""
ABSENT_PAUSE = 30.0
"""Seconds between looks whether a provider has been set up again."""
RECOVER_GRACE = 20.0
"""Seconds a due clip may wait in the queue before it is taken for forgotten."""
KNOCK_SPACING = 1.0
"""Seconds between looks, however often a provider's webhooks knock."""

CREATE_TRIES = 4
"""Times a provider is asked for a run that it surely did not start."""
SPOILT_TRIES = 7
"""Times something is asked for that comes whole and is not what it should be."""
LONG_TRY_SECONDS = 10 * 60
"""A try that took so long and came to nothing is not worth another."""
AWAKE_SECONDS = 5 * 60
"""After a sleep past its deadline, a run is asked after for so long at least: the network may still be waking up."""
CALL_OFF_SECONDS = 10 * 60
CALL_OFF_PAUSE = 15.0
"""For so long, and so often, a provider is asked to stop a run that nobody waits for any more."""
SEARCHES = 6
"""Times a list of runs is searched, since a run may take a while to appear there."""
CLOCKS_APART = 120.0
"""Seconds a provider's clock may be behind ours."""

MAY_HAVE_RUN = (
    "Segue was interrupted while {title} was being asked, so the run may or may not have started. "
    "It was not asked again, to save you from paying twice. Press Retry to make a new one."
)
INTERRUPTED = "Segue was interrupted again and again while this was being played. Press Retry to try again."
GIVEN_UP = "was not set up in this studio for too long. Edit the recipe and pick another player."

_LOOK_AFTER = (0.0, 1.0, 1.0, 2.0, 2.0, 3.0)
_LOOK_SLOWEST = 5.0
_HEARTBEAT = 30.0
_PAUSE = 1.0
_PAUSE_LIMIT = 30.0


def look_after(clip: Clip) -> float:
    """Seconds until the next look: quick at first, slower later, and slow where webhooks bring the news."""
    if clip.knocked_at is not None:
        return _HEARTBEAT
    return _LOOK_AFTER[clip.looks] if clip.looks < len(_LOOK_AFTER) else _LOOK_SLOWEST


def pause_after(stumbles: int, error: SegueError | None) -> float:
    """Seconds until the next try: what the provider asked for, else about twice as long each time, up to a limit."""
    asked = error.retry_after if isinstance(error, ProviderError) else None
    return asked or float(min(_PAUSE * 2 ** min(stumbles, 10), _PAUSE_LIMIT)) * random.uniform(0.8, 1.0)  # noqa: S311


def beyond_help(clip: Clip, provider: Provider | None, now: float) -> str | None:
    """Why nothing more can be done for a clip, if that is so."""
    if provider is None:
        absent = now - (clip.stumbling_since or now) > DEADLINE_SECONDS
        return f"{title(clip.provider)} {GIVEN_UP}" if absent else None
    can = provider.capabilities
    if clip.orphaned and can.costs and not can.search:
        return MAY_HAVE_RUN.format(title=provider.title)
    if clip.orphaned and not can.costs and clip.tries >= CREATE_TRIES:
        return INTERRUPTED
    return None


def overdue(clip: Clip, now: float) -> bool:
    """Whether the clip's run, if there is one, should have been over long ago."""
    return now > (clip.submitted_at or clip.created_at) + DEADLINE_SECONDS


def hopeless(clip: Clip, error: SegueError, now: float) -> bool:
    """Whether trying again is no use. A run that exists may have been paid for, so it is not let go soon."""
    out_of_luck = now - (clip.stumbling_since or now)
    if clip.prediction_id is None:
        if isinstance(error, ProviderError) and error.permanent:
            return True
        if isinstance(error, NotYet | MediaError):
            return out_of_luck > DEADLINE_SECONDS
        return clip.tries + 1 >= CREATE_TRIES or now - (clip.submitted_at or now) > LONG_TRY_SECONDS
    if isinstance(error, Spoilt):
        return clip.tries + 1 >= SPOILT_TRIES
    if clip.state is State.KEEPING:
        return out_of_luck > FILES_SECONDS
    return overdue(clip, now) and out_of_luck > AWAKE_SECONDS


def counts(clip: Clip, error: SegueError) -> bool:
    """Whether what went wrong counts as a try: of a create, or of something that came spoilt."""
    if clip.prediction_id is None:
        return not isinstance(error, NotYet | MediaError)
    return isinstance(error, Spoilt)
