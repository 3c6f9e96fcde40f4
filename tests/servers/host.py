"""A host on loopback: it listens in its own thread, keeps connections alive and records what it hears."""

import socketserver
import threading
from contextlib import suppress
from socket import SHUT_RDWR, create_connection, socket
from typing import Self

from tests.servers.wire import Exchange, Request, read_request

LOOPBACK = "127.0.0.1"
STOPS_WITHIN = 5.0


class Host:
    """Start it by `with` or `start()`. The port found at the first start is kept for the next ones, so a host
    can go away and come back. Stopping it cuts every connection. With `recording` off `requests` stays empty,
    for runs of many thousands."""

    def __init__(self, *, port: int = 0, recording: bool = True) -> None:
        self.port = port
        self.recording = recording
        self.requests: list[Request] = []
        self.connections = 0
        self.closing = threading.Event()
        self._open: dict[socket, threading.Thread] = {}
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        self.closing = threading.Event()
        self._listener = _Listener(self)
        self.port = self._listener.server_address[1]
        self._thread = threading.Thread(target=self._listener.listen, name=type(self).__name__, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, cut what is open and wait for it to end; nothing happens when it is not running."""
        if self._listener is None or self._thread is None:
            return
        self.closing.set()
        create_connection((LOOPBACK, self.port)).close()
        self._thread.join()
        self._listener.server_close()
        self._listener = self._thread = None
        still_open = list(self._open.items())
        for connection, _ in still_open:
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)
        for _, thread in still_open:
            thread.join(STOPS_WITHIN)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def serve(self, exchange: Exchange) -> None:
        """Answer one request, or fail to."""
        raise NotImplementedError

    def opened(self, connection: socket) -> None:
        self._open[connection] = threading.current_thread()

    def closed(self, connection: socket) -> None:
        self._open.pop(connection, None)


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: Host) -> None:
        self.host = host
        super().__init__((LOOPBACK, host.port), _Connection)

    def listen(self) -> None:
        """Until the host is closing and one more connection, which nobody serves, brings the news."""
        while not self.host.closing.is_set():
            self.handle_request()

    def verify_request(self, *_: object) -> bool:
        return not self.host.closing.is_set()

    def process_request(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        self.host.connections += 1
        super().process_request(request, client_address)


class _Connection(socketserver.StreamRequestHandler):
    """Reads requests itself: `http.server` spends most of its time parsing headers as if they were mail."""

    disable_nagle_algorithm = True
    server: _Listener

    def setup(self) -> None:
        super().setup()
        self.server.host.opened(self.connection)

    def handle(self) -> None:
        host = self.server.host
        with suppress(ConnectionError):
            while not host.closing.is_set():
                request = read_request(self.rfile)
                if request is None:
                    return
                if host.recording:
                    host.requests.append(request)
                exchange = Exchange(self.connection, request, host.closing)
                host.serve(exchange)
                if not exchange.open:
                    return

    def finish(self) -> None:
        self.server.host.closed(self.connection)
        super().finish()
