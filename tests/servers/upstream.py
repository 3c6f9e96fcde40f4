"""A house with the two hosts it needs beside it."""

from contextlib import ExitStack
from typing import Self

from tests.servers.files import FileHost
from tests.servers.gateway import KEY, Gateway
from tests.servers.media import Media
from tests.servers.trap import Trap


class Upstream:
    """`with Upstream() as upstream:` runs `upstream.gateway`, `.files` and `.trap`; `Upstream(Replicate)` has
    Replicate's shape."""

    def __init__(
        self,
        house: type[Gateway] = Gateway,
        *,
        key: str = KEY,
        port: int = 0,
        media: Media | None = None,
        recording: bool = True,
    ) -> None:
        self.trap = Trap(recording=recording)
        self.files = FileHost(media, recording=recording)
        self.gateway = house(self.files, self.trap, key=key, port=port, recording=recording)
        self._running = ExitStack()

    def __enter__(self) -> Self:
        for host in (self.trap, self.files, self.gateway):
            self._running.enter_context(host)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()
