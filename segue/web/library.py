"""The library: everything made here, looked through, put in order, thrown away and taken along."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from segue import library
from segue.models import Clip, State
from segue.parts import parts
from segue.providers import title
from segue.recipe import seed_title
from segue.shelf import STATES, Wish
from segue.web import access, bundles
from segue.web.players import pads, players

FILTERS = ("q", "mine", "hearts", "seed", "provider", "state", "tag", "sort")
SAID_IN_BIN = {
    "back": "Back in the library.",
    "gone": "Gone for good.",
    "kept": "Not all of that could be deleted at the moment. Whoever runs this studio finds out why in its log.",
    "unticked": "Tick at least one clip first.",
}
MOST_AT_ONCE = 200
"""Clips."""


def index() -> str:
    """GET /library: a page of what is looked for; without anything to look for, all of it."""
    here, wish = parts(), _wish()
    page = library.find(here.database, wish, _number("before"), _number("after"))
    offered = players(here.providers)
    seeds = {pad.seed.id: pad.seed.title for pad in pads(offered.values())}
    providers = {name: player.title for name, player in offered.items()}
    if wish.seed:
        seeds.setdefault(wish.seed, seed_title(wish.seed))
    if wish.provider:
        providers.setdefault(wish.provider, title(wish.provider))
    return render_template(
        "library/index.html",
        page=page,
        wish=wish,
        kept={name: request.args[name] for name in FILTERS if request.args.get(name)},
        seeds=seeds,
        providers=providers,
        states=STATES,
        binned=[clip.id for clip in _theirs(request.args.getlist("binned")) if clip.binned_at is not None],
        stay=_number("stay"),
        said=request.args.get("said"),
    )


def bin_() -> str:
    """GET /library/bin: what was thrown away by who asks; to owners, all of it."""
    who = access.member()
    return render_template(
        "library/bin.html",
        cards=library.binned(parts().database, None if who.owner else who.id, MOST_AT_ONCE),
        days=round(library.KEPT_IN_BIN / 86400),
        kept=library.KEPT_IN_BIN,
        said=SAID_IN_BIN.get(request.args.get("said", "")),
    )


def put_in_bin() -> AnyResponse:
    """POST /library/bin: those `clip`s that are theirs; `for_good`, those of them that are in it are gone."""
    asked = _asked(request.form.getlist("clip"))
    if not asked:
        return _back(said="unticked")
    theirs = [clip.id for clip in _theirs(asked)]
    if "for_good" in request.form:
        gone = library.throw_away(parts().database, parts().media, theirs)
        return _back(said="gone" if gone else "kept")
    for clip_id in theirs:
        parts().clips.bin(clip_id)
    return _back(binned=theirs, stay=len(asked) - len(theirs) or None)


def restore() -> AnyResponse:
    """POST /library/restore: those `clip`s that are theirs, out of the bin."""
    theirs = _theirs(request.form.getlist("clip"))
    for clip in theirs:
        parts().clips.change(clip.id, Clip.restore)
    return _back(said="back") if theirs else _back()


def bundle() -> ResponseReturnValue:
    """GET /library/zip: the finished ones of those `clip`s in one file, while it is being made."""
    asked = _asked(request.args.getlist("clip"))
    clips = [clip for clip in library.those(parts().database, asked) if clip.state is State.SUCCEEDED]
    clips = [clip for clip in clips if clip.binned_at is None]
    if not clips:
        return _back(said="unready" if asked else "unticked")
    stream = bundles.bundle(clips, parts().media)
    response = Response(iter(stream), mimetype="application/zip", headers={"Content-Length": str(len(stream))})
    response.headers.set("Content-Disposition", "attachment", filename="segue.zip")
    return response


def heart(clip_id: str) -> AnyResponse:
    """POST /clips/<id>/heart: `on` is 1 or 0."""
    if parts().clips.find(clip_id) is None:
        abort(404)
    library.heart(parts().database, clip_id, access.member().id or "", request.form.get("on") == "1")
    return _back(clip_id)


def _wish() -> Wish:
    asked = request.args
    return Wish(
        words=asked.get("q", ""),
        mine="mine" in asked,
        hearts="hearts" in asked,
        seed=asked.get("seed", ""),
        provider=asked.get("provider", ""),
        state=asked.get("state", ""),
        tag=asked.get("tag", ""),
        oldest=asked.get("sort") == "oldest",
        who=access.member().id or "",
    )


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _asked(ids: list[str]) -> list[str]:
    """The ids, each once; too many of them are a mistake."""
    once = list(dict.fromkeys(ids))
    if len(once) > MOST_AT_ONCE:
        abort(400)
    return once


def _theirs(ids: list[str]) -> list[Clip]:
    return [clip for clip in library.those(parts().database, _asked(ids)) if access.may_change(clip)]


def _back(card: str | None = None, **said: object) -> AnyResponse:
    """To the page that was asked from, if it is one of those that have clips; else to the library.

    card: the clip whose card is to be in sight there. said: what the library has to say.
    """
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:
        came = urlsplit("")
    known = came.netloc == request.host
    if known and came.path == url_for("library_bin"):
        return redirect(url_for("library_bin", **said), 303)  # type: ignore[arg-type]
    page = came.path.rpartition("/")
    if known and said in ({}, {"said": "back"}) and page[0] == url_for("clips") and page[2].isalnum():
        return redirect(url_for("clip", clip_id=page[2], _anchor="details" if card else None), 303)
    kept = dict(parse_qsl(came.query)) if known and came.path == url_for("library") else {}
    kept = {name: value for name, value in kept.items() if name in (*FILTERS, "before", "after")}
    anchor = f"card-{card}" if card else None
    return redirect(url_for("library", **kept, **said, _anchor=anchor), 303)  # type: ignore[arg-type]
