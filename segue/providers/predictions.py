"""Reading predictions as the Replicate protocol, and Cog after it, tell them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import BaseModel, BeforeValidator, ValidationError

from segue.providers.answers import quote, text
from segue.providers.base import Prediction, Status
from segue.providers.http import NoAnswer
from segue.recipe import Recipe

PREDICTION_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
PROGRESS = re.compile(r"^[^\S\n]*(\d{1,3})%[^\S\n]*\|.+?\|[^\S\n]*\d+/\d+", re.MULTILINE)
"""The progress bar in a run's logs; the last one counts."""
LOGS_READ = 4000
"""Characters from the end of the logs in which it is looked for."""
STATUSES = {status.value: status for status in Status}

KNOWN_TROUBLE = {
    "E1001": "The model ran out of memory.",
    "E6716": "The model took too long to start.",
    "E1000": "The model broke down.",
}

Text = Annotated[str, BeforeValidator(text)]


class Told(BaseModel):
    """What we read of a prediction; everything else an answer says is ignored."""

    id: Text = ""
    status: str
    logs: Text = ""
    output: Any = None
    error: Any = None
    data_removed: Any = False
    version: Text = ""
    input: Any = None
    created_at: Text = ""


def told(title: str, body: Any) -> Told:
    """What the service called `title` says of a prediction. Raises NoAnswer when that makes no sense."""
    try:
        return Told.model_validate(body)
    except ValidationError as error:
        raise NoAnswer(f"{title} sent an answer that makes no sense.", permanent=False) from error


def read(title: str, body: Any) -> Prediction:
    """A prediction that goes by its id. Raises NoAnswer when there is none in the answer."""
    found = told(title, body)
    if not PREDICTION_ID.fullmatch(found.id):
        raise NoAnswer(f"{title} sent an answer that makes no sense.", permanent=False)
    return replace(outcome(title, found), id=found.id)


def outcome(title: str, found: Told) -> Prediction:
    """How a run stands or ended, whatever its id."""
    status = STATUSES.get(found.status, Status.PROCESSING)
    prediction = Prediction(None, status, _progress(found.logs))
    if status.running:
        return prediction
    output = found.output if isinstance(found.output, dict) else {}
    if status is Status.SUCCEEDED and text(output.get("audio")):
        return replace(prediction, audio=output["audio"], spectrogram=text(output.get("spectrogram")) or None)
    return replace(prediction, error=_reason(title, status, found, output))


def listed(title: str, body: Any) -> tuple[list[Told], str]:
    """A page of a list of runs, the newest first, and the query of the next page. Raises NoAnswer for none."""
    runs = body.get("results") if isinstance(body, dict) else None
    if not isinstance(runs, list):
        raise NoAnswer(f"{title} sent a list that makes no sense.", permanent=False)
    known = [run for each in runs if PREDICTION_ID.fullmatch((run := told(title, each)).id)]
    return known, _query(body.get("next"))


def born(run: Told) -> float:
    """When a run was created, in seconds since the epoch; 0 when it does not say."""
    try:
        return datetime.fromisoformat(run.created_at).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def asked(recipe: Recipe) -> dict[str, object]:
    """The model's six inputs, always all of them: without `prompt_b` some versions break, and null they refuse."""
    return {
        "prompt_a": recipe.prompt_a,
        "prompt_b": recipe.prompt_b,
        "alpha": recipe.alpha,
        "denoising": recipe.denoising,
        "num_inference_steps": recipe.num_inference_steps,
        "seed_image_id": recipe.seed_image_id,
    }


def _reason(title: str, status: Status, found: Told, output: dict[str, Any]) -> str:
    """Why a run that is over has no audio, and what to do."""
    if status is Status.CANCELED:
        return f"The run was canceled at {title}. Press Retry to start it again."
    if status is Status.ABORTED:
        return f"{title} could not start the run in time; it was not charged. Press Retry to try again."
    if found.data_removed:
        return f"{title} has already deleted the files. Press Retry to make a new one."
    complaint = text(found.error) or text(output.get("error"))
    for code, trouble in KNOWN_TROUBLE.items():
        if code in complaint:
            return f"{trouble} Press Retry in a minute."
    if complaint:
        return f"The model failed: “{quote(complaint)}”. Edit the recipe, or press Retry."
    return f"{title} finished without any audio. Press Retry to try again."


def _query(following: object) -> str:
    """The query of the next page; the rest of its address is not ours to follow."""
    try:
        cursor = parse_qs(urlsplit(text(following)).query).get("cursor", [""])[0]
    except ValueError:
        return ""
    return f"?{urlencode({'cursor': cursor})}" if cursor else ""


def _progress(logs: str) -> int | None:
    found = PROGRESS.findall(logs[-LOGS_READ:])
    return min(int(found[-1]), 100) if found else None
