"""The studio inside the tests' own process. What comes out the same each time is made once."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from segue import create_app
from segue.clips import Clips
from segue.config import Settings
from segue.models import Clip
from segue.providers.base import Prediction
from segue.providers.sketch import Sketch
from segue.recipe import Recipe

TAKE = 4


def opened(settings: Settings) -> Flask:
    """The whole application, without a worker; whoever asks for it closes its database."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = PAGES
    app.extensions["segue"].providers["sketch"] = Rehearsed()
    return app


def made(app: Flask, recipe: Recipe) -> Clip:
    """A clip of that recipe, played by the built-in band; always the same take, if none is named."""
    clips: Clips = app.extensions["segue"].clips
    take = TAKE if recipe.take is None else recipe.take
    clip = clips.submit(recipe.with_take(take), f"token of {recipe.prompt_a}")
    clips.advance(clip.id)
    found = clips.find(clip.id)
    assert found is not None
    return found


class Rehearsed(Sketch):
    """The built-in band, which plays a recipe once: that it would play the same again is for its own tests to say."""

    def create(self, recipe: Recipe, name: str) -> Prediction:
        return _played(recipe)


@lru_cache(maxsize=100)
def _played(recipe: Recipe) -> Prediction:
    return Sketch().create(recipe, "")


class Compiled(BytecodeCache):
    """Templates, compiled for the first application and good for all."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


PAGES = Compiled()
