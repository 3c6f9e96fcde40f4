"""Peers: who is at the other end of the connection, whatever a server in between may say about who asks."""

from __future__ import annotations

from flask import request

from segue.naming import is_loopback
from segue.parts import parts

_SAID = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via")
FORWARDED = frozenset(f"HTTP_{name.upper().replace('-', '_')}" for name in _SAID)
"""What a server in between says: whoever asks sits somewhere else."""
ORIGINAL = "werkzeug.proxy_fix.orig"
"""Where ProxyFix keeps what the connection itself told."""


def peer() -> str:
    """The address of whoever is connected to us; a web server in front, where there is one."""
    return str(request.environ.get(ORIGINAL, request.environ).get("REMOTE_ADDR") or "")


def from_here() -> bool:
    """Whether somebody at this very machine asks, without anybody in between.

    Where a web server is in front, everybody may be its guest, whether it says so or not.
    """
    return not parts().settings.fronted and is_loopback(peer()) and FORWARDED.isdisjoint(request.environ)
