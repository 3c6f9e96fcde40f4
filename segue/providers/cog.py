"""A Cog container that a team runs itself: it answers when the run is over, and a broken connection ends the run.

The image that is hosted publicly has a Cog of 2022, which knows `POST /predictions`, `GET /` and hardly more.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from segue.providers import TITLES
from segue.providers.answers import check_canceled, refusal, text
from segue.providers.base import Capabilities, NotYet, Prediction, ProviderError
from segue.providers.blocking import Blocking
from segue.providers.hosts import Hosts
from segue.providers.http import Answer, NoAnswer
from segue.providers.predictions import asked, outcome, told
from segue.providers.repertoire import Repertoire
from segue.providers.replicate import HOSTED_SEEDS
from segue.recipe import Recipe

PREFIXES = re.compile(r"(Prediction failed: )+")
"""What newer versions put before a model's own words, once or twice."""
SEE_TO_IT = "Ask whoever runs it to look at its log and start it again, then press Retry."
WELL = {
    "READY": "It is ready.",
    "BUSY": "It is well, and busy with a run.",
    "STARTING": "It is still waking up; clips wait until it is ready.",
}
BROKEN = {
    "SETUP_FAILED": "The Cog container could not load its model.",
    "DEFUNCT": "The Cog container has broken down.",
    "UNHEALTHY": "The Cog container says that it is not well.",
}


class Cog(Blocking):
    """Riffusion in a container at `base`."""

    name = "cog"
    title = TITLES["cog"]

    def __init__(self, base: str, hosts: Hosts, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(base, hosts)
        self._repertoire = Repertoire(self._http, self.title, clock)

    @property
    def capabilities(self) -> Capabilities:
        offer = self._repertoire.known
        return Capabilities(
            offer.seeds or HOSTED_SEEDS,
            takes=False,
            costs=False,
            blocking=True,
            cancel=offer.cancel,
            usual_seconds=10,
            at_once=1,
        )

    def create(self, recipe: Recipe, name: str) -> Prediction:
        # Under our name for it, the run can be canceled by another thread.
        answer = self.run("/predictions", {"id": name, "input": asked(recipe)})
        if answer.status in (409, 503):
            raise self._unready(answer)
        return self.read(answer)

    def cancel(self, prediction_id: str) -> None:
        check_canceled(self.title, self._http.post(f"/predictions/{prediction_id}/cancel", None))

    def examine(self) -> list[str]:
        health = self._health()
        if health in BROKEN:
            raise _broken(health, permanent=True)
        if health == "STARTING":
            # What it can play it says only when it is awake.
            return [WELL[health]]
        offer = self._repertoire.ask()
        count = len(offer.seeds)
        return [
            WELL.get(health, "It answers; it is too old to say how its model is."),
            f"It lists {count} seeds." if count else "It lists no seeds, so the usual ones are offered.",
            "Runs can be canceled." if offer.cancel else "Runs cannot be canceled.",
        ]

    def read(self, answer: Answer) -> Prediction:
        """The finished prediction an answer tells of. Raises ProviderError for every other answer."""
        if answer.status not in (200, 201, 202):
            raise refusal(self.title, answer)
        found = told(self.title, answer.body)
        prediction = outcome(self.title, found.model_copy(update={"error": PREFIXES.sub("", text(found.error), 1)}))
        if prediction.status.running:
            raise NoAnswer(f"{self.title} answered before the run was over.", permanent=False)
        return prediction

    def _unready(self, answer: Answer) -> ProviderError:
        """Busy and waking up pass; but a container that will never be ready says the same."""
        health = self._health()
        if health in ("SETUP_FAILED", "DEFUNCT"):
            return _broken(health, permanent=True)
        if answer.status == 503:
            return NotYet("The model is waking up.", permanent=False, retry_after=answer.retry_after)
        if health == "UNHEALTHY":
            # One whose worker has crashed calls itself busy for ever.
            return _broken(health, permanent=False)
        return NotYet("The Cog container is busy with another run.", permanent=False, retry_after=answer.retry_after)

    def _health(self) -> str:
        """The container's own word for how it is; nothing where it has none."""
        try:
            body = self._http.get("/health-check").body
        except NoAnswer:
            return ""
        return text(body.get("status")) if isinstance(body, dict) else ""


def _broken(health: str, *, permanent: bool) -> ProviderError:
    return ProviderError(BROKEN[health], permanent=permanent, advice=SEE_TO_IT)
