"""Protected connections: certificates are believed or not, and what that means for an order."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import trustme

from segue.providers import connections
from segue.providers.base import ProviderError
from segue.providers.files import Files
from segue.providers.hosts import Hosts
from segue.providers.http import Http, NoAnswer, NotSent
from tests.servers.wire import Request, read_request

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Protected:
    """A server on loopback that speaks TLS with a certificate for `name`, answers `{}` to everything, and counts."""

    def __init__(self, authority: trustme.CA, name: str, hang_up: bool = False, answer: bytes = ANSWER) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(self._context)
        self._hang_up = hang_up
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.asked: list[Request] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with plain:
                try:
                    with self._context.wrap_socket(plain, server_side=True) as connection:
                        if self._hang_up:
                            continue
                        # All of it is read: closing with something unread would take the answer back.
                        with connection.makefile("rb") as stream:
                            request = read_request(stream)
                        if request is not None:
                            self.asked.append(request)
                            connection.sendall(self._answer)
                except OSError:
                    continue

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
    """An authority that this machine believes."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    connections.surroundings.cache_clear()
    yield authority
    connections.surroundings.cache_clear()


def _served(authority: trustme.CA, name: str, hang_up: bool = False) -> Iterator[Protected]:
    server = Protected(authority, name, hang_up)
    yield server
    server.stop()


@pytest.fixture
def believed(authority: trustme.CA) -> Iterator[Protected]:
    yield from _served(authority, "localhost")


@pytest.fixture
def unknown(authority: trustme.CA) -> Iterator[Protected]:
    yield from _served(trustme.CA(), "localhost")


@pytest.fixture
def misnamed(authority: trustme.CA) -> Iterator[Protected]:
    yield from _served(authority, "elsewhere.example")


@pytest.fixture
def abrupt(authority: trustme.CA) -> Iterator[Protected]:
    yield from _served(authority, "localhost", hang_up=True)


def test_an_order_reaches_a_house_whose_certificate_is_believed(believed: Protected) -> None:
    assert Http(f"https://localhost:{believed.port}", "key", "The house").post("/x", {}).status == 200
    assert believed.asked[0].headers["Authorization"] == "Bearer key"


@pytest.mark.parametrize("kind", ["unknown", "misnamed"])
def test_a_certificate_that_is_not_believed_means_that_nothing_was_sent(
    kind: str, request: pytest.FixtureRequest
) -> None:
    server: Protected = request.getfixturevalue(kind)
    with pytest.raises(NotSent):
        Http(f"https://localhost:{server.port}", "key", "The house").post("/x", {})
    assert server.asked == []


def test_a_connection_that_ends_after_the_handshake_may_have_carried_the_order(abrupt: Protected) -> None:
    with pytest.raises(NoAnswer):
        Http(f"https://localhost:{abrupt.port}", "key", "The house").post("/x", {})


def _fetch(server: Protected, hosts: Hosts, host: str = "localhost") -> bytes:
    into = BytesIO()
    Files("The house", hosts).fetch(f"https://{host}:{server.port}/file.wav", into)
    return into.getvalue()


def test_a_file_comes_from_the_checked_address_under_the_name_that_was_asked_for(believed: Protected) -> None:
    assert _fetch(believed, Hosts([("localhost", believed.port)])) == b"{}"
    assert believed.asked[0].headers["Host"].startswith("localhost")
    with pytest.raises(ProviderError, match="fetches nothing from there"):
        _fetch(believed, Hosts())


def test_a_file_host_has_to_prove_its_name(misnamed: Protected) -> None:
    with pytest.raises(ProviderError, match="could not be fetched"):
        _fetch(misnamed, Hosts([("localhost", None)]))
    assert misnamed.asked == []


def test_a_file_is_not_followed_from_a_protected_place_to_an_open_one(authority: trustme.CA) -> None:
    open_place = "http://localhost:9/file.wav"
    moved = f"HTTP/1.1 302 Found\r\nLocation: {open_place}\r\nContent-Length: 0\r\n\r\n".encode()
    server = Protected(authority, "localhost", answer=moved)
    with pytest.raises(ProviderError, match="address that is none"):
        _fetch(server, Hosts([("localhost", None)]))
    server.stop()
