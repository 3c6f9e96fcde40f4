"""What else is there: weather, people and machines, each a loop that is heard all the while."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from segue.sketch.circle import silence
from segue.sketch.parameters import Scene
from segue.sketch.scenes import machines, nature, people

Stereo = npt.NDArray[np.float32]

MAKERS: Mapping[str, Callable[[np.random.Generator], Stereo]] = nature.MAKERS | people.MAKERS | machines.MAKERS

KEPT = 3  # scenes remembered, since none depends on the prompt but by its level; each is 1.8 MB
LOUDNESS = 0.16  # RMS of a scene at full level
FAINT = {"vinyl": 0.35, "hiss": 0.12, "wind": 0.7, "rain": 0.5, "crickets": 0.5, "breathing": 0.6}  # noise carries


def scenery(scene: Scene) -> Stereo:
    """All of a scene together, shape (2, LOOP_SAMPLES)."""
    loop = silence()
    for field in fields(Scene):
        level = getattr(scene, field.name)
        if level > 0.01:
            loop += np.float32(level**1.5) * _loop(field.name)
    return loop


@lru_cache(maxsize=KEPT)
def _loop(name: str) -> Stereo:
    sound = MAKERS[name](np.random.default_rng(700 + sorted(MAKERS).index(name)))
    return np.asarray(sound * (LOUDNESS * FAINT.get(name, 1.0) / np.sqrt(np.mean(sound**2))), np.float32)
