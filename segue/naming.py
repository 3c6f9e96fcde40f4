"""Names: what hosts are called, and which of those names are this studio's.

A page on a strange site may have its own name lead to this machine (DNS rebinding), and would then be let in where a
studio asks nobody who they are. So a studio answers to its own names only.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from segue.config import Settings

HOST = re.compile(r"(?:([a-z0-9._-]+)|\[([0-9a-f:.]+)\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
"""A `Host` header: a name or an address, perhaps a port."""


class Names:
    """The names a studio answers to."""

    def __init__(self, settings: Settings) -> None:
        self._own = own(settings)
        self._any_address = any_address(settings)

    def __contains__(self, host: str) -> bool:
        """Whether a `Host` header holds one of them. The port may be any: what is in front may have another."""
        name = _name(host)
        return name in self._own or is_loopback(name) or (self._any_address and is_address(name))


def own(settings: Settings) -> set[str]:
    """The names that settings give, as browsers spell them; those of this machine for itself come on top."""
    names = {*settings.hosts, settings.host}
    if settings.public_url:
        names.add(urlsplit(settings.public_url).hostname or "")
    if any_address(settings):
        machine = socket.gethostname().lower()
        names |= {machine, f"{machine.partition('.')[0]}.local"}
    return {_spelt(name) for name in names}


def any_address(settings: Settings) -> bool:
    """Whether any numeric address will do: it listens to a network, and nobody said what it is called there.

    No name leads there by a trick: who writes a number means the machine that has it.
    """
    return not (settings.hosts or settings.public_url or is_loopback(settings.host))


def by_address(host: str) -> bool:
    """Whether a `Host` header holds a number rather than a name."""
    return is_address(_name(host))


def is_loopback(host: str) -> bool:
    """Whether a host, by name or number, is the machine that asks."""
    address = numeric(host)
    return address.is_loopback if address else host == "localhost" or host.endswith(".localhost")


def is_address(host: str) -> bool:
    """Whether a host is a number rather than a name."""
    return numeric(host) is not None


@lru_cache(maxsize=256)
def numeric(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is, where it is a number; one of IPv4 is that, also where it is spelt as one of IPv6."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _name(host: str) -> str:
    """The name, or the address, in a `Host` header; empty where it is none."""
    found = HOST.fullmatch(host)
    return (found[1] or found[2]).lower().removesuffix(".") if found else ""


def _spelt(name: str) -> str:
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return name.lower()
