"""Assets: stylesheets and scripts, each joined into one answer.

An entry's own address answers with everything it imports, so a page names its entry and knows nothing of joining. The
address carries the version of all static files, so the answer may be cached for ever. The files below an entry can be
had as well, as they are written.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Response, current_app, request

from segue.web import joining
from segue.web.packing import takes_gzip

ENTRIES = ("css/app.css", "css/embed.css", "css/offline.css", "js/app.js", "js/embed.js")
"""What pages ask for: add one here, and a page can."""

KINDS = {".css": ("text/css", joining.stylesheet), ".js": ("text/javascript", joining.script)}


@dataclass(frozen=True)
class Asset:
    """A joined entry as it goes out: as it is, and packed."""

    media_type: str
    plain: bytes
    packed: bytes
    digest: str


def prepare(folder: Path) -> None:
    """Join what pages ask for, so that nobody waits for it and what cannot be joined is told at the start."""
    for name in ENTRIES:
        joined(folder / name)


def entry(name: str) -> Response:
    """GET /static/<version>/<entry>"""
    asset = joined(Path(current_app.static_folder or "") / name)
    packed = takes_gzip(request)
    response = Response(asset.packed if packed else asset.plain, mimetype=asset.media_type)
    if packed:
        response.content_encoding = "gzip"
    response.set_etag(f"{asset.digest}-gzip" if packed else asset.digest)
    response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = current_app.get_send_file_max_age(name)
    response.cache_control.immutable = True
    response.make_conditional(request)
    return response


@cache
def joined(path: Path) -> Asset:
    """The entry in a file, joined and packed once. Raises joining.NotJoinable."""
    media_type, join = KINDS[path.suffix]
    plain = join(path).encode()
    return Asset(media_type, plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:16])
