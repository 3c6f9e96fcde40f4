"""How connections are made: files' only to places that were checked, and none for longer than its time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from segue.providers.hosts import Hosts

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
CHUNK = 64 * 1024

_busy = threading.local()
"""The connection this thread is using."""


class _Cut:
    """A connection that can be cut from another thread, so that no trickle of bytes outlasts its welcome."""

    def request(self, *args: Any, **options: Any) -> None:
        _busy.connection = self
        super().request(*args, **options)  # type: ignore[misc]


class _Checked(_Cut):
    """A connection that is made to the very addresses that `hosts` has checked."""

    hosts: Hosts

    def _new_conn(self) -> socket.socket:
        this: Any = self
        try:
            addresses = self.hosts.resolve(this.host, this.port)
        except OSError as error:
            raise NameResolutionError(this.host, this, error) from error  # type: ignore[arg-type]
        failure: OSError = OSError("no address")
        for address in addresses:
            try:
                return create_connection((address, this.port), this.timeout, socket_options=this.socket_options)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(this, f"connecting to {this.host} timed out") from failure
        raise NewConnectionError(this, f"no connection: {failure}") from failure


class Adapter(HTTPAdapter):
    """Makes connections that `time_limit` can cut; with `hosts`, only to where files may come from."""

    def __init__(self, hosts: Hosts | None = None) -> None:
        way: type = _Cut if hosts is None else type("_CheckedBy", (_Checked,), {"hosts": hosts})
        self._pools = {
            "http": _pool(HTTPConnectionPool, way, HTTPConnection),
            "https": _pool(HTTPSConnectionPool, way, HTTPSConnection),
        }
        super().__init__(pool_connections=8, pool_maxsize=16, max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager: PoolManager
        self.poolmanager.pool_classes_by_scheme = self._pools


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Whatever connection this thread uses within the block is cut after so many seconds.

    Raises ReadTimeout when that happened, since an answer cut in its head may look like a whole one.
    """
    _busy.connection = None
    mine = _busy.__dict__
    up = threading.Event()

    def end() -> None:
        up.set()
        _cut(mine.get("connection"))

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
        if up.is_set():
            raise requests.ReadTimeout(f"took longer than {seconds:.0f} s")
    finally:
        timer.cancel()
        _busy.connection = None


def _cut(connection: Any) -> None:
    with suppress(AttributeError, OSError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _pool(pool: type, way: type, connection: type) -> type:
    return type(pool.__name__, (pool,), {"ConnectionCls": type(connection.__name__, (way, connection), {})})


class TooMuch(Exception):
    """More bytes, or more seconds, than anything honest takes."""


def session(key: str | None, hosts: Hosts | None = None) -> requests.Session:
    session = requests.Session()
    session.auth = Bearer(key)
    session.trust_env = False  # see _surroundings
    session.headers["User-Agent"] = "Segue"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = Adapter(hosts)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@lru_cache(maxsize=64)
def surroundings(origin: str) -> dict[str, Any]:
    """The proxy and the certificates this machine's environment names for a host; Requests reads them at each call."""
    found = requests.Session().merge_environment_settings(origin, {}, None, None, None)
    return {"proxies": found["proxies"], "verify": found["verify"]}


class Bearer(requests.auth.AuthBase):
    """Our key, or nothing."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key is not None:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def capped(response: requests.Response, limit: int, seconds: float) -> Iterator[bytes]:
    end = time.monotonic() + seconds
    size = 0
    for chunk in response.iter_content(CHUNK):
        size += len(chunk)
        if size > limit or time.monotonic() > end:
            raise TooMuch
        yield chunk
