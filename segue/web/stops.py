"""Stops: where it does not go on, a page that says what happened and what to do, or the same as JSON for programs."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from segue.db import AWAY
from segue.errors import MediaError, NoSuchFormat, cause

log = logging.getLogger(__name__)

WORDS = {
    400: ("That request made no sense", "Go back, reload the page and try again."),
    403: ("That is not for you", "Go back to the studio and start from there."),
    404: ("Nothing here", "There is no such page or clip. Check the address, or start a new blend."),
    405: ("That does not work this way", "Go back to the studio and use its buttons."),
    413: ("That is too much", "A prompt has at most 500 characters. Go back, shorten it and try again."),
    429: ("That was too fast", "Nothing is lost. Wait a little, then try again."),
    500: ("Something broke", "It is our fault, and the log has the cause. Try again in a moment."),
    503: ("The studio is busy", "Nothing was started. Wait a moment, then try again."),
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
    app.register_error_handler(MediaError, _not_stored)


def _sorry(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    title, message = WORDS.get(code, (error.name, "Go back to the studio and try again."))
    if isinstance(error, CSRFError):
        message = "This page had been open too long, or cookies are switched off. Go back, reload it and try again."
    return _stop(code, title, message, [header for header in error.get_headers() if header[0] not in NOT_REPEATED])


def _busy(error: Exception) -> ResponseReturnValue:
    log.error("the database cannot be used: %s", cause(error))
    return _stop(503, *WORDS[503])


def _not_so(error: NoSuchFormat) -> ResponseReturnValue:
    return _stop(404, "Not in that format", error.message)


def _not_stored(error: MediaError) -> ResponseReturnValue:
    log.error("%s", error)
    return _stop(503, "That could not be made", f"{error.message} Tell whoever runs this studio, then try again.")


def _stop(code: int, title: str, message: str, headers: Sequence[tuple[str, str]] = ()) -> ResponseReturnValue:
    headers = [*headers, ("Vary", "Accept")]
    if _for_a_program():
        return jsonify(error=f"{title}. {message}"), code, headers
    again = code in MAY_PASS and request.method == "GET"
    return render_template("error.html", code=code, title=title, message=message, again=again), code, headers


def _for_a_program() -> bool:
    """Whether who asks would rather read JSON than a page."""
    wanted = request.accept_mimetypes.best_match(("text/html", "application/json"), default="text/html")
    return wanted == "application/json" or request.path.endswith("/status")
