"""Watching: every request has an id, which its answer and its lines in the log carry, and is counted."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request

from segue import logs
from segue.web.answers import Answers

REQUEST_ID = "segue.request_id"
"""Where a request's environment has its id."""
ROUTE = "segue.route"
"""Where it has the name of its route, once that is known."""
WELL_FORMED = re.compile(r"[\w.-]{8,64}", re.ASCII)


def note_route() -> None:
    """Before a request is answered: leave the name of its route where it is counted by."""
    request.environ[ROUTE] = request.endpoint or "nowhere"


class Watched:
    """Watches over `app`. `believing`: a server of ours in front may have given the request its id."""

    def __init__(self, app: WSGIApplication, answers: Answers, believing: bool) -> None:
        self._app = app
        self._answers = answers
        self._believing = believing

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        request_id = self._given(environ) or os.urandom(8).hex()
        environ[REQUEST_ID] = request_id
        code = "500"

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal code
            code = status[:3]
            return start_response(status, [*headers, ("X-Request-Id", request_id)], exc_info)

        with logs.asked(request_id):
            try:
                return self._app(environ, start)
            finally:
                self._answers.count(environ.get(ROUTE, "nowhere"), code, perf_counter() - began)

    def _given(self, environ: WSGIEnvironment) -> str | None:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._believing else ""
        return given if WELL_FORMED.fullmatch(given) else None
