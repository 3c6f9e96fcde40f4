"""The seeds: the groove, the key and the sound that a clip starts from.

Grooves are in `grooves.toml`. The keys of the five musical seeds are the notes strongest in their pictures.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from segue.sketch.parameters import Parameters
from segue.sketch.reading import read
from segue.sketch.vocabulary import GROOVES


@dataclass(frozen=True, slots=True)
class Seed:
    """`tonic` is a pitch class, 0 = C. Prompts that name no key play in their seed's, so any two go together."""

    parameters: Parameters
    tonic: int


def _seed(name: str, tonic: int, sound: str) -> Seed:
    return Seed(replace(read(sound).parameters, groove=GROOVES[name]), tonic)


SEEDS: Mapping[str, Seed] = {
    "og_beat": _seed("og_beat", 9, "hip hop brass"),
    "agile": _seed("agile", 2, "energetic electro synth lead"),
    "marim": _seed("marim", 0, "marimba drums"),
    "motorway": _seed("motorway", 3, "synthwave"),
    "vibes": _seed("vibes", 5, "vibraphone soul"),
    "mask_beat_lines_80": _seed("mask_beat_lines_80", 9, "minimal techno"),
    "mask_gradient_dark": _seed("mask_gradient_dark", 2, "dark ambient"),
    "mask_gradient_top_70": _seed("mask_gradient_top_70", 4, "dreamy ambient strings"),
    "mask_gradient_top_fifth_75": _seed("mask_gradient_top_fifth_75", 7, "deep dub ambient"),
    "mask_top_third_75": _seed("mask_top_third_75", 5, "warm ambient organ"),
    "mask_top_third_95": _seed("mask_top_third_95", 0, "slow ambient bells"),
    # The same seed as the hosted model spells it.
    "mask_graident_top_fifth_75": _seed("mask_gradient_top_fifth_75", 7, "deep dub ambient"),
}
HOUSE_KEY = 9
"""A: where a clip is at home that is free of its seed and names no key."""
