"""The one HTTP client: keys go to the configured base only, answers are capped, failures become ProviderErrors."""

from __future__ import annotations

import json
import logging
import random
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, SSLError

from segue.providers.base import ProviderError
from segue.providers.connections import (
    CONNECT_SECONDS,
    READ_SECONDS,
    TooMuch,
    capped,
    origin,
    session,
    surroundings,
)
from segue.providers.timing import time_limit

ANSWER_SECONDS = 60.0
ANSWER_LIMIT = 1024 * 1024
TEXT_LIMIT = 4000
"""Bytes of an answer that is no JSON, as far as anybody may want to quote it."""
RETRY_AFTER_LIMIT = 300.0
"""Seconds; who asks for more of a musician's patience is taken at this much."""
PAUSES = (0.1,)
"""Seconds, at most, before a question that changes nothing is asked again; who asked waits out longer troubles."""
PASSING = (502, 503, 504)
"""Answers to a question that may be better a moment later."""

log = logging.getLogger(__name__)


class NotSent(ProviderError):
    """Nobody was reached: surely nothing was started."""


class NoAnswer(ProviderError):
    """It was sent, and no sensible answer came back: what was asked for may have been done."""


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status, the JSON value, and the wait asked for in seconds.

    The value is None where a refusal, or a caller, has no JSON; `text` is what was said, as far as it is text.
    """

    status: int
    body: Any
    retry_after: float | None = None
    text: str = ""


class Http:
    """Calls below one base address, with one key if there is one.

    `title` is how error messages call the service. Redirects are never followed: they would carry the key to wherever
    an answer points. Only questions are asked again by themselves.
    """

    def __init__(self, base: str, key: str | None, title: str) -> None:
        self._base = base
        self._key = key
        self._title = title
        self._calls = session(key)

    def get(self, path: str) -> Answer:
        """GET {base}{path}; asking changes nothing, so a stumble is tried over."""
        for pause in PAUSES:
            try:
                answer = self._ask(path)
                if answer.status not in PASSING or answer.retry_after:
                    return answer
                log.info("%s answered %s; asking again", self._title, answer.status)
            except (NotSent, NoAnswer) as error:
                log.info("%s Asking again. (%s)", error, error.__cause__)
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
        return self._ask(path)

    def post(self, path: str, body: object, limit: int = ANSWER_LIMIT, seconds: float = READ_SECONDS) -> Answer:
        """POST {base}{path}, once. The answer may take `seconds` to begin, and have `limit` bytes.

        Raises NotSent or NoAnswer, which matter where a POST costs money.
        """
        # A connection kept from earlier may die just as a call is sent: what costs money takes a fresh one.
        with session(self._key) as fresh:
            return self._call("POST", path, body, fresh, limit, seconds, seconds + ANSWER_SECONDS - READ_SECONDS)

    def _ask(self, path: str) -> Answer:
        return self._call("GET", path, None, self._calls, ANSWER_LIMIT, READ_SECONDS, ANSWER_SECONDS)

    def _call(
        self,
        method: str,
        path: str,
        payload: object,
        calls: requests.Session,
        limit: int,
        seconds: float,
        in_all: float,
    ) -> Answer:
        try:
            with (
                time_limit(in_all),
                calls.request(
                    method,
                    self._base + path,
                    json=payload,
                    timeout=(CONNECT_SECONDS, seconds),
                    allow_redirects=False,
                    stream=True,
                    **surroundings(origin(self._base)),
                ) as response,
            ):
                content = b"".join(capped(response, limit))
                # Some services quote the key they refuse, and what they say may end up on a page.
                body = _without(self._key, _parsed(response, content))
                return Answer(
                    response.status_code, body, _retry_after(response, body), _without(self._key, _text(content))
                )
        except requests.RequestException as error:
            if _never_connected(error):
                raise NotSent(f"{self._title} cannot be reached.", permanent=False) from error
            raise NoAnswer(f"{self._title} did not answer.", permanent=False) from error
        except (TooMuch, ValueError, RecursionError) as error:
            raise NoAnswer(f"{self._title} sent an answer that makes no sense.", permanent=False) from error


def _parsed(response: requests.Response, content: bytes) -> Any:
    """The JSON value; a refusal's body may be anything, since its status says enough."""
    try:
        return json.loads(content)
    except ValueError:
        if response.status_code < 300:
            raise
        return None


def _without(key: str | None, value: Any) -> Any:
    """A JSON value without the key in any of its texts, however they were spelt."""
    if not key:
        return value
    if isinstance(value, str):
        return value.replace(key, "[key]")
    if isinstance(value, list):
        return [_without(key, each) for each in value]
    if isinstance(value, dict):
        return {name.replace(key, "[key]"): _without(key, each) for name, each in value.items()}
    return value


def _text(content: bytes) -> str:
    try:
        return content[:TEXT_LIMIT].decode()
    except UnicodeDecodeError:
        return ""


def _retry_after(response: requests.Response, body: Any) -> float | None:
    """The wait asked for in the header or, as Replicate does, in the body."""
    told: Any = response.headers.get("Retry-After") or (body.get("retry_after") if isinstance(body, dict) else None)
    try:
        seconds = float(told)
    except (TypeError, ValueError, OverflowError):
        seconds = _until(told) if isinstance(told, str) else 0.0
    return min(seconds, RETRY_AFTER_LIMIT) if seconds > 0 else None


def _until(moment: str) -> float:
    """Seconds until a date as HTTP writes it; 0 for what is none."""
    try:
        return parsedate_to_datetime(moment).timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    if isinstance(reason, SSLError):
        # Only a certificate that is not believed ends things before anything was sent.
        return isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | NameResolutionError)
