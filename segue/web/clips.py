"""Clips: made, waited for, played, kept."""

from __future__ import annotations

import json
import time

from flask import Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from segue import cards, family, formats, library
from segue.clips import Standing
from segue.errors import InvalidRecipe, LimitReached
from segue.models import STAGES, Clip, State
from segue.parts import parts
from segue.providers import title
from segue.web import access, sharing, studio, throttle
from segue.web.forms import DetailsForm, StudioForm
from segue.web.names import file_name
from segue.web.players import late_after, stops, usually
from segue.web.sending import send

POLL_AFTER = ((3, 300), (15, 700), (60, 1500), (300, 3000))
"""(age of the clip in seconds, milliseconds to the next poll); later ones wait POLL_SLOWEST."""
POLL_SLOWEST = 5000


def submit() -> ResponseReturnValue:
    """POST /clips"""
    here = parts()
    form = StudioForm(request.form, here.preferred)
    try:
        throttle.count_form()
        recipe = form.recipe()
        if recipe is None:
            return studio.page(here, form), 422
        clip = here.clips.submit(recipe, str(form.token.data), form.parent.data, access.member().id)
    except InvalidRecipe as error:
        form.blame(error)
        return studio.page(here, form), 422
    except LimitReached as error:
        return studio.enough(here, form, error)
    return redirect(url_for("clip", clip_id=clip.id), 303)


def index() -> AnyResponse:
    """GET /clips: where somebody lands who reloads the form's answer by its address."""
    return redirect(url_for("studio"))


def show(clip_id: str) -> str:
    """GET /clips/<id>: waiting, playing, or what went wrong."""
    return page(find(clip_id))


def page(clip: Clip, details: DetailsForm | None = None) -> str:
    """A clip's page. `details`: what was said of it and cannot be so."""
    here = parts()
    who = access.person()
    provider = here.providers.get(clip.provider)
    can = provider.capabilities if provider else None
    relatives, neighbours = family.around(here.database, clip, shared_only=who is None)
    elapsed = round((clip.finished_at or time.time()) - clip.created_at)
    return render_template(
        "clips/show.html",
        clip=clip,
        message=STAGES[clip.state],
        provider=title(clip.provider),
        elapsed=elapsed,
        usually=usually(can) if can else None,
        late_after=late_after(can) if can else None,
        site=sharing.site(),
        frame=sharing.FRAME,
        card=cards.SIZE,
        obstacle=here.clips.obstacle(clip),
        stops=can is not None and stops(can),
        family=relatives,
        neighbours=neighbours,
        mine=access.may_change(clip),
        details=details or (who and DetailsForm(None, title=clip.own_title, notes=clip.notes, tags=clip.tags)),
        maker=library.maker(here.database, clip) if who else None,
        hearted=who is not None and library.hearted(here.database, clip.id, who.id or ""),
        downloads=who is not None or clip.guests_download,
        shown=clip.binned_at is None and (access.alone() or clip.shared),
        formats=formats.others(clip.audio) if clip.audio else [],
    )


def status(clip_id: str) -> Response:
    """GET /clips/<id>/status: the hottest path, so plain SQL and an ETag."""
    standing = parts().clips.standing(clip_id)
    if standing is None:
        return make_response(jsonify(error="There is no such clip."), 404)
    poll_after = _poll_after(standing)
    etag = f'"{standing.version}-{poll_after}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    known = request.headers.get("If-None-Match")
    if known and (known == etag or request.if_none_match.contains_weak(etag.strip('"'))):
        return Response(status=304, headers=headers)
    return Response(json.dumps(_facts(clip_id, standing, poll_after)), headers=headers, mimetype="application/json")


def cancel(clip_id: str) -> AnyResponse:
    """POST /clips/<id>/cancel"""
    parts().clips.cancel(access.own(find(clip_id)).id)
    return redirect(url_for("clip", clip_id=clip_id), 303)


def retry(clip_id: str) -> ResponseReturnValue:
    """POST /clips/<id>/retry: the same recipe once more, as a clip of its own; to the studio if it no longer fits."""
    here, failed = parts(), find(clip_id)
    try:
        throttle.count_form()
        clip = here.clips.retry(failed.id, access.member().id)
    except InvalidRecipe:
        return redirect(f"{url_for('studio')}?from={clip_id}", 303)
    except LimitReached as error:
        return studio.enough(here, studio.form_of(here, failed), error)
    return redirect(url_for("clip", clip_id=clip.id), 303)


def audio(clip_id: str) -> AnyResponse:
    """GET /clips/<id>/audio: as it is kept, or in the `format` that is asked for."""
    clip = find(clip_id)
    wanted = request.args.get("format", "").lower()
    access.check_download(clip)
    if clip.gone_at is not None:
        abort(404)
    if clip.audio is None or not wanted:
        return _kept(clip, clip.audio, clip.audio_type, clip.audio_hash)
    key, found, added = formats.in_format(clip.audio, wanted, parts().media)
    parts().clips.grow(clip.id, added)
    return _kept(clip, key, found.media_type, clip.audio_hash if key == clip.audio else None)


def spectrogram(clip_id: str) -> AnyResponse:
    """GET /clips/<id>/spectrogram"""
    clip = find(clip_id)
    access.check_download(clip)
    return _kept(clip, clip.spectrogram, clip.spectrogram_type, clip.spectrogram_hash)


def find(clip_id: str) -> Clip:
    """The clip of that id; else there is no such page."""
    clip = parts().clips.find(clip_id)
    if clip is None:
        abort(404)
    return clip


def _poll_after(standing: Standing) -> int | None:
    if standing.state.final:
        return None
    age = time.time() - standing.created_at
    return next((pause for until, pause in POLL_AFTER if age < until), POLL_SLOWEST)


def _facts(clip_id: str, standing: Standing, poll_after: int | None) -> dict[str, object]:
    done = standing.state is State.SUCCEEDED
    beside = request.script_root + request.path.removesuffix("status")
    return {
        "id": clip_id,
        "status": standing.state,
        "message": standing.note or STAGES[standing.state],
        "progress": standing.progress,
        "poll_after_ms": poll_after,
        "audio": f"{beside}audio" if done else None,
        "spectrogram": f"{beside}spectrogram" if done else None,
        "error": standing.error,
    }


def _kept(clip: Clip, key: str | None, media_type: str | None, digest: str | None) -> AnyResponse:
    """A kept file: seekable, cached for ever, and well named when downloaded."""
    if key is None or media_type is None or clip.binned_at is not None:
        abort(404)
    return send(key, media_type, file_name(clip, key.rpartition(".")[2]), digest=digest)
