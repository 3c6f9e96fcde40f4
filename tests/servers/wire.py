"""One HTTP/1.1 exchange: the request as it came, the answer as it goes, and the socket to misbehave on."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BufferedIOBase
from typing import Any

LONGEST_LINE = 65_536
STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Headers(Mapping[str, str]):
    """Request headers, found in any case, so that "no Authorization here" is never true by spelling alone."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values = {name.lower(): value for name, value in pairs}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({self._values})"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent. `path` keeps its query; `at` is on the clock of `time.monotonic`."""

    method: str
    path: str
    headers: Headers
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        """The body, decoded; ValueError when it is not JSON."""
        return json.loads(self.body)

    @property
    def keeps_alive(self) -> bool:
        return self.headers.get("connection", "").lower() != "close"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `Content-Length` is written when it is sent and is never among the headers."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def head(self, length: int | None) -> bytes:
        """Status line and headers; a length of None means "until the connection closes"."""
        lines = [
            STATUS_LINES.get(self.status, f"HTTP/1.1 {self.status} Unnamed\r\n"),
            f"Content-Type: {self.content_type}\r\n",
            "Connection: close\r\n" if length is None else f"Content-Length: {length}\r\n",
            *(f"{name}: {value}\r\n" for name, value in self.headers.items()),
            "\r\n",
        ]
        return "".join(lines).encode("latin-1")


class Exchange:
    """One request and the connection its answer goes out on.

    `act()` does what an honest host would do with the request, once, and gives the answer to send.
    """

    def __init__(self, connection: socket.socket, request: Request, closing: threading.Event) -> None:
        self.request = request
        self.open = request.keeps_alive
        self._connection = connection
        self._closing = closing
        self._act: Callable[[], Answer] | None = None
        self._answer: Answer | None = None

    def acts_by(self, act: Callable[[], Answer]) -> None:
        self._act = act

    def act(self) -> Answer:
        if self._answer is None:
            assert self._act is not None, "the host has not said how it acts on this request"
            self._answer = self._act()
        return self._answer

    def send(self, answer: Answer) -> None:
        body = b"" if self.request.method == "HEAD" else answer.body
        self._connection.sendall(answer.head(len(answer.body)) + body)

    def write(self, data: bytes) -> None:
        """Bytes as they are, for answers that break the rules; ConnectionError once the client has left."""
        self._connection.sendall(data)

    def drop(self, *, reset: bool = False) -> None:
        """Close the connection, politely (FIN) or not (RST), with whatever was sent so far."""
        if reset:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self._connection.close()
        self.open = False

    def wait(self, seconds: float) -> bool:
        """Let time pass; False, and at once, when the host is stopping."""
        return not self._closing.wait(seconds)


def read_request(stream: BufferedIOBase) -> Request | None:
    """The next request of a connection; None when it ended, in the middle of a request or between two."""
    words = stream.readline(LONGEST_LINE).decode("latin-1").split()
    if len(words) != 3:
        return None
    pairs = []
    while line := stream.readline(LONGEST_LINE).strip():
        name, _, value = line.decode("latin-1").partition(":")
        pairs.append((name, value.strip()))
    headers = Headers(pairs)
    length = int(headers.get("content-length", 0))
    body = stream.read(length) if length else b""
    if len(body) < length:
        return None
    return Request(words[0], words[1], headers, body, time.monotonic())
