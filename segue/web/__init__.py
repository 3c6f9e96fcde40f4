"""The web side of the house: which address is answered by whom, and what every answer carries."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from segue.colours import hue
from segue.config import Settings
from segue.members import VISIT_SECONDS
from segue.naming import Names
from segue.recipe import seed_title
from segue.web import (
    access,
    assets,
    clips,
    details,
    installation,
    library,
    members,
    names,
    oidc,
    ops,
    packing,
    seeds,
    sharing,
    stops,
    studio,
    usage,
    webhooks,
)
from segue.web.access import Door
from segue.web.answers import Answers
from segue.web.below import Below
from segue.web.guards import Guarded
from segue.web.hosts import Known
from segue.web.watching import Watched, note_route

FORM_LIMIT = 128 * 1024
"""Bytes a form may have: two prompts of 500 characters, generously encoded, and room to say why more is too much."""

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def register(app: Flask) -> None:
    """Give `app` its routes, filters, headers and error pages."""
    settings: Settings = app.extensions["segue"].settings
    app.session_interface = Sessions()
    app.config["MAX_CONTENT_LENGTH"] = FORM_LIMIT
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_LIMIT
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["PERMANENT_SESSION_LIFETIME"] = VISIT_SECONDS
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.before_request(note_route)
    at = access.register(app)
    csrf = CSRFProtect(app)

    @app.before_request
    def check_token() -> None:
        # The studio's form looks after its own, so that a stale page is told so with everything still filled in;
        # webhooks are signed.
        if request.method not in SAFE_METHODS and request.endpoint not in (None, "submit", "webhook"):
            csrf.protect()

    _routes(at)
    assets.prepare(Path(app.static_folder or ""))
    for name in assets.ENTRIES:
        at(f"{app.static_url_path}/{name}", "asset", assets.entry, Door.ANYONE, defaults={"name": name})
    app.add_template_filter(hue)
    app.add_template_filter(names.blend)
    app.add_template_filter(names.day)
    app.add_template_filter(names.file_name)
    app.add_template_filter(seed_title, "seed")
    app.after_request(sharing.open_to_frames)
    app.after_request(access.guard)
    app.after_request(packing.pack)
    stops.register(app)
    answers = app.extensions["segue.answers"] = Answers()
    known = Known(app.wsgi_app, Names(settings))
    app.wsgi_app = Guarded(Watched(known, answers, settings.proxies > 0), settings.https)  # type: ignore[method-assign]
    if path := urlsplit(settings.public_url or "").path:
        app.wsgi_app = Below(app.wsgi_app, path)  # type: ignore[method-assign]
    if count := settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _routes(at: access.At) -> None:
    """Which address is answered by what, and whose door it has."""
    at("/", "studio", studio.index, Door.MEMBERS)
    at("/clips", "submit", clips.submit, Door.MEMBERS, methods=["POST"])
    at("/clips", "clips", clips.index, Door.MEMBERS)
    at("/clips/<clip_id>", "clip", clips.show, Door.LISTENERS)
    at("/clips/<clip_id>/status", "clip_status", clips.status, Door.LISTENERS)
    at("/clips/<clip_id>/cancel", "clip_cancel", clips.cancel, Door.MEMBERS, methods=["POST"])
    at("/clips/<clip_id>/retry", "clip_retry", clips.retry, Door.MEMBERS, methods=["POST"])
    at("/clips/<clip_id>/audio", "clip_audio", clips.audio, Door.LISTENERS)
    at("/clips/<clip_id>/spectrogram", "clip_spectrogram", clips.spectrogram, Door.LISTENERS)
    at("/clips/<clip_id>/card", "clip_card", sharing.card, Door.LISTENERS)
    at("/clips/<clip_id>/embed", "clip_embed", sharing.embed, Door.LISTENERS)
    at("/oembed", "oembed", sharing.oembed, Door.ANYONE)
    at("/seeds/<seed_id>/audio", "seed_audio", seeds.audio, Door.MEMBERS)
    at("/seeds/<seed_id>/picture", "seed_picture", seeds.picture, Door.MEMBERS)
    at("/clips/<clip_id>/share", "clip_share", sharing.share, Door.MEMBERS, methods=["POST"])
    at("/clips/<clip_id>/unshare", "clip_unshare", sharing.unshare, Door.MEMBERS, methods=["POST"])
    at("/clips/<clip_id>/heart", "clip_heart", library.heart, Door.MEMBERS, methods=["POST"])
    at("/clips/<clip_id>/details", "clip_details", details.details, Door.MEMBERS, methods=["POST"])
    at("/library", "library", library.index, Door.MEMBERS)
    at("/library/bin", "library_bin", library.bin_, Door.MEMBERS)
    at("/library/bin", "library_bin_put", library.put_in_bin, Door.MEMBERS, methods=["POST"])
    at("/library/restore", "library_restore", library.restore, Door.MEMBERS, methods=["POST"])
    at("/library/zip", "library_zip", library.bundle, Door.MEMBERS)
    at("/sign-in", "sign_in", members.sign_in, Door.ANYONE, methods=["GET", "POST"])
    at("/sign-in/oidc", "oidc", oidc.begin, Door.ANYONE)
    at("/sign-in/oidc/back", "oidc_back", oidc.back, Door.ANYONE)
    at("/sign-out", "sign_out", members.sign_out, Door.ANYONE, methods=["POST"])
    at("/invitations/<token>", "invitation", members.invitation, Door.ANYONE, methods=["GET", "POST"])
    at("/me", "me", members.me, Door.MEMBERS, methods=["GET", "POST"])
    at("/me/sign-out-everywhere", "sign_out_everywhere", members.sign_out_everywhere, Door.MEMBERS, methods=["POST"])
    at("/members", "members", members.index, Door.OWNERS, methods=["GET", "POST"])
    at("/members/<member_id>/reset", "member_reset", members.reset, Door.OWNERS, methods=["GET", "POST"])
    at("/members/<member_id>/remove", "member_remove", members.remove, Door.OWNERS, methods=["POST"])
    at("/usage", "usage", usage.index, Door.OWNERS)
    at("/webhooks/<provider>/<clip_id>", "webhook", webhooks.receive, Door.ANYONE, methods=["POST"])
    at("/manifest.webmanifest", "manifest", installation.manifest, Door.ANYONE)
    at("/sw.js", "worker", installation.worker, Door.ANYONE)
    at("/offline", "offline", installation.offline, Door.ANYONE)
    at("/healthz", "healthz", ops.healthz, Door.ANYONE)
    at("/readyz", "readyz", ops.readyz, Door.ANYONE)
    at("/metrics", "metrics", ops.metrics, Door.ANYONE)


class Sessions(SecureCookieSessionInterface):
    """Signed cookies, but not for polls of who is alone: they come by the thousand and read nothing from a session."""

    def open_session(self, app: Flask, request_: Request) -> SecureCookieSession | None:
        try:
            if request_.path.endswith("/status") and access.alone():
                return self.make_null_session(app)
        except SQLAlchemyError:
            # Whoever answers the poll will say so.
            return self.make_null_session(app)
        return super().open_session(app, request_)
