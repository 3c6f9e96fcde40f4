"""Webhooks: a provider says that there is news of a clip. What the news is, we ask it ourselves."""

from __future__ import annotations

import logging

from flask import Response, abort, request

from segue.logs import about
from segue.parts import Parts, parts
from segue.providers.base import ProviderError

log = logging.getLogger(__name__)


def receive(provider: str, clip_id: str) -> Response:
    """POST /webhooks/<provider>/<clip id>: 204; 403 when it is not from the provider, or stale."""
    with about(clip_id):
        return _received(parts(), provider, clip_id)


def _received(here: Parts, provider: str, clip_id: str) -> Response:
    player = here.providers.get(provider)
    if player is None:
        abort(404)
    try:
        genuine = player.vouches({name.lower(): value for name, value in request.headers}, request.get_data())
    except ProviderError as error:
        log.warning("a webhook could not be checked: %s", error)
        abort(503)
    if not genuine:
        log.warning("a webhook was refused: not signed by %s, or not fresh", player.title)
        abort(403)
    here.clips.knock(clip_id)
    return Response(status=204)
