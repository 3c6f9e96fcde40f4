"""What tests of pages share: a clip that is done."""

from __future__ import annotations

import pytest
from flask import Flask

from segue.clips import Clips
from segue.models import Clip
from segue.recipe import Recipe


def made(app: Flask, recipe: Recipe) -> Clip:
    """A clip of that recipe, played by the built-in band."""
    clips: Clips = app.extensions["segue"].clips
    clip = clips.submit(recipe, f"token of {recipe.prompt_a}")
    clips.advance(clip.id)
    found = clips.find(clip.id)
    assert found is not None
    return found


@pytest.fixture
def done(app: Flask) -> Clip:
    """One with two prompts; its sound is kept as FLAC."""
    return made(app, Recipe("church bells", "jazz", alpha=0.3, take=4))
