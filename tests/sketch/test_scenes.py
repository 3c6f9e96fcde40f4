from dataclasses import fields, replace

import numpy as np
import pytest

from segue.audio.grid import LOOP_SAMPLES, STEP
from segue.sketch.parameters import Scene
from segue.sketch.scenes import MAKERS, scenery

EMPTY = Scene(**{each.name: 0.0 for each in fields(Scene)})


def test_there_is_a_sound_for_every_part_of_a_scene() -> None:
    assert MAKERS.keys() == {each.name for each in fields(Scene)}


def test_an_empty_scene_is_silent() -> None:
    assert not scenery(EMPTY).any()


@pytest.mark.parametrize("name", MAKERS)
def test_every_scene_is_a_seamless_loop(name: str) -> None:
    loop = scenery(replace(EMPTY, **{name: 1.0}))
    assert loop.shape == (2, LOOP_SAMPLES)
    assert np.isfinite(loop).all()
    assert 0.005 < np.sqrt(np.mean(loop**2)) < 0.5
    steps = np.abs(np.diff(loop, axis=1))
    assert (np.abs(loop[:, 0] - loop[:, -1]) <= np.quantile(steps, 0.9999, axis=1) + 1e-4).all()
    assert np.array_equal(loop, scenery(replace(EMPTY, **{name: 1.0}))), "the same each time"


def test_typing_keeps_to_the_sixteenths() -> None:
    loop = np.abs(scenery(replace(EMPTY, typing=1.0))).mean(axis=0)
    loudest = loop.reshape(-1, STEP)[:, :1_500].mean() / loop.mean()
    assert loudest > 2
