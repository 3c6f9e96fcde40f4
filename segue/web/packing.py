"""Packing: pages and JSON go out compressed, to whoever takes them so.

Compressing what is secret together with what a stranger chose betrays the secret by the answer's length (BREACH): a
foreign page makes a visitor's browser ask `/?prompt_a=...` again and again, and whoever sees the lengths go by learns,
letter by letter, what else is on that page. Studio pages do hold such things: the form's token, which Flask-WTF signs
anew each second but does not mask, and the addresses of clips, which are their only lock. So an answer to words that
another site may have chosen is never compressed: a request with a query or a body goes out compressed only if the
browser itself vouches that it comes from a page of ours, or from the person's own hand.
"""

from __future__ import annotations

import gzip

from flask import Request, Response, request

WORTH = 800
"""Bytes below which an answer fits into one packet anyway; the status of a clip does."""
LEVEL = 6
PACKED = frozenset(("text/html", "application/json", "application/manifest+json", "text/javascript", "image/svg+xml"))
WORDLESS = frozenset(("GET", "HEAD"))
OUR_OWN = frozenset(("same-origin", "none"))


def pack(response: Response) -> Response:
    """The answer, compressed where that is worth it and safe."""
    if (response.content_length or 0) < WORTH or response.mimetype not in PACKED:
        return response
    if response.is_streamed or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    with_words = bool(request.query_string) or request.method not in WORDLESS
    if with_words:
        response.vary.add("Sec-Fetch-Site")
    if not takes_gzip(request) or (with_words and request.headers.get("Sec-Fetch-Site") not in OUR_OWN):
        return response
    response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
    response.content_encoding = "gzip"
    etag, _ = response.get_etag()
    if etag:
        # The same content in other bytes: still good for asking whether it has changed, not for parts of it.
        response.set_etag(etag, weak=True)
    return response


def takes_gzip(asking: Request) -> bool:
    """Whether who asks can read gzip."""
    return asking.accept_encodings.quality("gzip") > 0
