"""Stops: where it does not go on, a page that says what happened and what to do, or the same as JSON for programs."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from segue.db import AWAY
from segue.errors import MediaError, NoSuchFormat, Refused, cause

log = logging.getLogger(__name__)

WORDS = {
    400: ("That request made no sense", "Go back, reload the page and try again."),
    403: ("That is for others", "Go back to the studio and start from there."),
    404: ("Nothing here", "There is no such page or clip. Check the address, or start a new blend."),
    405: ("That does not work this way", "Go back to the studio and use its buttons."),
    413: ("That is too much", "A prompt has at most 500 characters. Go back, shorten it and try again."),
    429: ("That was too fast", "Nothing is lost. Wait a little, then try again."),
    500: ("Something broke", "It is our fault, and the log has the cause. Try again in a moment."),
    503: (
        "Out of reach for a moment",
        "The studio cannot get at its library just now, and nothing is lost. Wait a moment, then try again; a blend "
        "you had filled in is still there when you go back.",
    ),
}
MAY_PASS = frozenset((429, 500, 503))
"""Those that asking again may mend."""
NOT_REPEATED = frozenset(("Content-Type", "Content-Length"))


def register(app: Flask) -> None:
    """Give `app` its answers for when something is wrong."""
    app.register_error_handler(HTTPException, _sorry)
    for kind in AWAY:
        app.register_error_handler(kind, _busy)
    app.register_error_handler(NoSuchFormat, _not_so)
    app.register_error_handler(Refused, _not_yours)
    app.register_error_handler(MediaError, _not_stored)


def _sorry(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    title, message = WORDS.get(code, (error.name, "Go back to the studio and try again."))
    if isinstance(error, CSRFError):
        title, message = _not_from_here(error)
    return _stop(code, title, message, [header for header in error.get_headers() if header[0] not in NOT_REPEATED])


def _not_from_here(error: CSRFError) -> tuple[str, str]:
    """Why a form is not believed to be ours, in words; the log has what only whoever runs the studio can mend."""
    if "referrer" not in str(error.description):
        return (
            "That page was out of date",
            "You signed in or out since it was opened, the browser was closed, or cookies are switched off. Nothing "
            "was changed: open it again, and press the button once more.",
        )
    log.warning(
        "a form was refused: sent from %r, and asked for at %r. If both are the studio, does the web server in front "
        "pass on the Host it was asked for, with its port?",
        "/".join((request.referrer or "").split("/")[:3])[:100],
        _ours().rstrip("/"),
    )
    return (
        "That did not come from here",
        "Your browser does not say that you pressed that button here, so nothing was changed. Go back, reload the page "
        "and try again; if it happens again, tell whoever runs this studio: the log has the cause.",
    )


def _busy(error: Exception) -> ResponseReturnValue:
    log.error("the database cannot be used: %s", cause(error))
    return _stop(503, *WORDS[503])


def _not_so(error: NoSuchFormat) -> ResponseReturnValue:
    return _stop(404, "Not in that format", error.message)


def _not_yours(error: Refused) -> ResponseReturnValue:
    return _stop(403, WORDS[403][0], error.message)


def _not_stored(error: MediaError) -> ResponseReturnValue:
    log.error("%s", error)
    return _stop(503, "That could not be made", f"{error.message} Tell whoever runs this studio, then try again.")


def _stop(code: int, title: str, message: str, headers: Sequence[tuple[str, str]] = ()) -> ResponseReturnValue:
    headers = [*headers, ("Vary", "Accept")]
    if _for_a_program():
        return jsonify(error=f"{title}. {message}"), code, headers
    return render_template("error.html", code=code, title=title, message=message, remedy=_remedy(code)), code, headers


def _remedy(code: int) -> tuple[str, str] | None:
    """What may help, and the address where it does; nothing that would throw away what somebody filled in."""
    if code in MAY_PASS and request.method == "GET":
        return "Try again", ""
    sent_from = request.referrer or ""
    if code == 400 and request.method == "POST" and sent_from.startswith(_ours()):
        return "Open that page again", sent_from
    return None


def _ours() -> str:
    """The studio's address as browsers send it: Werkzeug's own `host_url` spells a name's letters out."""
    return f"{request.scheme}://{request.host}/"


def _for_a_program() -> bool:
    """Whether who asks would rather read JSON than a page."""
    wanted = request.accept_mimetypes.best_match(("text/html", "application/json"), default="text/html")
    return wanted == "application/json" or request.path.endswith("/status")
