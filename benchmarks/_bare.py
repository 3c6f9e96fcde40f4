"""A bare Flask JSON view on the server class that serves the studio: what a status poll is measured against.

`python benchmarks/_bare.py PORT` answers `/clips/<id>/status` with a fixed standing, made into JSON each time.
"""

from __future__ import annotations

import sys

import _ground  # noqa: F401 - puts the studio's code within reach
from flask import Flask, Response, jsonify
from granian.constants import Interfaces

from segue.server import THREADS, OneProcess


def status(clip_id: str) -> Response:
    return jsonify(
        id=clip_id,
        status="succeeded",
        message="Ready to play",
        progress=None,
        poll_after_ms=None,
        audio=f"/clips/{clip_id}/audio",
        spectrogram=f"/clips/{clip_id}/spectrogram",
        error=None,
    )


def main() -> None:
    app = Flask(__name__)
    app.add_url_rule("/clips/<clip_id>/status", "status", status)
    server = OneProcess(
        lambda: None,
        "bare",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        websockets=False,
        log_enabled=False,
    )
    server.serve(target_loader=lambda: app, wrap_loader=False)


if __name__ == "__main__":
    main()
