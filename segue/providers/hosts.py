"""Where files may be fetched from: any public host, and the private ones that are named.

An answer names the address of a file, so it could name one inside the house: a router, a database, a cloud's metadata.
A name is therefore resolved here and every address it has is checked; connections are made to exactly those.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 as networks without it see it (RFC 6052)."""

Place = tuple[str, int | None]
"""A host, and its port; None is any."""


class Forbidden(Exception):
    """An address that files are not fetched from."""


class Hosts:
    """`named` are the private places files may come from."""

    def __init__(self, named: Iterable[Place] = ()) -> None:
        self._named = frozenset(named)

    def also(self, address: str) -> Hosts:
        """These, and the host and port of a web address."""
        return Hosts([*self._named, place(address)])

    def resolve(self, host: str, port: int) -> list[str]:
        """The numeric addresses of a host, checked. Raises Forbidden; OSError or UnicodeError when it has none."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not {(host.lower(), None), (host.lower(), port)} & self._named:
            for address in addresses:
                if not _public(address):
                    raise Forbidden(f"{host}:{port} is at {address}, which is not a public address")
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
    return all(one.is_global and not one.is_multicast for one in (ip, *_within(ip)))


def _within(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 one is another way of writing."""
    if isinstance(ip, IPv4Address):
        return []
    inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in TRANSLATED:
        inner.append(IPv4Address(int(ip) & 0xFFFF_FFFF))
    return [one for one in inner if one is not None]
