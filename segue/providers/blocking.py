"""Providers that answer when the run is over, with its files in the answer."""

from __future__ import annotations

from typing import BinaryIO

from segue.providers.base import Output, Provider
from segue.providers.files import FILE_LIMIT, Files
from segue.providers.hosts import Hosts
from segue.providers.http import ANSWER_LIMIT, Answer, Http

RUN_SECONDS = 30 * 60.0
"""A model that has to be loaded first may be silent for many minutes."""
RUN_LIMIT = 2 * (FILE_LIMIT * 4 // 3) + ANSWER_LIMIT
"""Bytes: two files as base64, and what is said beside them."""


class Blocking(Provider):
    """Somebody's own server at `base`, without a key. It keeps no list of its runs, and charges for none."""

    def __init__(self, base: str, hosts: Hosts) -> None:
        self._http = Http(base, None, self.title)
        self._files = Files(self.title, hosts.also(base))

    def fetch(self, output: Output, into: BinaryIO) -> None:
        assert isinstance(output, str)
        self._files.fetch(output, into)

    def run(self, path: str, order: object) -> Answer:
        """POST an order, and wait until the run is over. Raises NotSent, NoAnswer."""
        return self._http.post(path, order, RUN_LIMIT, RUN_SECONDS)
