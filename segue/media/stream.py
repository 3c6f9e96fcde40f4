"""Reading from a bucket as from a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from segue.errors import MediaError
from segue.media.wire import in_words


class Stream(io.RawIOBase):
    """A file of `size` bytes, of which `part` opens what begins at a given byte, when that is first read."""

    def __init__(self, part: Callable[[int], Any], size: int) -> None:
        super().__init__()
        self._part = part
        self._size = size
        self._position = 0
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if position != self._position:
            self._let_go()
            self._position = max(0, position)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self._size:
            return 0
        if self._body is None:
            self._body = self._part(self._position)
        with in_words():
            got = self._body.read(min(len(buffer), self._size - self._position))
        if not got:
            raise MediaError("Segue's storage broke off in the middle of a file.")
        buffer[: len(got)] = got
        self._position += len(got)
        return len(got)

    def close(self) -> None:
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
