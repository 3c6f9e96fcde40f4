"""A recipe: what a musician asked for. Pure, frozen and valid from the moment it exists."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, replace

from segue.errors import InvalidRecipe

PROMPT_LIMIT = 500
ALPHA_DEFAULT = 0.5
DENOISING_DEFAULT = 0.75
STEPS_DEFAULT = 50
STEPS_LIMIT = 150
"""The model itself knows no maximum; past this it only costs more."""
UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, half characters, line ends, and marks that would turn the text around them."""
TAKE_LIMIT = 2**31 - 1


@dataclass(frozen=True)
class Seed:
    """A groove a clip can start from. `musical` seeds pulse at 93.75 BPM; the others are textures."""

    id: str
    title: str
    musical: bool


SEEDS: tuple[Seed, ...] = (
    Seed("og_beat", "OG beat", True),
    Seed("agile", "Agile", True),
    Seed("marim", "Marim", True),
    Seed("motorway", "Motorway", True),
    Seed("vibes", "Vibes", True),
    Seed("mask_beat_lines_80", "Beat lines", False),
    Seed("mask_gradient_dark", "Dark gradient", False),
    Seed("mask_gradient_top_70", "High gradient", False),
    Seed("mask_gradient_top_fifth_75", "High fifth", False),
    Seed("mask_top_third_75", "High third", False),
    Seed("mask_top_third_95", "High third, faint", False),
)
SEED_DEFAULT = "vibes"
SEED_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
"""A model of somebody's own may have seeds of its own; which ones there are is the provider's to say."""


@dataclass(frozen=True)
class Recipe:
    """Two prompts and how to blend them.

    alpha 0 is all `prompt_a`, 1 all `prompt_b`; denoising 0..1 is how far to move from the seed. `take` is the number
    that makes a run repeatable, None where the provider draws its own. Text is tidied and fractions are rounded to
    hundredths; InvalidRecipe is raised for what cannot be mended.
    """

    prompt_a: str
    prompt_b: str = ""
    alpha: float = ALPHA_DEFAULT
    seed_image_id: str = SEED_DEFAULT
    denoising: float = DENOISING_DEFAULT
    num_inference_steps: int = STEPS_DEFAULT
    provider: str = "sketch"
    take: int | None = None

    def __post_init__(self) -> None:
        self._set("prompt_a", _prompt("prompt_a", self.prompt_a))
        self._set("prompt_b", _prompt("prompt_b", self.prompt_b))
        self._set("alpha", _share("alpha", self.alpha))
        self._set("denoising", _share("denoising", self.denoising))
        if not self.prompt_a:
            raise InvalidRecipe("prompt_a", "Say what A should sound like.")
        if not SEED_NAME.fullmatch(self.seed_image_id):
            raise InvalidRecipe("seed_image_id", "Pick one of the seeds in the list.")
        if not 1 <= self.num_inference_steps <= STEPS_LIMIT:
            raise InvalidRecipe("num_inference_steps", f"Choose between 1 and {STEPS_LIMIT} steps.")
        if self.take is not None and not 0 <= self.take <= TAKE_LIMIT:
            raise InvalidRecipe("take", f"A take is a number from 0 to {TAKE_LIMIT}, or nothing at all.")

    def with_take(self, take: int | None) -> Recipe:
        """The same recipe with that take."""
        return replace(self, take=take)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def blend_title(prompt_a: str, prompt_b: str) -> str:
    """How people would name a blend: both prompts, or the only one heard."""
    return f"{prompt_a} → {prompt_b}" if prompt_b else prompt_a


def seed_title(seed_image_id: str) -> str:
    """A seed as people call it; one we do not know, by its id in words."""
    known = next((seed.title for seed in SEEDS if seed.id == seed_image_id), None)
    return known or seed_image_id.replace("_", " ").strip().capitalize() or seed_image_id


def tidy(text: str) -> str:
    """One line of composed text: control characters, bidi overrides and runs of white space become single spaces.

    Text in which nothing can be seen is no text at all.
    """
    line = re.sub(r"\s+", " ", unicodedata.normalize("NFC", UNWANTED.sub(" ", text))).strip()
    return line if any(unicodedata.category(char)[0] not in "CZ" for char in line) else ""


def _prompt(field: str, text: str) -> str:
    prompt = tidy(text)
    if len(prompt) > PROMPT_LIMIT:
        raise InvalidRecipe(field, f"That is {len(prompt)} characters; keep it to {PROMPT_LIMIT}.")
    return prompt


def _share(field: str, value: float) -> float:
    if not math.isfinite(value) or not 0 <= value <= 1:
        raise InvalidRecipe(field, "Choose a number between 0 and 1.")
    return round(value, 2)
