"""The web side of the house: which address is answered by whom, and what every answer carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect

from segue.colours import hue
from segue.recipe import seed_title
from segue.web import (
    assets,
    clips,
    installation,
    names,
    ops,
    packing,
    seeds,
    sharing,
    stops,
    studio,
    webhooks,
)

FORM_LIMIT = 128 * 1024
"""Bytes a form may have: two prompts of 500 characters, generously encoded, and room to say why more is too much."""

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

GUARDS = [
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
]
FRAMED_GUARDS = [
    (name, value.replace("frame-ancestors 'none'", "frame-ancestors *"))
    for name, value in GUARDS
    if name != "X-Frame-Options"
]


def register(app: Flask) -> None:
    """Give `app` its routes, filters, headers and error pages."""
    app.session_interface = Sessions()
    app.config["MAX_CONTENT_LENGTH"] = FORM_LIMIT
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_LIMIT
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf = CSRFProtect(app)

    @app.before_request
    def check_token() -> None:
        # The studio's form looks after its own, so that a stale page is told so with everything still filled in;
        # webhooks are signed.
        if request.endpoint not in (None, "submit", "webhook") and request.method not in SAFE_METHODS:
            csrf.protect()

    app.add_url_rule("/", "studio", studio.index)
    app.add_url_rule("/clips", "submit", clips.submit, methods=["POST"])
    app.add_url_rule("/clips", "clips", clips.index)
    app.add_url_rule("/clips/<clip_id>", "clip", clips.show)
    app.add_url_rule("/clips/<clip_id>/status", "clip_status", clips.status)
    app.add_url_rule("/clips/<clip_id>/cancel", "clip_cancel", clips.cancel, methods=["POST"])
    app.add_url_rule("/clips/<clip_id>/retry", "clip_retry", clips.retry, methods=["POST"])
    app.add_url_rule("/clips/<clip_id>/audio", "clip_audio", clips.audio)
    app.add_url_rule("/clips/<clip_id>/spectrogram", "clip_spectrogram", clips.spectrogram)
    app.add_url_rule("/clips/<clip_id>/card", "clip_card", sharing.card)
    app.add_url_rule("/clips/<clip_id>/embed", "clip_embed", sharing.embed)
    app.add_url_rule("/oembed", "oembed", sharing.oembed)
    app.add_url_rule("/seeds/<seed_id>/audio", "seed_audio", seeds.audio)
    app.add_url_rule("/seeds/<seed_id>/picture", "seed_picture", seeds.picture)
    app.add_url_rule("/webhooks/<provider>/<clip_id>", "webhook", webhooks.receive, methods=["POST"])
    app.add_url_rule("/manifest.webmanifest", "manifest", installation.manifest)
    app.add_url_rule("/sw.js", "worker", installation.worker)
    app.add_url_rule("/offline", "offline", installation.offline)
    app.add_url_rule("/healthz", "healthz", ops.healthz)
    app.add_url_rule("/readyz", "readyz", ops.readyz)
    assets.prepare(Path(app.static_folder or ""))
    for name in assets.ENTRIES:
        app.add_url_rule(f"{app.static_url_path}/{name}", "asset", assets.entry, defaults={"name": name})
    app.add_template_filter(hue)
    app.add_template_filter(names.blend)
    app.add_template_filter(names.file_name)
    app.add_template_filter(seed_title, "seed")
    app.after_request(sharing.open_to_frames)
    app.after_request(packing.pack)
    stops.register(app)
    app.wsgi_app = Guarded(app.wsgi_app)  # type: ignore[method-assign]


class Sessions(SecureCookieSessionInterface):
    """Signed cookies, but not for polls: they come by the thousand and read nothing from a session."""

    def open_session(self, app: Flask, request_: Request) -> SecureCookieSession | None:
        if request_.path.endswith("/status"):
            return self.make_null_session(app)
        return super().open_session(app, request_)


class Guarded:
    """Adds GUARDS to every answer, whoever made it; FRAMED_GUARDS to one that was marked as made for frames."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            guards = FRAMED_GUARDS if environ.get(sharing.FRAMED) else GUARDS
            return start_response(status, headers + guards, exc_info)

        return self._app(environ, start)
