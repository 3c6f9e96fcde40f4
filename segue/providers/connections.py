"""How connections are made: those for files only to places that were checked, and all of them such as can be cut."""

from __future__ import annotations

import socket
from collections.abc import Iterator
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
from segue.providers.timing import uses

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
CHUNK = 64 * 1024


class _Timed:
    """A connection that is cut when the time of whoever uses it is up."""

    def request(self, *args: Any, **options: Any) -> None:
        uses(self)
        super().request(*args, **options)  # type: ignore[misc]


class _Checked(_Timed):
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


def _pools(way: type) -> dict[str, type]:
    """What makes connections of that kind, by scheme."""
    kinds: dict[str, tuple[type, type]] = {
        "http": (HTTPConnectionPool, HTTPConnection),
        "https": (HTTPSConnectionPool, HTTPSConnection),
    }
    return {
        scheme: type(pool.__name__, (pool,), {"ConnectionCls": type(connection.__name__, (way, connection), {})})
        for scheme, (pool, connection) in kinds.items()
    }


_TIMED = _pools(_Timed)


class Adapter(HTTPAdapter):
    """Makes connections that can be cut by `timing.time_limit`; with `hosts`, only to where files may come from."""

    def __init__(self, hosts: Hosts | None = None) -> None:
        self._pools = _TIMED if hosts is None else _pools(type("_CheckedByHosts", (_Checked,), {"hosts": hosts}))
        super().__init__(pool_connections=8, pool_maxsize=16, max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager: PoolManager
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        # A proxy is where the environment says, however private; what it may be asked for is checked before.
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = _TIMED
        return manager


class TooMuch(Exception):
    """More bytes than anything honest takes."""


def session(key: str | None, hosts: Hosts | None = None) -> requests.Session:
    """Connections that send this key, or none; with `hosts`, only to where files may come from."""
    session = requests.Session()
    session.auth = Bearer(key)
    session.trust_env = False  # see surroundings
    session.headers["User-Agent"] = "Segue"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = Adapter(hosts)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def origin(address: str) -> str:
    """Scheme, host and port of a web address."""
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


def capped(response: requests.Response, limit: int) -> Iterator[bytes]:
    """The body in pieces. Raises TooMuch when it has more than `limit` bytes."""
    size = 0
    for chunk in response.iter_content(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooMuch
        yield chunk
