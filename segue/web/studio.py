"""The studio: the form, and what was made last."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from segue import library
from segue.parts import Parts, parts
from segue.recipe import PROMPT_LIMIT, SEED_IDS, SEEDS, STEPS_DEFAULT
from segue.web.forms import RECIPE_FIELDS, StudioForm

RECENT = 12


def index() -> str:
    """GET /: an empty form, or one filled by a link's `from` or recipe fields."""
    here = parts()
    values: dict[str, Any] = {name: request.args[name] for name in RECIPE_FIELDS if name in request.args}
    if values.get("seed_image_id") not in SEED_IDS:
        values.pop("seed_image_id", None)
    source = here.clips.find(request.args["from"]) if "from" in request.args else None
    if source:
        values = {name: getattr(source, name) for name in RECIPE_FIELDS} | values
        if source.provider not in here.providers:
            del values["provider"]
    return page(here, StudioForm(values, here.providers, here.preferred))


def page(here: Parts, form: StudioForm) -> str:
    """The studio around `form`, with whatever it has to say."""
    return render_template(
        "studio/index.html",
        form=form,
        seeds=SEEDS,
        providers=here.providers,
        prompt_limit=PROMPT_LIMIT,
        steps_default=STEPS_DEFAULT,
        recent=library.newest(here.database, RECENT),
    )
