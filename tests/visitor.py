"""A musician with a plain HTTP client, for tests and benchmarks that need no browser."""

from __future__ import annotations

import re
import time
from html import unescape
from typing import Any

import requests


class Visitor:
    """Fills in the form and follows a clip, as the page would."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = requests.Session()

    def form(self, **fields: object) -> dict[str, str]:
        """The form's hidden fields, and `fields`."""
        page = self.http.get(f"{self.address}/", timeout=60).text
        return {name: hidden(page, name) for name in ("csrf_token", "token")} | {k: str(v) for k, v in fields.items()}

    def post(self, form: dict[str, str]) -> requests.Response:
        """Press Blend."""
        return self.http.post(f"{self.address}/clips", data=form, allow_redirects=False, timeout=60)

    def blend(self, **fields: object) -> str:
        """Make a clip; its id."""
        return self.send(self.form(**fields))

    def send(self, form: dict[str, str]) -> str:
        """Press Blend; the id of the clip it leads to."""
        answer = self.post(form)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    def status(self, clip_id: str) -> dict[str, Any]:
        """How the clip stands."""
        answer = self.http.get(f"{self.address}/clips/{clip_id}/status", timeout=60)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def wait(self, clip_id: str, seconds: float = 90.0, pause: float = 0.05) -> dict[str, Any]:
        """Poll until it is over."""
        deadline = time.monotonic() + seconds
        while (standing := self.status(clip_id))["poll_after_ms"] is not None:
            assert time.monotonic() < deadline, standing
            time.sleep(pause)
        return standing


def hidden(page: str, name: str) -> str:
    """The value of a hidden field in a page."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert tag, f"no field {name} in the page"
    value = re.search(r'value="([^"]*)"', tag[0])
    assert value, f"no value for {name} in the page"
    return unescape(value[1])
