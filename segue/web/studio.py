"""The studio: the form, and what was made last."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from segue import library, seeds
from segue.errors import LimitReached
from segue.models import Clip
from segue.parts import Parts, parts
from segue.recipe import PROMPT_LIMIT, SEED_DEFAULT, STEPS_DEFAULT
from segue.web import access
from segue.web.forms import RECIPE_FIELDS, StudioForm
from segue.web.players import pads, players

RECENT = 12


def index() -> str:
    """GET /: an empty form, or one filled by a link's `from` or recipe fields.

    A clip that can no longer be made as it was comes with the reason, and one that is not here is owned up to.
    """
    here = parts()
    values: dict[str, Any] = {name: request.args[name] for name in RECIPE_FIELDS if name in request.args}
    wanted = request.args.get("from")
    source = here.clips.find(wanted) if wanted else None
    if source:
        values = {name: getattr(source, name) for name in RECIPE_FIELDS} | values | {"parent": source.id}
    form = StudioForm(_to_be_had(values, here), here.preferred)
    if source and (obstacle := here.clips.obstacle(source)):
        form.blame(obstacle)
    return page(here, form, missing=bool(wanted) and source is None, untouched=not request.args)


def form_of(here: Parts, clip: Clip) -> StudioForm:
    """A form that is filled with a clip's recipe."""
    values = {name: getattr(clip, name) for name in RECIPE_FIELDS} | {"parent": clip.id}
    return StudioForm(_to_be_had(values, here), here.preferred)


def enough(here: Parts, form: StudioForm, error: LimitReached) -> ResponseReturnValue:
    """The studio with everything still filled in, and why nothing more is played for now."""
    return page(here, form, enough=error.message), 429, {"Retry-After": str(error.seconds)}


def page(here: Parts, form: StudioForm, *, missing: bool = False, untouched: bool = False, enough: str = "") -> str:
    """The studio around `form`, with whatever it has to say.

    missing: the clip it was to be filled from is not here. untouched: nobody asked for anything, so a browser may
    bring back what it was last used for. enough: why nothing more is played for now.
    """
    offered = players(here.providers, here.clips.prices())
    return render_template(
        "studio/index.html",
        form=form,
        players=list(offered.values()),
        pads=pads(offered.values()),
        seed_default=SEED_DEFAULT,
        band=seeds.band(),
        prompt_limit=PROMPT_LIMIT,
        steps_default=STEPS_DEFAULT,
        missing=missing,
        enough=enough,
        left=here.clips.left(access.member().id),
        spent=here.clips.spent(access.member().id),
        untouched=untouched,
        recent=library.newest(here.database, RECENT),
    )


def _to_be_had(values: dict[str, Any], here: Parts) -> dict[str, Any]:
    """The values, with a player of this studio and a seed that somebody here has."""
    offered = players(here.providers)
    name = str(values.get("provider"))
    name = name if name in offered else here.preferred
    seed = values.get("seed_image_id")
    if not any(seed in player.seeds for player in offered.values()):
        seed = offered[name].first_seed
    return values | {"provider": name, "seed_image_id": seed}
