"""Slow, cut and oversized bodies at a real server: nobody waits for them for long, nothing is made of half of one."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
import requests

from segue.bodies import cut_late
from segue.server import CONNECTIONS
from segue.web import FORM_LIMIT
from tests.crowd import SOON, Crowd
from tests.serving import PATIENCE, Serving
from tests.visitor import Visitor

HEAD = "POST {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving(tmp_path_factory.mktemp("bodies") / "data") as running:
        yield running


def _sends(serving: Serving, head: str, body: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", serving.port), PATIENCE)
    connection.sendall(head.encode() + body)
    return connection


def _answer(connection: socket.socket) -> bytes:
    """All that comes until the other side hangs up; empty where it says nothing."""
    told = b""
    with connection, suppress(ConnectionError):
        while more := connection.recv(65_536):
            told += more
    return told


FORM = HEAD.format("/clips", "Content-Length: 5000").encode()
CHUNKS = HEAD.format("/webhooks/replicate/x", "Transfer-Encoding: chunked").encode()


@pytest.mark.parametrize(("head", "piece"), [(FORM, b""), (FORM, b"x"), (CHUNKS, b"1\r\nx\r\n")])
def test_more_slow_senders_than_connections_are_cut_off_and_the_quick_come_through(
    serving: Serving, head: bytes, piece: bytes
) -> None:
    """As often as they come again: each of the quick waits for one wave of them at the most, and that gets less time
    than one slow sender does."""
    with Crowd(serving.port, CONNECTIONS + 50, head, piece) as crowd:
        for _ in range(5):
            assert requests.get(f"{serving.address}/healthz", timeout=SOON).status_code == 200
        assert Visitor(serving.address).blend(prompt_a="quick bells")
    assert b" 200 " not in crowd.answers
    assert "connections cut" in serving.log.read_text()


@pytest.mark.parametrize(
    "head", [b"", b"GET / HTTP/1.1\r\nHost: local", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"]
)
def test_more_idle_connections_than_there_may_be_keep_nobody_waiting(serving: Serving, head: bytes) -> None:
    with Crowd(serving.port, CONNECTIONS + 50, head):
        for _ in range(5):
            assert requests.get(f"{serving.address}/healthz", timeout=PATIENCE).status_code == 200


def test_who_waits_for_an_answer_is_not_cut_in_place_of_a_slow_sender() -> None:
    with ExitStack() as open_, socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]

        def come() -> socket.socket:
            connection = open_.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            open_.enter_context(door.accept()[0])
            return connection

        waiting = [come() for _ in range(2)]
        time.sleep(0.5)
        sender, began = come(), time.monotonic()
        # So much may pass between the two looks at the clock.
        time.sleep(2.0)
        waiting.append(come())
        assert cut_late(port, [time.monotonic() - began]) == 1
        assert sender.recv(1) == b""
        for connection in waiting:
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.recv(1)


def test_nothing_is_made_of_half_a_form(serving: Serving) -> None:
    visitor = Visitor(serving.address)
    form = visitor.form(prompt_a="half a bell")
    prepared = requests.Request("POST", f"{serving.address}/clips", data=form, cookies=visitor.http.cookies).prepare()
    body = str(prepared.body).encode()
    headers = [f"{name}: {value}" for name, value in prepared.headers.items() if name != "Content-Length"]
    head = HEAD.format("/clips", "\r\n".join([*headers, f"Content-Length: {len(body) + 10}"]))
    connection = _sends(serving, head, body)
    connection.shutdown(socket.SHUT_WR)
    assert b" 303 " not in _answer(connection)
    assert "half a bell" not in visitor.http.get(f"{serving.address}/library", timeout=PATIENCE).text


@pytest.mark.parametrize("path", ["/clips", "/sign-in", "/webhooks/replicate/x", "/library/bin", "/nothing"])
@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_too_large_is_refused_before_it_is_all_there(serving: Serving, path: str, chunked: bool) -> None:
    how = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {1 << 40}"
    piece = b"x" * 65_536
    sent = b"10000\r\n" + piece + b"\r\n" if chunked else piece
    connection = _sends(serving, HEAD.format(path, how + "\r\nContent-Type: application/x-www-form-urlencoded"))
    with suppress(ConnectionError):
        for _ in range(2 * FORM_LIMIT // len(piece)):
            connection.sendall(sent)
    code = _answer(connection)[9:12]
    assert code in {b"413", b"404", b"400", b"422", b"303"}, code


def test_a_head_without_end_is_refused(serving: Serving) -> None:
    connection = _sends(serving, "GET / HTTP/1.1\r\nHost: localhost\r\n")
    with suppress(ConnectionError):
        for number in range(20_000):
            connection.sendall(f"X-{number}: {'x' * 200}\r\n".encode())
    told = _answer(connection)
    assert not told or told[9:12] in {b"431", b"400"}
    assert requests.get(f"{serving.address}/healthz", timeout=PATIENCE).status_code == 200
