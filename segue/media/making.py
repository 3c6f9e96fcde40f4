"""Making what can be made again, such as a card, when it is first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segue.media import Media


class Making:
    """One thing at a time in a process, and each once."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def made(self, media: Media, key: str, make: Callable[[], bytes]) -> int:
        """See Media.made."""
        if media.find(key):
            return 0
        with self._turn:
            if media.find(key):
                return 0
            media.check_room()
            content = make()
            with media.draft() as draft:
                draft.write(content)
                media.put(key, draft)
        return len(content)
