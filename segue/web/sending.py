"""Sending what is kept: through here, or, where browsers reach the storage itself, by a link that is soon over."""

from __future__ import annotations

from flask import Response, abort, redirect, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response as AnyResponse

from segue.media import File
from segue.parts import parts
from segue.web import access


def send(
    key: str, media_type: str, name: str | None = None, *, digest: str | None = None, max_age: int | None = None
) -> AnyResponse:
    """A kept file as an answer: whole or in parts, and not again to who has it; a 404 where it is not there.

    With `?download` it is to be saved under that name, and may come from the storage itself. Playing never leaves this
    address: pages load only what comes from here, and their scripts read the sound. max_age: seconds that a browser
    may keep it without asking; as access.kept has it where nobody says.
    """
    media = parts().media
    file = media.find(key)
    if file is None:
        abort(404)
    download = name is not None and "download" in request.args
    response = send_file(
        file.open(),
        mimetype=media_type,
        as_attachment=download,
        download_name=name,
        conditional=False,
        etag=False,
        last_modified=file.changed,
        max_age=max_age or 0,
    )
    if download and request.method == "GET":
        link = media.link(key, media_type, response.headers["Content-Disposition"])
        if link:
            response.close()
            elsewhere = redirect(link, 302)
            elsewhere.cache_control.private = True
            elsewhere.cache_control.no_store = True
            return elsewhere
    response.set_etag(digest or f"{file.changed}-{file.size}")
    if max_age is None:
        access.kept(response)
    return _in_parts(response, file)


def _in_parts(response: Response, file: File) -> AnyResponse:
    response.content_length = file.size
    try:
        return response.make_conditional(request.environ, accept_ranges=True, complete_length=file.size)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise
