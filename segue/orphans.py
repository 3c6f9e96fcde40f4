"""Orphans: clips whose create was begun and never seen to end, and which of a provider's runs may be theirs."""

from __future__ import annotations

from sqlalchemy import and_, select

from segue.db import Database
from segue.models import Clip

RECIPE = (
    Clip.prompt_a,
    Clip.prompt_b,
    Clip.alpha,
    Clip.seed_image_id,
    Clip.denoising,
    Clip.num_inference_steps,
)
"""Runs that have all of this in common cannot be told apart."""


def unclaimed(database: Database, clip: Clip, found: list[str]) -> str | None:
    """The first of these runs that no clip has."""
    with database.read() as session:
        whose = select(Clip.prediction_id).where(Clip.provider == clip.provider, Clip.prediction_id.in_(found))
        taken = set(session.scalars(whose))
    return next((prediction_id for prediction_id in found if prediction_id not in taken), None)


def rivals(database: Database, clip: Clip) -> bool:
    """Whether another clip of the same recipe is being asked for at this moment: a run may turn out to be its own."""
    same = [column == getattr(clip, column.key) for column in (*RECIPE, Clip.provider)]
    asking = and_(Clip.prediction_id.is_(None), Clip.submitted_at.is_not(None), Clip.holder.is_not(None))
    with database.read() as session:
        return session.scalars(select(Clip.id).where(*same, asking, Clip.id != clip.id)).first() is not None
