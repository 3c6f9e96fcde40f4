"""A container as far as HTTP shows it: for old versions, and for what Cog's own server cannot be made to say."""

from base64 import b64encode
from functools import cache
from typing import Any

from tests.servers.behaviours import Behaviour, answer, honest
from tests.servers.host import Host
from tests.servers.media import hosted_media
from tests.servers.shapes import reply
from tests.servers.wire import Exchange


@cache
def done() -> dict[str, Any]:
    """A run that went well."""
    media = hosted_media()
    output = {"audio": data("audio/x-wav", media.audio), "spectrogram": data("image/jpeg", media.spectrogram)}
    return {"status": "succeeded", "output": output, "logs": "", "error": None}


def data(media_type: str, file: bytes) -> str:
    """A file as an address that carries it."""
    return f"data:{media_type};base64,{b64encode(file).decode()}"


class Container(Host):
    """Plays at once, and knows `POST /predictions` and `GET /`, as in 2022; `routes` has what else it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.routes: dict[str, Behaviour] = {
            "GET /": answer(200, {"docs_url": "/docs", "openapi_url": "/openapi.json"}),
            "POST /predictions": honest,
        }

    def says(self, route: str, payload: object, status: int = 200) -> None:
        """Answer a route ("GET /health-check") with this JSON from now on."""
        self.routes[route] = answer(status, payload)

    def lists(self, *seeds: object) -> None:
        """Offer these seeds, and nothing else."""
        field = {"seed_image_id": {"enum": list(seeds)}}
        self.says("GET /openapi.json", {"components": {"schemas": {"Input": {"properties": field}}}})

    def asked(self, route: str) -> int:
        """How often a route was asked for."""
        return sum(f"{request.method} {request.path}" == route for request in self.requests)

    def serve(self, exchange: Exchange) -> None:
        request = exchange.request
        exchange.acts_by(lambda: reply(200, done()))
        self.routes.get(f"{request.method} {request.path}", answer(404, {"detail": "Not Found"}))(exchange)
