"""The server that came with riffusion: one request at a time, answered when it is done."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ValidationError

from segue.providers import TITLES
from segue.providers.answers import quote, recipe_refused, refusal, text
from segue.providers.base import Capabilities, Prediction, ProviderError, Status
from segue.providers.blocking import Blocking
from segue.providers.hosts import Hosts
from segue.providers.http import Answer, NoAnswer
from segue.recipe import SEEDS, Recipe

PATH = "/run_inference"
GUIDANCE = 7.0
"""How strictly the model follows a prompt; what the server's own page asks for."""
FILES = tuple(seed.id for seed in SEEDS)
"""The seeds it has. It makes a path of whatever name it is sent, so it is sent no other."""
CHECK_ADDRESS = "Ask whoever runs this studio to check SEGUE_RIFFUSION_URL, then press Retry."

Text = Annotated[str, BeforeValidator(text)]


class Rendered(BaseModel):
    """What we read of its answer: two `data:` addresses. The length it tells is rounded, and ignored."""

    audio: Text = ""
    image: Text = ""


class RiffusionServer(Blocking):
    """Riffusion's own server at `base`, which may name the server or its `/run_inference/`."""

    name = "riffusion"
    title = TITLES["riffusion"]
    capabilities = Capabilities(
        FILES, takes=True, costs=False, blocking=True, cancel=False, usual_seconds=10, at_once=1
    )

    def __init__(self, base: str, hosts: Hosts) -> None:
        super().__init__(base.rstrip("/").removesuffix(PATH), hosts)

    def create(self, recipe: Recipe, name: str) -> Prediction:
        if recipe.seed_image_id not in FILES:
            raise ProviderError(
                f"{self.title} has no seed of that name.", permanent=True, advice="Edit the recipe and pick another."
            )
        return self.read(self.run(f"{PATH}/", order(recipe)))

    def examine(self) -> list[str]:
        answer = self._http.get(f"{PATH}/")
        if answer.status == 405:
            return ["It is there. Whether its model plays shows in the first run."]
        if answer.status == 404:
            raise self._elsewhere()
        raise ProviderError(
            f"{self.title} answered {answer.status} where 405 was expected.", permanent=True, advice=CHECK_ADDRESS
        )

    def read(self, answer: Answer) -> Prediction:
        """The finished prediction an answer tells of. Raises ProviderError for every other answer."""
        if answer.status != 200:
            raise self._refusal(answer)
        try:
            rendered = Rendered.model_validate(answer.body)
        except ValidationError as error:
            raise self._nonsense() from error
        if not _is_file(rendered.audio):
            raise self._nonsense()
        picture = rendered.image if _is_file(rendered.image) else None
        return Prediction(None, Status.SUCCEEDED, audio=rendered.audio, spectrogram=picture)

    def _refusal(self, answer: Answer) -> ProviderError:
        if answer.status == 400:
            # Its own complaints are plain text; a page of markup is somebody else's.
            said = "" if "<" in answer.text else quote(answer.text)
            return recipe_refused(self.title, said)
        if answer.status in (404, 405):
            return self._elsewhere()
        if answer.status >= 500:
            return ProviderError(
                f"{self.title} could not finish the run (answer {answer.status}).",
                permanent=False,
                advice="Press Retry; if that does not help, ask whoever runs the server to look at its log.",
                retry_after=answer.retry_after,
            )
        return refusal(self.title, answer)

    def _elsewhere(self) -> ProviderError:
        return ProviderError(f"There is no {self.title} at its address.", permanent=True, advice=CHECK_ADDRESS)

    def _nonsense(self) -> NoAnswer:
        return NoAnswer(f"{self.title} sent an answer that makes no sense.", permanent=False)


def order(recipe: Recipe) -> dict[str, object]:
    """What is sent to start a run. It knows no single prompt: without B, A is blended with itself."""
    return {
        "start": _end(recipe.prompt_a, recipe),
        "end": _end(recipe.prompt_b or recipe.prompt_a, recipe),
        "alpha": float(recipe.alpha) if recipe.prompt_b else 0.0,
        "num_inference_steps": recipe.num_inference_steps,
        "seed_image_id": recipe.seed_image_id,
    }


def _end(prompt: str, recipe: Recipe) -> dict[str, object]:
    return {"prompt": prompt, "seed": recipe.take or 0, "denoising": float(recipe.denoising), "guidance": GUIDANCE}


def _is_file(address: str) -> bool:
    return address.startswith("data:")
