"""Signing in elsewhere: an OpenID Connect issuer vouches for who it is, where the settings name one.

Whom it vouches for is not a member for that: an invitation ties an account there to a member here, once.
"""

from __future__ import annotations

import logging
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from segue.config import Settings
from segue.parts import parts
from segue.web import access
from segue.web.onward import onward
from segue.web.sharing import site
from segue.wires import Wire

TIMEOUT = 10.0
PAUSE = 5.0
"""Seconds until it is asked again, after it did not answer."""
PENDING = "oidc"
"""Where a session keeps what a sign-in elsewhere was begun for."""

log = logging.getLogger(__name__)


def title() -> str | None:
    """What people call the issuer, if there is one: its host."""
    issuer = parts().settings.oidc_issuer
    return urlsplit(issuer).hostname if issuer else None


def begin() -> ResponseReturnValue:
    """GET /sign-in/oidc: off to the issuer; `next` is where to go afterwards, `invitation` the link that was opened."""
    issuer = _issuer()
    session[PENDING] = {name: request.args[name] for name in ("next", "invitation") if name in request.args}
    try:
        if "issuer" not in issuer.server_metadata:
            with _wire().ask():
                issuer.load_server_metadata()
        return cast(ResponseReturnValue, issuer.authorize_redirect(site() + url_for("oidc_back")))
    except Exception as error:
        return _trouble(error), 503


def back() -> ResponseReturnValue:
    """GET /sign-in/oidc/back: from the issuer, with its word on who it is."""
    issuer, begun = _issuer(), session.get(PENDING) or {}
    try:
        with _wire().ask():
            claims = issuer.authorize_access_token()["userinfo"]
        subject = f"{claims['iss']} {claims['sub']}"
    except Exception as error:
        return _trouble(error), 503 if isinstance(error, OSError) else 403
    members = parts().members
    invitation = begun.get("invitation")
    visit = members.tie(invitation, subject) if invitation else members.come(subject)
    if visit is None:
        return render_template("members/not_known.html", issuer=title(), invited=bool(invitation)), 403
    access.let_in(visit)
    return redirect(onward(begun.get("next")), 303)


def _issuer() -> Any:
    if parts().settings.oidc_issuer is None:
        abort(404)
    if "segue.oidc" not in current_app.extensions:
        current_app.extensions["segue.oidc"] = _client(current_app, parts().settings)
    return current_app.extensions["segue.oidc"]


def _wire() -> Wire:
    return cast(Wire, current_app.extensions.setdefault("segue.oidc.wire", Wire(OSError, _away, PAUSE)))


def _client(app: Flask, settings: Settings) -> Any:
    # Only those who need it load it.
    from authlib.integrations.flask_client import OAuth

    assert settings.oidc_client_secret is not None
    return OAuth(app).register(
        "issuer",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid", "code_challenge_method": "S256", "default_timeout": TIMEOUT},
    )


def _away() -> OSError:
    return OSError("it did not answer just now")


def _trouble(error: Exception) -> str:
    # Whatever the issuer says or does, nobody comes in by it; the log has the cause.
    log.warning("sign-in at %s did not work: %s: %s", title(), type(error).__name__, error)
    return render_template("members/not_known.html", issuer=title(), trouble=True)
