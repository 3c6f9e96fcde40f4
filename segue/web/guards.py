"""Guards: what every answer tells browsers not to do with it, whoever made it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

FRAMED = "segue.framed"
"""What the environment of a request holds whose answer may be shown in anybody's frame."""
SHOWN_ELSEWHERE = "segue.shown_elsewhere"
"""What it holds when pages of others may show the answer: cards, and what a player in a frame needs."""

CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)
UNUSED = (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "idle-detection",
    "local-fonts", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
"""What a page could ask of a machine, and ours never do. They play by themselves, copy and share; that stays."""
GUARDS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", ", ".join(f"{name}=()" for name in UNUSED)),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
ALONE = [("Content-Security-Policy", CONTENT + "'none'"), ("X-Frame-Options", "DENY")]
IN_FRAMES = [("Content-Security-Policy", CONTENT + "*")]
OURS = [("Cross-Origin-Resource-Policy", "same-origin")]
EVERYBODYS = [("Cross-Origin-Resource-Policy", "cross-origin")]
HTTPS_ONLY = [("Strict-Transport-Security", f"max-age={365 * 24 * 3600}")]
"""For this name only: what else its domain serves is not ours to decide."""


class Guarded:
    """Adds guards to every answer. `https`: browsers shall never come by anything else again."""

    def __init__(self, app: WSGIApplication, https: bool) -> None:
        self._app = app
        always = GUARDS + (HTTPS_ONLY if https else [])
        self._ours = always + ALONE + OURS
        self._shown = always + ALONE + EVERYBODYS
        self._framed = always + IN_FRAMES + EVERYBODYS

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            guards = self._ours
            if FRAMED in environ:
                guards = self._framed
            elif SHOWN_ELSEWHERE in environ:
                guards = self._shown
            return start_response(status, headers + guards, exc_info)

        return self._app(environ, start)
