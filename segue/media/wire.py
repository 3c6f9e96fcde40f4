"""The wire to a bucket, and what goes wrong on it, in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from segue.errors import MediaError
from segue.wires import Wire

PAUSE = 2.0
"""Seconds until somebody asks again, after nobody answered."""


class BucketAway(MediaError):
    """Nobody answers there."""

    def __init__(self) -> None:
        super().__init__("Segue's storage cannot be reached.")


class BucketRefuses(MediaError):
    """Somebody answers there, and it is no."""


class BucketWire(Wire):
    """Each request to a bucket goes over it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(BucketAway, BucketAway, PAUSE, refusal=BucketRefuses, clock=clock)

    @contextmanager
    def ask(self) -> Iterator[None]:
        """Around one request and its answer. Raises MediaError."""
        with super().ask(), in_words():
            yield


@contextmanager
def in_words() -> Iterator[None]:
    """Translates what the client of the bucket raises."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise BucketRefuses(f"Segue's storage refuses to be used ({code}).") from error
    except BotoCoreError as error:
        raise BucketAway from error
