"""Details: what a clip is called, what is worth knowing of it, and its tags."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from segue.parts import parts
from segue.web import access, clips
from segue.web.forms import DetailsForm


def details(clip_id: str) -> ResponseReturnValue:
    """POST /clips/<id>/details: `title`, `notes` and `tags`; empty ones take back what was said."""
    clip = access.own(clips.find(clip_id))
    form = DetailsForm()
    if not form.validate():
        return clips.page(clip, form), 422
    title, notes, tags = form.title.data or "", form.notes.data or "", form.tags.data or ""
    parts().clips.change(clip.id, lambda clip: clip.describe(title, notes, tags))
    return redirect(url_for("clip", clip_id=clip_id, _anchor="details"), 303)
