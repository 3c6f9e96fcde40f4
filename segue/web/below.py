"""Below: a studio that people know below a path of some address, such as https://example.org/segue."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class Below:
    """Has every address of `app` begin with `path`, whether a web server in front takes the path away or leaves it."""

    def __init__(self, app: WSGIApplication, path: str) -> None:
        self._app = app
        # As servers hand it on: what browsers encode is decoded to bytes, and each of them is a letter.
        self._path = unquote(quote(path, safe="/%"), "latin-1")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        inside = environ["PATH_INFO"].removeprefix(self._path)
        if inside.startswith("/") or not inside:
            environ["PATH_INFO"] = inside or "/"
        environ["SCRIPT_NAME"] = self._path
        return self._app(environ, start_response)
