"""A plain client of the house, for the servers' own tests: it checks nothing and follows nothing."""

import requests

from tests.servers.schema import VERSION
from tests.servers.upstream import Upstream
from tests.serving import PATIENCE

INPUT = {"prompt_a": "church bells", "prompt_b": "", "alpha": 0.3, "seed_image_id": "vibes"}


def create(upstream: Upstream, version: str = VERSION, **changes: object) -> requests.Response:
    return post(upstream, {"version": version, "input": INPUT | changes})


def post(upstream: Upstream, body: object) -> requests.Response:
    return call(upstream, "POST", upstream.gateway.create_path, body)


def look(upstream: Upstream, prediction_id: str) -> requests.Response:
    return call(upstream, "GET", f"/predictions/{prediction_id}")


def call(
    upstream: Upstream, method: str, path: str, body: object = None, *, authorization: str | None = None
) -> requests.Response:
    if authorization is None:
        authorization = f"Bearer {upstream.gateway.key}"
    return requests.request(
        method,
        upstream.gateway.base + path,
        json=body,
        headers={"Authorization": authorization},
        timeout=PATIENCE,
        allow_redirects=False,
    )
