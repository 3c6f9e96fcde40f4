"""Where files may be fetched from: any public host, and the private ones that are named.

An answer names the address of a file, so it could name one inside the house: a router, a database, a cloud's metadata.
A name is therefore resolved here and every address it has is checked; connections are made to exactly those.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
WORLD = IPv6Network("2000::/3")
SPECIAL = (IPv4Network("192.0.0.0/24"), IPv6Network("3fff::/20"))
"""Not for the world, though not every version of Python says so."""

Place = tuple[str, int | None]
"""A host, and its port; None is any."""


class Forbidden(Exception):
    """An address that files are not fetched from; `where` is its host and port, None where it has none."""

    def __init__(self, message: str, where: str | None = None) -> None:
        super().__init__(message)
        self.where = where


class Hosts:
    """`named` are the private places files may come from."""

    def __init__(self, named: Iterable[Place] = ()) -> None:
        self._named = frozenset(named)

    def also(self, address: str) -> Hosts:
        """These, and the host and port of a web address."""
        return Hosts([*self._named, place(address)])

    def resolve(self, host: str, port: int) -> list[str]:
        """The numeric addresses of a host, checked. Raises Forbidden, and OSError when it has none."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise Forbidden(f"{host} is no name of a host") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not {(host.lower(), None), (host.lower(), port)} & self._named:
            for address in addresses:
                if not _public(address):
                    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
                    raise Forbidden(f"{where} is at {address}, which is not a public address", where)
        return addresses


def place(address: str) -> tuple[str, int]:
    """Host and port of a web address. Raises Forbidden for what is none."""
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise Forbidden("that is no web address") from error
    if not parts.hostname:
        raise Forbidden("that is no web address")
    return parts.hostname.rstrip("."), port


def _public(address: str) -> bool:
    ip = ip_address(address)
    if any(ip.version == special.version and ip in special for special in SPECIAL):
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast
    # What was ever given out to the world is here, IPv4 written as IPv6 and all that is local is elsewhere.
    embedded = [ip.sixtofour, *(ip.teredo or ())]
    return ip in WORLD and ip.is_global and all(_public(str(inner)) for inner in embedded if inner)
