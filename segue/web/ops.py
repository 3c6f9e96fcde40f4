"""For those who run the studio: alive, able to serve, and in numbers."""

from __future__ import annotations

import hmac
import logging
import math
import time
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from segue.errors import SegueError, cause
from segue.metrics import registry
from segue.parts import Parts, parts
from segue.web import peers

LOG_AGAIN_SECONDS = 60.0
BEARER = {"WWW-Authenticate": "Bearer"}

log = logging.getLogger(__name__)


def healthz() -> ResponseReturnValue:
    """GET /healthz: the process answers."""
    return jsonify(status="alive")


def readyz() -> ResponseReturnValue:
    """GET /readyz: database, queue and media can be used; 503 and the name of what cannot."""
    troubles = [name for name, check in CHECKS.items() if not _passes(name, check)]
    if troubles:
        return jsonify(status="not ready", trouble=troubles), 503
    return jsonify(status="ready")


def metrics() -> ResponseReturnValue:
    """GET /metrics: for who has the token, or sits at this machine.

    All others are told alike to bring it, whether the studio has one or not.
    """
    if not (_is_ours(_token()) or peers.from_here()):
        return jsonify(error="Bring the token in SEGUE_METRICS_TOKEN, as Authorization: Bearer."), 401, BEARER
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _token() -> str | None:
    """The token that somebody brings, if they do."""
    given = request.authorization
    return given.token if given and given.type == "bearer" else None


def _is_ours(given: str | None) -> bool:
    token = parts().settings.metrics_token
    if token is None or given is None:
        return False
    return hmac.compare_digest(given.encode(), token.get_secret_value().encode())


def _registry() -> Any:
    extensions = current_app.extensions
    if "segue.metrics" not in extensions:
        collected = registry(parts())
        collected.register(extensions["segue.answers"])
        extensions["segue.metrics"] = collected
    return extensions["segue.metrics"]


def _database(here: Parts) -> None:
    with here.database.reader.connect() as connection:
        connection.execute(text("SELECT count(*) FROM clip WHERE id = ''"))


def _queue(here: Parts) -> None:
    here.jobs.ping()


def _media(here: Parts) -> None:
    with here.media.draft() as draft:
        draft.write(b"ready")
    here.media.find("ready/not.there")


CHECKS = {"database": _database, "queue": _queue, "media": _media}


def _passes(name: str, check: Callable[[Parts], None]) -> bool:
    try:
        check(parts())
    except (SQLAlchemyError, SegueError) as error:
        _log(name, error)
        return False
    return True


def _log(name: str, error: Exception) -> None:
    """Why a part cannot be used: now and then, however often anybody asks."""
    logged: dict[str, float] = current_app.extensions.setdefault("segue.not_ready", {})
    if time.monotonic() - logged.get(name, -math.inf) >= LOG_AGAIN_SECONDS:
        logged[name] = time.monotonic()
        log.error("not ready: %s: %s", name, cause(error))
