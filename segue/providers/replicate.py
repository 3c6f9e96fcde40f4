"""The Replicate protocol, by two routes: gateways of ChainHub's shape, and Replicate itself.

Every address is built from the configured base. The `urls` in an answer point at hosts that are none of our key's
business, so nobody reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from segue.providers import TITLES
from segue.providers.answers import check_canceled, refusal
from segue.providers.base import Capabilities, Output, Prediction, Provider, ProviderError, Rate, Spoilt, Unclear
from segue.providers.files import Files
from segue.providers.hosts import Hosts
from segue.providers.http import Answer, Http, NoAnswer
from segue.providers.predictions import Told, asked, born, listed, read
from segue.providers.webhooks import Webhooks
from segue.recipe import SEEDS, Recipe

VERSION = "8cf61ea6c56afd61d8f5b9ffd14d7c216c0a93844ce2d82ac1c9ecc9c7f24e05"
"""Riffusion, as hosted."""
MODEL = "/models/riffusion/riffusion"
HOSTED_SEEDS = tuple(seed.id for seed in SEEDS if seed.id != "mask_gradient_top_fifth_75")
"""The hosted version lists that one misspelt, and without a file of that name: it can be had in neither spelling."""
NOBODY = "segue0asks0whether0anyone0is0there"
"""The id of no prediction."""
REFUSALS = (401, 402, 403, 429)
"""Answers to a look that mean what they say."""
PAGES = 10
"""Pages of a hundred runs that are searched for one."""
EVENTS = ("start", "logs", "completed")


class Gateway(Provider):
    """Riffusion behind ChainHub, or behind any gateway that serves the same document."""

    name = "chainhub"
    title = TITLES["chainhub"]
    capabilities = Capabilities(HOSTED_SEEDS, takes=False, costs=True, blocking=False, cancel=False, usual_seconds=10)
    create_path = f"{MODEL}/predictions"

    def __init__(self, base: str, key: str, hosts: Hosts) -> None:
        self._http = Http(base, key, self.title)
        self._files = Files(self.title, hosts.also(base))

    def create(self, recipe: Recipe, name: str) -> Prediction:
        try:
            answer = self._http.post(self.create_path, self.order(recipe, name))
            if answer.status >= 500:
                raise NoAnswer(f"{self.title} had a problem (answer {answer.status}).", permanent=False)
            return self.read(answer)
        except NoAnswer as error:
            raise Unclear(
                f"{error.message} The run may or may not have started, so it was not asked for again: "
                "you might have paid twice.",
                permanent=True,
                advice="Press Retry to make a new one.",
            ) from error

    def order(self, recipe: Recipe, name: str) -> dict[str, Any]:
        """What is sent to start a run."""
        return {"version": VERSION, "input": asked(recipe)}

    def get(self, prediction_id: str) -> Prediction:
        answer = self._http.get(f"/predictions/{prediction_id}")
        if answer.status in (400, 404, 410):
            # A run that was just created may not be known everywhere yet.
            raise Spoilt(
                f"{self.title} says that there is no such run.",
                permanent=False,
                advice="Press Retry to make a new one.",
            )
        if 300 <= answer.status < 500 and answer.status not in REFUSALS:
            # Somebody in between: a run that exists is not given up for that.
            raise NoAnswer(f"{self.title} sent an answer that makes no sense.", permanent=False)
        prediction = self.read(answer)
        if prediction.id != prediction_id:
            raise NoAnswer(f"{self.title} told of another run than the one asked about.", permanent=False)
        return prediction

    def cancel(self, prediction_id: str) -> None:
        check_canceled(self.title, self._http.post(f"/predictions/{prediction_id}/cancel", None))

    def fetch(self, output: Output, into: BinaryIO) -> None:
        assert isinstance(output, str)
        self._files.fetch(output, into)

    def examine(self) -> list[str]:
        answer = self._http.get(f"/predictions/{NOBODY}")
        if answer.status in REFUSALS or answer.status >= 500:
            raise refusal(self.title, answer)
        if answer.status not in (200, 400, 404) or not isinstance(answer.body, dict):
            raise ProviderError(
                f"Something answers there (answer {answer.status}), but not as {self.title} would.", permanent=True
            )
        return ["It answers, and did not refuse the key. Whether it knows Riffusion shows in the first run."]

    def read(self, answer: Answer) -> Prediction:
        """The prediction an answer tells of. Raises ProviderError for every other answer."""
        if answer.status not in (200, 201, 202):
            raise refusal(self.title, answer)
        return read(self.title, answer.body)


class Replicate(Gateway):
    """Replicate itself: runs can be canceled, looked for, and heard of by webhook.

    `webhooks` is the address below which we can be reached for that; None where we cannot.
    """

    name = "replicate"
    title = TITLES["replicate"]
    capabilities = Capabilities(
        HOSTED_SEEDS,
        takes=False,
        costs=True,
        blocking=False,
        cancel=True,
        usual_seconds=10,
        search=True,
        # Documented: 600 creates and 3000 other calls a minute, in any minute.
        creates=Rate(500, burst=60),
        looks=Rate(2400, burst=300),
    )
    create_path = "/predictions"  # the model's own is for official models only

    def __init__(self, base: str, key: str, hosts: Hosts, webhooks: str | None = None) -> None:
        super().__init__(base, key, hosts)
        self._webhook_base = webhooks
        self._webhooks = Webhooks(self._http)

    def order(self, recipe: Recipe, name: str) -> dict[str, Any]:
        order = super().order(recipe, name)
        if self._webhook_base:
            order |= {"webhook": f"{self._webhook_base}/{self.name}/{name}", "webhook_events_filter": EVENTS}
        return order

    def find(self, recipe: Recipe, since: float) -> list[str]:
        found: list[str] = []
        query = ""
        for _ in range(PAGES):
            runs, query = self._page(query)
            ours = [run for run in runs if born(run) >= since]
            found += [run.id for run in ours if run.version == VERSION and _same(run.input, asked(recipe))]
            if not query or len(ours) < len(runs):
                return found[::-1]
        if not found:
            raise ProviderError(f"{self.title} has too many runs to find one among them.", permanent=False)
        return found[::-1]

    def vouches(self, headers: Mapping[str, str], body: bytes) -> bool:
        return self._webhook_base is not None and self._webhooks.genuine(headers, body)

    def examine(self) -> list[str]:
        answer = self._http.get(f"{MODEL}/versions/{VERSION}")
        if answer.status == 404:
            raise ProviderError(
                f"{self.title} does not know the version of Riffusion that Segue asks for.", permanent=True, advice=""
            )
        if answer.status != 200:
            raise refusal(self.title, answer)
        heard = (
            "Webhooks are asked for." if self._webhook_base else "No webhooks: they need SEGUE_PUBLIC_URL with https."
        )
        return ["It answers, accepts the key and knows this version of Riffusion.", heard]

    def _page(self, query: str) -> tuple[list[Told], str]:
        answer = self._http.get(f"/predictions{query}")
        if answer.status != 200:
            raise refusal(self.title, answer)
        return listed(self.title, answer.body)


def _same(given: object, asked_for: dict[str, object]) -> bool:
    return isinstance(given, dict) and all(given.get(name) == value for name, value in asked_for.items())
