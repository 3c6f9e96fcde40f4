"""Fetching the files that predictions made, from wherever their addresses lead, and without any key."""

from __future__ import annotations

import base64
import logging
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from segue.providers.base import ProviderError, Spoilt
from segue.providers.connections import (
    CONNECT_SECONDS,
    READ_SECONDS,
    TooMuch,
    capped,
    origin,
    session,
    surroundings,
)
from segue.providers.hosts import Forbidden, Hosts, place
from segue.providers.timing import time_limit

FILE_SECONDS = 120.0
FILE_LIMIT = 32 * 1024 * 1024
REDIRECTS = 5

log = logging.getLogger(__name__)


class Garbled(Exception):
    """No file at all."""


class Files:
    """Files that the service called `title` made, from the hosts that are allowed."""

    def __init__(self, title: str, hosts: Hosts) -> None:
        self._title = title
        self._hosts = hosts
        self._session = session(None, hosts)

    def fetch(self, address: str, into: BinaryIO) -> None:
        """Write the file at `address`, or inside a `data:` address, into `into`. The key stays home."""
        try:
            if address.startswith("data:"):
                into.write(_unpacked(address))
                return
            with time_limit(FILE_SECONDS):
                self._fetch(address, into)
        except Forbidden as error:
            if error.where is None:
                raise Spoilt(f"{self._title} named a file at an address that is none.", permanent=False) from error
            raise ProviderError(
                f"{self._title} named a file at {error.where}, and Segue fetches nothing from there until whoever runs "
                "this studio allows it in SEGUE_FILE_HOSTS.",
                permanent=False,
            ) from error
        except (requests.RequestException, HTTPError, ValueError) as error:
            # Requests reads where a redirect leads even if it is not to follow, and stumbles over what is no address.
            raise ProviderError(f"A file that {self._title} made could not be fetched.", permanent=False) from error
        except Garbled as error:
            raise Spoilt(f"A file that {self._title} sent is garbled.", permanent=False) from error
        except TooMuch as error:
            raise Spoilt(f"A file that {self._title} made is too large.", permanent=False) from error

    def _fetch(self, address: str, into: BinaryIO) -> None:
        for _ in range(REDIRECTS + 1):
            address = _plain(address)
            surroundings = self._checked_surroundings(address)
            with self._session.get(
                address, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, **surroundings
            ) as response:
                if response.is_redirect:
                    address = _onward(address, response.headers["Location"])
                    continue
                if response.status_code != 200:
                    raise requests.RequestException(f"answer {response.status_code}")
                for chunk in capped(response, FILE_LIMIT):
                    into.write(chunk)
                return
        raise requests.TooManyRedirects

    def _checked_surroundings(self, address: str) -> dict[str, Any]:
        host, port = place(address)
        found = surroundings(origin(address))
        if requests.utils.select_proxy(address, found["proxies"]):
            # The proxy looks the name up, and it may be all that can; what can be checked here is.
            try:
                self._hosts.resolve(host, port)
            except OSError:
                log.debug("%s is left to the proxy", host)
        return found


def _plain(address: str) -> str:
    """The address as it will be asked for. Raises Forbidden for what is none, or may be read in two ways."""
    try:
        prepared = requests.Request("GET", address).prepare().url or ""
        netloc = urlsplit(prepared).netloc
    except (requests.RequestException, ValueError) as error:
        raise Forbidden("that is no web address") from error
    if "\\" in address or "@" in netloc:
        raise Forbidden("that may be read in two ways")
    return prepared


def _unpacked(address: str) -> bytes:
    """The bytes inside a `data:` address. Raises Garbled, TooMuch."""
    packed = address.partition(";base64,")[2]
    if len(packed) > FILE_LIMIT * 4 // 3 + 4:
        raise TooMuch
    try:
        return base64.b64decode(packed, validate=True)
    except ValueError as error:
        raise Garbled from error


def _onward(address: str, location: str) -> str:
    """Where a redirect leads; never from a protected connection to an open one."""
    try:
        following = urljoin(address, location)
    except ValueError as error:
        raise Forbidden("that is no web address") from error
    if address.startswith("https:") and not following.startswith("https:"):
        raise Forbidden(f"{origin(address)} leads to {origin(following)}, which is not protected")
    return following
