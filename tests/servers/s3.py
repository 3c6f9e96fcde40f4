"""A real HTTP server that speaks S3: moto's, asking for a signature, and with troubles on request."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app  # type: ignore[attr-defined]
from werkzeug.serving import WSGIRequestHandler, make_server

KEY_ID, SECRET = "LOOPBACKKEYID", "loopback-secret"
_count = itertools.count(1)


class S3:
    """On a port of its own in a thread of its own; buckets outlast `down`."""

    def __init__(self) -> None:
        self.denies = False
        self.cuts = False
        self.requests: list[str] = []
        self._inside: WSGIApplication = DomainDispatcherApplication(create_backend_app)
        self._port = 0
        self.up()
        self.address = f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        """Listen, at the same place as before."""
        self._server = make_server("127.0.0.1", self._port, self._answer, threaded=True, request_handler=Quiet)
        self._port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever, name="s3", daemon=True)
        self._thread.start()

    def down(self) -> None:
        """Be away."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def bucket(self) -> str:
        """The name of a new, empty bucket."""
        name = f"studio-{next(_count)}"
        self.client().create_bucket(Bucket=name)
        return name

    def settings(self, bucket: str) -> dict[str, str]:
        """What makes a studio keep its files in that bucket."""
        return {
            "SEGUE_MEDIA_URL": f"s3://{bucket}/clips",
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def client(self) -> Any:
        """For tests that look, or meddle, behind the studio's back."""
        return boto3.client(
            "s3",
            endpoint_url=self.address,
            region_name="us-east-1",
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
        )

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        signed = KEY_ID in environ.get("HTTP_AUTHORIZATION", "") or "X-Amz-Signature" in parse_qs(
            environ.get("QUERY_STRING", "")
        )
        if self.denies or not signed:
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
            return [b"<Error><Code>AccessDenied</Code><Message>Not yours</Message></Error>"]
        body = self._inside(environ, start_response)
        if self.cuts and environ["REQUEST_METHOD"] == "GET":
            whole = b"".join(body)
            return [whole[: len(whole) // 2]]
        return body

    def __enter__(self) -> S3:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.down()


class Quiet(WSGIRequestHandler):
    """Says nothing, and keeps connections as S3 does."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: object, **__: object) -> None:
        pass
