"""Access: whose door an address has, and who is asking.

Without members the studio is for whoever sits at this very machine; from the first member on, and for anybody who comes
from elsewhere, it takes a sign-in. What was shared is open to whoever has its address; what was not, and what is not
there, answer alike.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from typing import Any, cast

from flask import Flask, Response, current_app, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from segue.errors import Refused
from segue.members import Person
from segue.models import Clip
from segue.naming import numeric
from segue.parts import parts
from segue.web import peers

ALONE = Person(None, "", owner=True)
VISIT = "visit"
"""Where a session keeps the token of the browser's visit."""
FILES = frozenset(("clip_audio", "clip_spectrogram", "clip_card", "clip_status", "seed_audio", "seed_picture"))
"""What is fetched by a page rather than gone to."""
LASTING = 365 * 24 * 3600
AT_HOME = "This studio is open to all, but that is for whoever sits at the machine it runs on."

log = logging.getLogger(__name__)


class Door(Enum):
    """Who may come in at an address."""

    ANYONE = "anyone"
    LISTENERS = "listeners"
    """Members; guests, where the clip is shared."""
    MEMBERS = "members"
    OWNERS = "owners"


At = Callable[..., None]
"""Gives a rule its name, its view and its door; options as in Flask."""


def register(app: Flask) -> At:
    """Have every request of `app` admitted. Returns what gives an address its view and its door."""
    doors: dict[str, Door] = {"static": Door.ANYONE}
    app.extensions["segue.doors"] = doors
    app.before_request(_admit)
    app.after_request(_note)
    app.context_processor(_for_pages)

    def at(rule: str, name: str, view: Callable[..., Any], door: Door, **options: Any) -> None:
        app.add_url_rule(rule, name, view, **options)
        doors[name] = door

    return at


def alone() -> bool:
    """Whether there are no members, and who asks is at this machine, or the studio was opened to all on purpose."""
    if "segue_alone" not in g:
        here = parts()
        nobody = not here.members.exist() and here.settings.user_header is None
        g.segue_alone = nobody and (here.settings.open or peers.from_here())
    return bool(g.segue_alone)


def at_home() -> bool:
    """Whether who asks is alone, and at this machine; not so for who came in because the studio is open to all."""
    return alone() and peers.from_here()


def person() -> Person | None:
    """Who is asking; None is a guest."""
    if "segue_person" not in g:
        g.segue_person = ALONE if alone() else _vouched_for() if parts().settings.user_header else _visiting()
    return cast("Person | None", g.segue_person)


def member() -> Person:
    """Who is asking, where only members come in."""
    who = person()
    assert who is not None
    return who


def may_change(clip: Clip) -> bool:
    """Whether who asks may name, share and throw away a clip."""
    who = person()
    return who is not None and who.may_change(clip)


def own(clip: Clip) -> Clip:
    """The clip, if it is theirs to change; else they are told that it is not."""
    if not may_change(clip):
        raise Refused("Only whoever made the clip, or an owner of this studio, may do that. Ask one of them.")
    return clip


def check_download(clip: Clip) -> None:
    """Guests may keep a clip, or have it in another format, only where that is allowed."""
    if person() is None and not clip.guests_download and {"download", "format"} & request.args.keys():
        raise Refused("Whoever shared this clip lets you listen to it, but not keep it.")


def kept(response: Response) -> Response:
    """How long browsers may use a kept file without asking: for ever, or, where clips are shared and closed, never."""
    response.cache_control.private = True
    if at_home():
        response.cache_control.no_cache = None
        response.cache_control.max_age = LASTING
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    return response


def let_in(visit: str) -> None:
    """Sign this browser in, under a token of its own; nothing of what it was before is kept."""
    session.clear()
    session.permanent = True
    session[VISIT] = visit
    if who := parts().members.visiting(visit):
        log.info("%s signed in from %s", who.name, request.remote_addr)


def let_out() -> None:
    """Sign this browser out; its token is good no longer."""
    if visit := session.get(VISIT):
        parts().members.leave(visit)
    session.clear()


def guard(response: Response) -> Response:
    """What has no word on it of how long it may be kept is for nobody who comes later, by this browser or on the way.

    But going back to a page is quick for whoever is alone.
    """
    if "Cache-Control" in response.headers:
        return response
    page = response.mimetype in ("text/html", "application/json")
    if not (page and g.get("segue_alone", False)):
        response.cache_control.private = True
        response.cache_control.no_store = True
    return response


def _admit() -> ResponseReturnValue | None:
    door = doors().get(request.endpoint or "", Door.MEMBERS)
    if door is Door.ANYONE:
        return None
    who = person()
    if who is None:
        heard = door is Door.LISTENERS and parts().clips.shared((request.view_args or {}).get("clip_id", ""))
        return None if heard else _sign_in_first()
    if door is Door.OWNERS and not (at_home() if alone() else who.owner):
        raise Refused(AT_HOME if alone() else "Only an owner of this studio may see that, or do it. Ask one of them.")
    return None


def _note(response: Response) -> Response:
    """What members change is in the log, so that owners can find out who it was."""
    who = g.get("segue_person")
    if who is not None and who.id is not None and request.method == "POST" and response.status_code < 400:
        log.info("%s: %s", who.name, " ".join([request.endpoint or "", *map(str, (request.view_args or {}).values())]))
    return response


def doors() -> dict[str, Door]:
    """Every address's door, by the name of its route."""
    return cast("dict[str, Door]", current_app.extensions["segue.doors"])


def _sign_in_first() -> ResponseReturnValue:
    accepted = request.accept_mimetypes
    page = "text/html" in accepted.values() if request.endpoint in FILES else accepted.accept_html or not accepted
    if not page:
        return jsonify(error="Sign in first."), 401
    wanted = request.script_root + request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    return redirect(url_for("sign_in", next=wanted), 303)


def _visiting() -> Person | None:
    visit = session.get(VISIT)
    return parts().members.visiting(visit) if visit else None


def _vouched_for() -> Person | None:
    """Whom the web server in front says it is; nobody else may say so."""
    settings = parts().settings
    address = numeric(peers.peer())
    if address is None:
        return None
    name = request.headers.get(settings.user_header or "", "")
    trusted = any(address in network for network in settings.user_header_from)
    return parts().members.vouched(_text(name)) if trusted and name else None


def _text(header: str) -> str:
    """A header's text: it travels as Latin-1, and was written in UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _for_pages() -> dict[str, object]:
    """What pages know of who asks; those that say that something is broken know nothing."""
    try:
        return {"person": person(), "alone": alone(), "vouched": parts().settings.user_header is not None}
    except SQLAlchemyError:
        return {"person": None, "alone": True}
