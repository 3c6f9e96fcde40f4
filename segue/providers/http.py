"""The one HTTP client: keys go to the configured base only, answers are capped, failures become ProviderErrors."""

from __future__ import annotations

import base64
import json
import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError, NewConnectionError, SSLError

from segue.providers.base import ProviderError

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
ANSWER_SECONDS = 60.0
FILE_SECONDS = 120.0
ANSWER_LIMIT = 1024 * 1024
FILE_LIMIT = 32 * 1024 * 1024
CHUNK = 64 * 1024
RETRY_AFTER_LIMIT = 300.0
"""Seconds; who asks for more of a musician's patience is taken at this much."""


class NotSent(ProviderError):
    """Nobody was reached: surely nothing was started."""


class NoAnswer(ProviderError):
    """It was sent, and no sensible answer came back: what was asked for may have been done."""


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status, the JSON value, and the wait asked for in seconds."""

    status: int
    body: Any
    retry_after: float | None


class Http:
    """Calls below one base address with one key, and fetches files from anywhere without it.

    `title` is how error messages call the service. Redirects of calls are never followed: they would carry the key
    to wherever an answer points.
    """

    def __init__(self, base: str, key: str, title: str) -> None:
        self._base = base
        self._key = key
        self._title = title
        self._calls = _session(key)
        self._files = _session(None)

    def get(self, path: str) -> Answer:
        """GET {base}{path}."""
        return self._call("GET", path, None, self._calls)

    def post(self, path: str, body: object) -> Answer:
        """POST {base}{path}. Raises NotSent or NoAnswer, which matter where a POST costs money."""
        # A connection kept from earlier may die just as a call is sent: what costs money takes a fresh one.
        with _session(self._key) as session:
            return self._call("POST", path, body, session)

    def fetch(self, address: str, into: BinaryIO) -> None:
        """Write the file at `address`, or inside a `data:` address, into `into`. The key stays home."""
        if address.startswith("data:"):
            into.write(self._unpacked(address))
            return
        try:
            timeout = (CONNECT_SECONDS, READ_SECONDS)
            with self._files.get(address, stream=True, timeout=timeout, **_surroundings(_origin(address))) as response:
                if response.status_code != 200:
                    gone = response.status_code in (403, 404, 410)
                    raise ProviderError(
                        f"A file that {self._title} made is not there (answer {response.status_code}).", permanent=gone
                    )
                for chunk in _capped(response, FILE_LIMIT, FILE_SECONDS):
                    into.write(chunk)
        except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL) as error:
            raise ProviderError(f"{self._title} named a file at an address that is none.", permanent=True) from error
        except requests.RequestException as error:
            raise ProviderError(f"A file that {self._title} made could not be fetched.", permanent=False) from error
        except _TooMuch as error:
            raise ProviderError(f"A file that {self._title} made is too large or too slow.", permanent=True) from error
        except (ValueError, HTTPError) as error:
            raise ProviderError(f"{self._title} named a file at an address that is none.", permanent=True) from error

    def _unpacked(self, address: str) -> bytes:
        try:
            return base64.b64decode(address.partition(";base64,")[2], validate=True)
        except ValueError as error:
            raise ProviderError(f"A file that {self._title} sent is garbled.", permanent=True) from error

    def _call(self, method: str, path: str, payload: object, session: requests.Session) -> Answer:
        try:
            with session.request(
                method,
                self._base + path,
                json=payload,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
                **_surroundings(_origin(self._base)),
            ) as response:
                content = b"".join(_capped(response, ANSWER_LIMIT, ANSWER_SECONDS))
                # Some services quote the key they refuse; what they say may end up on a page.
                content = content.replace(self._key.encode(), b"[key]")
                body = _parsed(response, content)
                return Answer(response.status_code, body, _retry_after(response, body))
        except requests.RequestException as error:
            if _never_connected(error):
                raise NotSent(f"{self._title} cannot be reached.", permanent=False) from error
            raise NoAnswer(f"{self._title} did not answer.", permanent=False) from error
        except (_TooMuch, ValueError, RecursionError) as error:
            raise NoAnswer(f"{self._title} sent an answer that makes no sense.", permanent=False) from error


class _TooMuch(Exception):
    """More bytes, or more seconds, than anything honest takes."""


def _session(key: str | None) -> requests.Session:
    session = requests.Session()
    session.auth = _Bearer(key)
    session.trust_env = False  # see _surroundings
    session.headers["User-Agent"] = "Segue"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=8, pool_maxsize=16, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@lru_cache(maxsize=64)
def _surroundings(origin: str) -> dict[str, Any]:
    """The proxy and the certificates this machine's environment names for a host; Requests reads them at each call."""
    found = requests.Session().merge_environment_settings(origin, {}, None, None, None)
    return {"proxies": found["proxies"], "verify": found["verify"]}


class _Bearer(requests.auth.AuthBase):
    """Our key, or nothing."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key is not None:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def _capped(response: requests.Response, limit: int, seconds: float) -> Any:
    end = time.monotonic() + seconds
    size = 0
    for chunk in response.iter_content(CHUNK):
        size += len(chunk)
        if size > limit or time.monotonic() > end:
            raise _TooMuch
        yield chunk


def _parsed(response: requests.Response, content: bytes) -> Any:
    """The JSON value; a refusal's body may be anything, since its status says enough."""
    try:
        return json.loads(content)
    except ValueError:
        if response.status_code < 300:
            raise
        return None


def _retry_after(response: requests.Response, body: Any) -> float | None:
    """The wait asked for in the header or, as Replicate does, in the body."""
    told: Any = response.headers.get("Retry-After") or (body.get("retry_after") if isinstance(body, dict) else None)
    try:
        seconds = float(told)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(seconds, RETRY_AFTER_LIMIT) if seconds > 0 else None


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    if isinstance(reason, SSLError):
        # Only a certificate that is not believed ends things before anything was sent.
        return isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | NameResolutionError)
