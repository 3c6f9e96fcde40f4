"""The Replicate protocol, by two routes: gateways of ChainHub's shape, and Replicate itself.

Every address is built from the configured base. The `urls` in an answer point at hosts that are none of our key's
business, so nobody reads them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any, BinaryIO

from pydantic import BaseModel, BeforeValidator, ValidationError

from segue.providers import TITLES
from segue.providers.base import Capabilities, Output, Prediction, ProviderError, Status
from segue.providers.http import Answer, Http, NoAnswer
from segue.recipe import Recipe, tidy

VERSION = "8cf61ea6c56afd61d8f5b9ffd14d7c216c0a93844ce2d82ac1c9ecc9c7f24e05"
"""Riffusion, as hosted."""
PREDICTION_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
PROGRESS = re.compile(r"^[^\S\n]*(\d{1,3})%[^\S\n]*\|.+?\|[^\S\n]*\d+/\d+", re.MULTILINE)
"""The progress bar in a run's logs; the last one counts."""
LOGS_READ = 4000
"""Characters from the end of the logs in which it is looked for."""
STATUSES = {status.value: status for status in Status}
QUOTE_LIMIT = 200
"""Characters of somebody else's words we pass on."""

KNOWN_TROUBLE = {
    "E1001": "The model ran out of memory.",
    "E6716": "The model took too long to start.",
    "E1000": "The model broke down.",
}


def chainhub(base: str, key: str) -> Replicate:
    """ChainHub, or any gateway that serves the same document."""
    return Replicate("chainhub", TITLES["chainhub"], base, key, "/models/riffusion/riffusion/predictions", cancel=False)


def replicate(base: str, key: str) -> Replicate:
    """Replicate itself, where the model's own path is for official models only."""
    return Replicate("replicate", TITLES["replicate"], base, key, "/predictions", cancel=True)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


class Told(BaseModel):
    """What we read of a prediction; everything else an answer says is ignored."""

    id: str
    status: str
    logs: Annotated[str, BeforeValidator(_text)] = ""
    output: Any = None
    error: Any = None
    data_removed: Any = False


