"""Driving a clip from this process, whether or not a studio is running beside it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

from segue.clips import Clips, Standing
from segue.logs import about

LOOK_SECONDS = 0.1
"""How often the clip is looked at, to show how it stands."""
PAUSE_SECONDS = 0.05
"""At least so long between two steps, whatever the clip says."""
PAUSE_LIMIT = 1.0
"""At most so long: somebody else may take a step, or die, at any time."""

log = logging.getLogger(__name__)


class Drive:
    """Takes every step of one clip that is due and that nobody else takes, in a thread of its own."""

    def __init__(self, clips: Clips, clip_id: str) -> None:
        self._clips = clips
        self._id = clip_id
        self._thread = threading.Thread(target=self._work, name="drive", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def watch(self) -> Iterator[Standing]:
        """How the clip stands, now and after each change, until it is over."""
        version = 0
        while True:
            standing = self._clips.standing(self._id)
            assert standing is not None
            if standing.version != version:
                version = standing.version
                yield standing
            if standing.state.final:
                return
            time.sleep(LOOK_SECONDS)

    def join(self) -> None:
        """Once the clip is over: wait until a step that is under way knows of it, too."""
        self._thread.join()

    def _work(self) -> None:
        while True:
            try:
                self._clips.advance(self._id)
                clip = self._clips.find(self._id)
            except Exception:
                with about(self._id):
                    log.exception("a step could not be taken; trying again")
                time.sleep(PAUSE_LIMIT)
                continue
            if clip is None or clip.state.final:
                return
            due = max(clip.next_look_at, clip.held_until) - time.time()
            time.sleep(min(max(due, PAUSE_SECONDS), PAUSE_LIMIT))
