"""Sharing: a clip where its link is shown. Its card, its player in a frame, and oEmbed, which leads there."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from operator import le
from urllib.parse import unquote, urljoin, urlsplit

from flask import Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from segue import cards
from segue.models import Clip, State
from segue.parts import parts
from segue.web import access, guards
from segue.web.names import file_name
from segue.web.sending import send

FRAME = (640, 440)
"""Pixels of an embedded player, where nobody asks for less."""
SEEN_FROM_FRAMES = ("static", "asset", "clip_audio")
"""A frame in a sandbox has no origin: what its scripts load has to be open to all. Nobody's cookies open more."""
SHOWN_ELSEWHERE = frozenset((*SEEN_FROM_FRAMES, "clip_spectrogram", "clip_card", "oembed"))
"""What pages of others may show, or a frame in a sandbox on them."""
NO_LIMIT = 999_999


def site() -> str:
    """Scheme and host of the address people know the studio by; what `url_for` makes comes after it."""
    return urljoin(parts().settings.public_url or request.host_url, "/").rstrip("/")


def card(clip_id: str) -> AnyResponse:
    """GET /clips/<id>/card: the clip as one picture, 1200 x 630."""
    clip = _heard(clip_id)
    key, added = cards.card(clip, parts().media)
    parts().clips.grow(clip.id, added)
    return send(key, cards.MEDIA_TYPE, file_name(clip, "jpg"))


def embed(clip_id: str) -> str:
    """GET /clips/<id>/embed: the player and nothing else; the one page that others may frame."""
    page = render_template("clips/embed.html", clip=_heard(clip_id), site=site())
    request.environ[guards.FRAMED] = True
    return page


def share(clip_id: str) -> AnyResponse:
    """POST /clips/<id>/share: open it to anyone with its address; `download` lets them keep it."""
    download = "download" in request.form
    parts().clips.change(_theirs(clip_id).id, lambda clip: clip.share(download, time.time()))
    return redirect(url_for("clip", clip_id=clip_id, _anchor="share"), 303)


def unshare(clip_id: str) -> AnyResponse:
    """POST /clips/<id>/unshare: close it again, at once."""
    parts().clips.change(_theirs(clip_id).id, Clip.unshare)
    return redirect(url_for("clip", clip_id=clip_id, _anchor="share"), 303)


def oembed() -> Response:
    """GET /oembed: how to show the clip at `url`, as oembed.com has it."""
    if request.args.get("format", "json").lower() != "json":
        return _refused("Answers are JSON.", 501)
    address, limits = request.args.get("url", ""), _limits(request.args)
    if limits is None or not _is_web_address(address):
        return _refused("Say url=, a clip's address; maxwidth= and maxheight= are pixels.", 400)
    clip = _at(address)
    if clip is None:
        return _refused("There is no clip to show at that address.", 404)
    return jsonify(_facts(clip, limits))


def open_to_frames(response: Response) -> Response:
    """Let others show what is meant for it, and scripts of a frame in a sandbox have what the player needs."""
    if request.endpoint in SHOWN_ELSEWHERE:
        request.environ[guards.SHOWN_ELSEWHERE] = True
        if request.endpoint in SEEN_FROM_FRAMES:
            response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _finished(clip_id: str) -> Clip:
    clip = parts().clips.find(clip_id)
    if clip is None or clip.state is not State.SUCCEEDED or clip.binned_at is not None:
        abort(404)
    return clip


def _heard(clip_id: str) -> Clip:
    """A finished clip whose sound is not gone."""
    clip = _finished(clip_id)
    if clip.gone_at is not None:
        abort(404)
    return clip


def _theirs(clip_id: str) -> Clip:
    return access.own(_finished(clip_id))


def _is_web_address(text: str) -> bool:
    try:
        return bool(urlsplit(text).netloc) and urlsplit(text).scheme in ("http", "https")
    except ValueError:
        return False


def _at(address: str) -> Clip | None:
    """The finished clip whose page is at that address of this studio."""
    asked, here = urlsplit(address), urlsplit(site())
    found = re.fullmatch(re.escape(request.script_root) + r"/clips/(\w+)/?", unquote(asked.path), re.ASCII)
    if asked.netloc.lower() != here.netloc.lower() or not found:
        return None
    clip = parts().clips.find(found[1])
    done = clip is not None and clip.state is State.SUCCEEDED and clip.binned_at is None and clip.gone_at is None
    return clip if clip and done and (clip.shared or access.alone()) else None


def _limits(asked: Mapping[str, str]) -> tuple[int, int] | None:
    """The most pixels across and down; None where what is asked for is no size."""
    given = [asked.get(name) or str(NO_LIMIT) for name in ("maxwidth", "maxheight")]
    if not all(re.fullmatch(r"0*[1-9]\d{0,5}", text, re.ASCII) for text in given):
        return None
    across, down = map(int, given)
    return across, down


def _facts(clip: Clip, limits: tuple[int, int]) -> dict[str, object]:
    width, height = map(min, FRAME, limits)
    frame = render_template("clips/iframe.html", clip=clip, site=site(), width=width, height=height)
    facts: dict[str, object] = {
        "version": "1.0",
        "type": "rich",
        "title": clip.title,
        "provider_name": "Segue",
        "provider_url": site() + url_for("studio"),
        "html": frame,
        "width": width,
        "height": height,
    }
    if all(map(le, cards.SIZE, limits)):
        across, down = cards.SIZE
        address = site() + url_for("clip_card", clip_id=clip.id)
        facts |= {"thumbnail_url": address, "thumbnail_width": across, "thumbnail_height": down}
    return facts


def _refused(message: str, code: int) -> Response:
    return make_response(jsonify(error=message), code)
