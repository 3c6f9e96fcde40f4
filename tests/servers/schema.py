"""What riffusion takes, checked as upstream checks it."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.servers.shapes import invalid

VERSION = "8cf61ea6c56afd61d8f5b9ffd14d7c216c0a93844ce2d82ac1c9ecc9c7f24e05"
MISSPELT = "mask_graident_top_fifth_75"
"""On the hosted version's list, though there is no such file: a run with it fails."""
SEEDS = (
    "agile",
    "marim",
    "mask_beat_lines_80",
    "mask_gradient_dark",
    MISSPELT,
    "mask_gradient_top_70",
    "mask_top_third_75",
    "mask_top_third_95",
    "motorway",
    "og_beat",
    "vibes",
)


def complaints(body: object) -> list[dict[str, str]]:
    """The `invalid_fields` of a create; none when it is good. Both prompts are asked for, though upstream has
    a default for A: some Cog versions fail without B."""
    if not isinstance(body, Mapping):
        return [invalid("", "Invalid type. Expected: object")]
    found = []
    if body.get("version") != VERSION:
        found.append(invalid("version", "The specified version does not exist", "enum"))
    if isinstance(body.get("input"), Mapping):
        found.extend(input_complaints(body["input"]))
    else:
        found.append(invalid("input", "input is required", "required"))
    return found


def input_complaints(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for prompt in ("prompt_a", "prompt_b"):
        if prompt not in given:
            yield invalid(f"input.{prompt}", f"{prompt} is required", "required")
        elif not isinstance(given[prompt], str):
            yield invalid(f"input.{prompt}", "Invalid type. Expected: string")
    for fraction in ("alpha", "denoising"):
        yield from number_complaints(fraction, given.get(fraction, 0.5), least=0, most=1)
    steps = given.get("num_inference_steps", 50)
    if isinstance(steps, float):
        yield invalid("input.num_inference_steps", "Invalid type. Expected: integer, given: number")
    else:
        yield from number_complaints("num_inference_steps", steps, least=1, most=None)
    if given.get("seed_image_id", "vibes") not in SEEDS:
        yield invalid("input.seed_image_id", f"Must be one of: {', '.join(SEEDS)}", "enum")


def number_complaints(name: str, value: object, *, least: int, most: int | None) -> Iterator[dict[str, str]]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield invalid(f"input.{name}", "Invalid type. Expected: number")
    elif value < least:
        yield invalid(f"input.{name}", f"Must be greater than or equal to {least}", "number_gte")
    elif most is not None and value > most:
        yield invalid(f"input.{name}", f"Must be less than or equal to {most}", "number_lte")
