"""Hosts: who asks for a name that is not this studio's learns nothing, not even that it is one."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from segue.naming import Names, by_address

PROBES = frozenset(("/healthz", "/readyz", "/metrics"))
"""Asked by programs that go by address, whatever people call the studio: no trick with names leads to a number."""
TOLD_LIMIT = 20
"""Strange names the log has; whoever sends more of them fills no disk."""

log = logging.getLogger(__name__)


class Known:
    """Lets through what asks for one of `names`, and probes by address."""

    def __init__(self, app: WSGIApplication, names: Names) -> None:
        self._app = app
        self._names = names
        self._told: set[str] = set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "")
        if host in self._names or (environ["PATH_INFO"] in PROBES and by_address(host)):
            return self._app(environ, start_response)
        self._tell(host[:100])
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"Bad request\n"]

    def _tell(self, host: str) -> None:
        if host not in self._told and len(self._told) < TOLD_LIMIT:
            self._told.add(host)
            log.warning("turned away: asked for %r. If people know the studio by that, name it in SEGUE_HOSTS", host)
