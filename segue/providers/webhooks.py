"""Whether a webhook is what it says: signed by who alone can, and just now.

The scheme is Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, in base64, by a secret that only the two know.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Mapping

from segue.providers.answers import text
from segue.providers.base import ProviderError
from segue.providers.http import Http
from segue.wires import Wire

FRESH_SECONDS = 300.0
"""How far a webhook's time may be from ours. A copy sent again within it only has us look once more."""
ASK_AGAIN_SECONDS = 60.0
"""Pause after the secret could not be had: forged webhooks must not make us ask for it all the time."""

log = logging.getLogger(__name__)


class Webhooks:
    """The webhooks of one account. The secret is asked for at the first of them, and kept."""

    def __init__(self, http: Http, clock: Callable[[], float] = time.time) -> None:
        self._http = http
        self._clock = clock
        self._wire = Wire(ProviderError, _unknown, ASK_AGAIN_SECONDS, answered=False)
        self._secret: bytes | None = None

    def genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a webhook is signed and fresh. Raises ProviderError when that cannot be told at the moment."""
        name, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not name or not moment.isascii() or not moment.isdigit():
            return False
        if abs(self._clock() - int(moment[:12])) > FRESH_SECONDS:
            return False
        given = headers.get("webhook-signature", "").split()
        theirs = [signature.removeprefix("v1,").encode() for signature in given if signature.startswith("v1,")]
        if not theirs:
            return False
        signed = b".".join([name.encode(), moment.encode(), body])
        ours = base64.b64encode(hmac.digest(self._known_secret(), signed, hashlib.sha256))
        return any(hmac.compare_digest(ours, their) for their in theirs)

    def _known_secret(self) -> bytes:
        if self._secret is None:
            with self._wire.ask():
                self._secret = self._asked_for()
        return self._secret

    def _asked_for(self) -> bytes:
        answer = self._http.get("/webhooks/default/secret")
        key = text(answer.body.get("key")) if isinstance(answer.body, dict) else ""
        try:
            secret = base64.b64decode(key.partition("_")[2], validate=True)
        except ValueError:
            secret = b""
        if answer.status != 200 or not secret:
            raise ProviderError("The secret of the webhooks cannot be had.", permanent=False)
        log.info("webhooks: the secret is known now")
        return secret


def _unknown() -> ProviderError:
    return ProviderError("The secret of the webhooks is not known yet.", permanent=False)
