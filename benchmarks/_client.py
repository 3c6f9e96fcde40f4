"""A client that costs little: HTTP/1.1 over kept connections, by hand, so that it is the studio that is measured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import cast

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `head` is the status line and the headers, as they came."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """The first header of that name; `name` is in small letters."""
        start = self.head.lower().find(b"\r\n" + name + b":")
        if start < 0:
            return None
        start += len(name) + 3
        end = self.head.find(b"\r\n", start)
        return self.head[start : end if end >= 0 else None].strip()


class Connection(asyncio.Protocol):
    """One connection, one request at a time. Answers must say their length."""

    def __init__(self) -> None:
        self._received = b""
        self._wanted: int | None = None
        self._head_ends = 0
        self._answered: asyncio.Future[Answer] | None = None

    @classmethod
    async def to(cls, port: int) -> Connection:
        """A connection to a port on loopback."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(cls, "127.0.0.1", port)
        return connection

    async def ask(self, request: bytes) -> Answer:
        """The answer to a whole request as `request()` makes it."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(PATIENCE):
            return await self._answered

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._wanted is None:
            self._head_ends = self._received.find(b"\r\n\r\n")
            if self._head_ends < 0:
                return
            self._wanted = self._head_ends + 4 + _length(self._received[: self._head_ends])
        if len(self._received) >= self._wanted:
            self._deliver()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered and not self._answered.done():
            self._answered.set_exception(exc or ConnectionError("the studio hung up"))

    def _deliver(self) -> None:
        received, self._received, self._wanted = self._received, b"", None
        answered, self._answered = self._answered, None
        if answered and not answered.done():
            head = received[: self._head_ends]
            answered.set_result(Answer(int(head[9:12]), head, received[self._head_ends + 4 :]))


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """A request's bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _length(head: bytes) -> int:
    """How long the body is: an answer of 304 or 204 has none."""
    if head[9:12] in (b"304", b"204"):
        return 0
    lower = head.lower()
    start = lower.index(b"\r\ncontent-length:") + 17
    end = lower.find(b"\r\n", start)
    return int(lower[start : end if end >= 0 else None])
