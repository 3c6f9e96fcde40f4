"""What happens in turn."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Script(Generic[T]):
    """The limited entries first, in order, each as often as it was given; then the lasting one for ever."""

    def __init__(self, lasting: T) -> None:
        self.lasting = lasting
        self._limited: deque[T] = deque()

    def add(self, entry: T, times: int | None) -> None:
        """`times` of None makes it the lasting entry, in the place of the one before."""
        if times is None:
            self.lasting = entry
        else:
            self._limited.extend([entry] * times)

    def next(self) -> T:
        try:
            return self._limited.popleft()
        except IndexError:
            return self.lasting