class Replicate:
    """Riffusion behind the Replicate protocol. `create_path` is the route's own address for new predictions."""

    def __init__(self, name: str, title: str, base: str, key: str, create_path: str, cancel: bool) -> None:
        self.name = name
        self.title = title
        self.capabilities = Capabilities(takes=False, repeatable=False, blocking=False, cancel=cancel)
        self._create_path = create_path
        self._http = Http(base, key, title)

    def create(self, recipe: Recipe) -> Prediction:
        try:
            answer = self._http.post(self._create_path, {"version": VERSION, "input": _input(recipe)})
            if answer.status >= 500:
                raise NoAnswer(f"{self.title} had a problem (answer {answer.status}).", permanent=False)
            return self.read(answer)
        except NoAnswer as error:
            raise ProviderError(
                f"{error.message} The run may or may not have started, so it was not asked for again: "
                "you might have paid twice.",
                permanent=True,
                advice="Press Retry to make a new one.",
            ) from error

    def get(self, prediction_id: str) -> Prediction:
        prediction = self.read(self._http.get(f"/predictions/{prediction_id}"))
        if prediction.id != prediction_id:
            raise NoAnswer(f"{self.title} told of another run than the one asked about.", permanent=False)
        return prediction

    def cancel(self, prediction_id: str) -> None:
        answer = self._http.post(f"/predictions/{prediction_id}/cancel", None)
        if answer.status in (404, 405):
            raise ProviderError(f"{self.title} cannot cancel a run.", permanent=True)
        if answer.status >= 300:
            raise self._refusal(answer)

    def fetch(self, output: Output, into: BinaryIO) -> None:
        assert isinstance(output, str)
        self._http.fetch(output, into)

    def read(self, answer: Answer) -> Prediction:
        """The prediction an answer tells of. Raises ProviderError for every other answer."""
        if answer.status not in (200, 201, 202):
            raise self._refusal(answer)
        try:
            told = Told.model_validate(answer.body)
        except ValidationError as error:
            raise NoAnswer(f"{self.title} sent an answer that makes no sense.", permanent=False) from error
        if not PREDICTION_ID.fullmatch(told.id):
            raise NoAnswer(f"{self.title} sent an answer that makes no sense.", permanent=False)
        status = STATUSES.get(told.status, Status.PROCESSING)
        output = told.output if isinstance(told.output, dict) else {}
        prediction = Prediction(told.id, status, _progress(told.logs))
        if status.running:
            return prediction
        if status is Status.SUCCEEDED and _text(output.get("audio")):
            return replace(prediction, audio=output["audio"], spectrogram=_text(output.get("spectrogram")) or None)
        return replace(prediction, error=self._reason(status, told, output))

    def _reason(self, status: Status, told: Told, output: dict[str, Any]) -> str:
        """Why a run that is over has no audio, and what to do."""
        if status is Status.CANCELED:
            return f"The run was canceled at {self.title}. Press Retry to start it again."
        if status is Status.ABORTED:
            return f"{self.title} could not start the run in time; it was not charged. Press Retry to try again."
        if told.data_removed:
            return f"{self.title} has already deleted the files. Press Retry to make a new one."
        complaint = _text(told.error) or _text(output.get("error"))
        for code, trouble in KNOWN_TROUBLE.items():
            if code in complaint:
                return f"{trouble} Press Retry in a minute."
        if complaint:
            return f"The model failed: “{_quote(complaint)}”. Edit the recipe, or press Retry."
        return f"{self.title} finished without any audio. Press Retry to try again."

    def _refusal(self, answer: Answer) -> ProviderError:
        """An answer that says no, as an error a musician can act upon."""
        complaint = _quote(_complaint(answer.body))
        if answer.status == 401:
            return ProviderError(
                f"{self.title} does not accept this studio's key.",
                permanent=True,
                advice="Ask whoever runs it to check the key, then press Retry.",
            )
        if answer.status == 402 or "quota" in _code(answer.body):
            return ProviderError(
                f"{self.title} says there is no credit left.",
                permanent=True,
                advice="Top it up, then press Retry.",
            )
        if answer.status in (400, 422):
            return ProviderError(
                f"{self.title} did not accept the recipe{': ' + complaint if complaint else ''}.",
                permanent=True,
                advice="Edit the recipe and blend again.",
            )
        if answer.status == 429:
            return ProviderError(
                f"{self.title} is being asked too often.",
                permanent=False,
                advice="Wait a minute, then press Retry.",
                retry_after=answer.retry_after,
            )
        if answer.status >= 500:
            return ProviderError(
                f"{self.title} has a problem of its own (answer {answer.status}).",
                permanent=False,
                advice="Wait a few minutes, then press Retry.",
                retry_after=answer.retry_after,
            )
        return ProviderError(
            f"{self.title} said no (answer {answer.status}{': ' + complaint if complaint else ''}).",
            permanent=True,
            advice="If Retry does not help, ask whoever runs this studio to check its address.",
        )


def _input(recipe: Recipe) -> dict[str, object]:
    """All six fields, always: without `prompt_b` some versions break, and null they refuse."""
    return {
        "prompt_a": recipe.prompt_a,
        "prompt_b": recipe.prompt_b,
        "alpha": recipe.alpha,
        "denoising": recipe.denoising,
        "num_inference_steps": recipe.num_inference_steps,
        "seed_image_id": recipe.seed_image_id,
    }


def _progress(logs: str) -> int | None:
    found = PROGRESS.findall(logs[-LOGS_READ:])
    return min(int(found[-1]), 100) if found else None


def _complaint(body: Any) -> str:
    """The words of an error, from either shape: problem+json, or a gateway's nested `error`."""
    if not isinstance(body, dict):
        return ""
    if isinstance(body.get("error"), dict):
        return _text(body["error"].get("message"))
    fields = body.get("invalid_fields")
    if isinstance(fields, list):
        named = [f"{f.get('field')}: {f.get('description')}" for f in fields if isinstance(f, dict)]
        if named:
            return "; ".join(named)
    return _text(body.get("detail")) or _text(body.get("title")) or _text(body.get("error"))


def _code(body: Any) -> str:
    nested = body.get("error") if isinstance(body, dict) else None
    return _text(nested.get("code")) if isinstance(nested, dict) else ""


def _quote(text: str) -> str:
    words = tidy(text).rstrip(".")
    return words if len(words) <= QUOTE_LIMIT else words[:QUOTE_LIMIT] + "…"
