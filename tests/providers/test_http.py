"""The one HTTP client: patient with answers, never for ever; questions may be repeated, orders never."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from email.utils import formatdate
from io import BytesIO

import pytest

from segue.providers.base import ProviderError, Spoilt
from segue.providers.connections import session
from segue.providers.files import FILE_LIMIT, Files
from segue.providers.hosts import Hosts
from segue.providers.http import ANSWER_LIMIT, Http, NoAnswer, NotSent
from segue.providers.timing import time_limit
from tests.servers import behaviours
from tests.servers.behaviours import answer
from tests.servers.host import Host
from tests.servers.shapes import problem
from tests.servers.upstream import Upstream
from tests.servers.wire import Exchange
from tests.serving import PATIENCE


class Trickle(Host):
    """Sends the head of an answer a byte at a time, for about half a minute."""

    def serve(self, exchange: Exchange) -> None:
        for letter in "HTTP/1.1 200 OK\r\nX-Padding: " + "a" * 3000:
            exchange.write(letter.encode())
            if not exchange.wait(0.01):
                return
        exchange.write(b"\r\nContent-Length: 2\r\n\r\n{}")


class TricklingBody(Host):
    """Sends a body a byte at a time."""

    def serve(self, exchange: Exchange) -> None:
        exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n")
        for _ in range(3000):
            exchange.write(b" ")
            if not exchange.wait(0.01):
                return


@pytest.mark.parametrize("kind", [Trickle, TricklingBody])
@pytest.mark.parametrize("hosts", [None, Hosts([("127.0.0.1", None)])], ids=["call", "file"])
def test_a_trickle_of_bytes_does_not_outlast_its_time(kind: type[Host], hosts: Hosts | None) -> None:
    with kind() as host, session(None, hosts) as client, pytest.raises(OSError), time_limit(0.3):
        client.get(host.address, timeout=5)


def test_a_time_limit_ends_with_its_block(upstream: Upstream) -> None:
    address = upstream.files.output("abc")["audio"]
    with session(None) as client:
        with time_limit(3):
            client.get(address, timeout=PATIENCE)
        time.sleep(3.5)
        with time_limit(PATIENCE):
            assert client.get(address, timeout=PATIENCE).content == upstream.files.media.audio


def _http(upstream: Upstream) -> Http:
    return Http(upstream.gateway.base, upstream.gateway.key, "The house")


TROUBLES = {
    "dropped": behaviours.drop(),
    "502": answer(502, problem("Bad gateway")),
    "503": answer(503, problem("Down")),
    "cut": behaviours.cut(),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_question_is_asked_again_after_a_stumble(upstream: Upstream, trouble: str) -> None:
    upstream.gateway.on_get(TROUBLES[trouble], times=1)
    assert _http(upstream).get("/predictions/abc").status == 404


@pytest.mark.parametrize("trouble", TROUBLES)
def test_an_order_is_never_placed_again(upstream: Upstream, trouble: str) -> None:
    upstream.gateway.on_create(TROUBLES[trouble], times=1)
    http = _http(upstream)
    with suppress(NoAnswer):
        assert http.post(upstream.gateway.create_path, {}).status >= 500
    assert len(upstream.gateway.requests) == 1


def test_a_question_throttled_is_not_pressed(upstream: Upstream) -> None:
    upstream.gateway.on_get(behaviours.throttled(7))
    assert _http(upstream).get("/predictions/abc").retry_after == 7
    assert len(upstream.gateway.requests) == 1


def test_a_wait_may_be_a_date(upstream: Upstream) -> None:
    headers = {"Retry-After": formatdate(time.time() + 100, usegmt=True)}
    upstream.gateway.on_get(answer(429, problem("later"), headers=headers))
    asked = _http(upstream).get("/predictions/abc").retry_after
    assert asked is not None
    assert 90 < asked <= 100


@pytest.mark.parametrize("told", ["", "soon", "-5", "nan", "inf", "1e999", "Mon, 99 Foo 2026", "0"])
def test_a_wait_that_makes_no_sense_is_none_or_bounded(upstream: Upstream, told: str) -> None:
    upstream.gateway.on_get(answer(429, problem("later"), headers={"Retry-After": told}))
    asked = _http(upstream).get("/predictions/abc").retry_after
    assert asked is None or 0 < asked <= 300


def test_nobody_there_is_surely_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(NotSent):
        Http(f"http://127.0.0.1:{port}", "key", "The house").post("/x", {})


def test_a_name_nobody_has_is_surely_not_sent() -> None:
    with pytest.raises(NotSent):
        Http("http://a-name-nobody-has.invalid", "key", "The house").post("/x", {})


def test_an_answer_may_not_be_larger_than_a_megabyte(upstream: Upstream) -> None:
    upstream.gateway.on_get(answer(200, {"logs": "#" * ANSWER_LIMIT}))
    with pytest.raises(NoAnswer, match="makes no sense"):
        _http(upstream).get("/predictions/abc")


class Fountain(Host):
    """A file without end, and a count of what was taken of it."""

    poured = 0

    def serve(self, exchange: Exchange) -> None:
        exchange.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nConnection: close\r\n\r\n")
        while exchange.wait(0):
            exchange.write(bytes(1024 * 1024))
            self.poured += 1024 * 1024


def test_a_file_may_not_be_larger_than_its_limit_and_is_not_read_to_the_end() -> None:
    into = BytesIO()
    with Fountain() as fountain:
        files = Files("The house", Hosts([("127.0.0.1", fountain.port)]))
        with pytest.raises(Spoilt, match="too large"):
            files.fetch(f"{fountain.address}/endless.wav", into)
        time.sleep(0.1)
        assert FILE_LIMIT - 2**20 < len(into.getvalue()) <= FILE_LIMIT
        assert fountain.poured < 2 * FILE_LIMIT


def test_a_key_goes_to_the_base_and_a_file_goes_without(upstream: Upstream) -> None:
    _http(upstream).get("/predictions/abc")
    assert upstream.gateway.requests[0].headers["Authorization"] == f"Bearer {upstream.gateway.key}"
    Files("The house", Hosts().also(upstream.files.address)).fetch(upstream.files.output("abc")["audio"], BytesIO())
    assert "Authorization" not in upstream.files.requests[0].headers


def test_without_a_key_nothing_is_sent_in_its_place(upstream: Upstream) -> None:
    assert Http(upstream.gateway.base, None, "The house").get("/predictions/abc").status == 401
    assert "Authorization" not in upstream.gateway.requests[0].headers


def test_many_threads_at_once_each_get_their_own_answer(upstream: Upstream) -> None:
    http = _http(upstream)
    failures: list[ProviderError] = []

    def ask() -> None:
        try:
            for _ in range(20):
                assert http.get("/predictions/abc").status == 404
        except ProviderError as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_order_takes_a_connection_of_its_own(upstream: Upstream) -> None:
    """One kept from earlier may die just as the order is sent, and nobody could tell whether it arrived."""
    http = _http(upstream)
    for _ in range(3):
        http.post("/predictions/abc/cancel", None)
    assert upstream.gateway.connections == 3


@pytest.mark.parametrize("spelt", ["sk-ab/cd", "sk-ab\\/cd", "sk-ab\\u002fcd", "\\u0073k-ab/cd"])
def test_a_key_that_is_quoted_back_is_blanked_however_it_is_spelt(upstream: Upstream, spelt: str) -> None:
    body = '{"detail": "no access for ' + spelt + '", "' + spelt + '": ["' + spelt + '"]}'
    upstream.gateway.key = "sk-ab/cd"
    upstream.gateway.on_get(answer(403, body.encode()))
    told = Http(upstream.gateway.base, "sk-ab/cd", "The house").get("/predictions/abc")
    assert told.body == {"detail": "no access for [key]", "[key]": ["[key]"]}


def test_a_trickle_through_a_proxy_does_not_outlast_its_time_either(monkeypatch: pytest.MonkeyPatch) -> None:
    with Trickle() as proxy, session(None) as client, pytest.raises(OSError), time_limit(0.3):
        client.get("http://192.0.2.1/", timeout=5, proxies={"http": proxy.address})
