"""What every provider promises, in the words the rest of the house uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from segue.errors import SegueError
from segue.recipe import Recipe

Output = str | bytes
"""A file a prediction made: an address to fetch it from, or the bytes themselves."""


class Status(StrEnum):
    """How a prediction stands. A word a provider says that is not among these counts as still running."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    ABORTED = "aborted"

    @property
    def running(self) -> bool:
        return self in (Status.STARTING, Status.PROCESSING)


@dataclass(frozen=True)
class Prediction:
    """One run, as its provider tells it.

    `id` is None where a provider answers only when it is done. `progress` is a percentage. Once it is over, either
    `audio` is set, or `error`: a sentence for a musician, with what to do. `heard` is what it understood of the
    prompts, in a line for a musician, where it can tell.
    """

    id: str | None
    status: Status
    progress: int | None = None
    audio: Output | None = None
    spectrogram: Output | None = None
    heard: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Rate:
    """How often something may be asked for: evenly, `a_minute`, after at most `burst` at once."""

    a_minute: float
    burst: int


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do; the form, the pages and the messages follow it.

    seeds: the ids of the seeds it can start from. takes: a run can be repeated exactly by its take. costs: a run costs
    money, so one whose end nobody saw is never simply done once more. blocking: `create` answers when the run is over.
    cancel: a run can be stopped. search: a run can be found by its recipe. usual_seconds: how long a run takes once the
    model is awake. at_once: how many runs it does at a time, None for as many as are asked for. creates, looks: its
    rate limits, as far as they are known.
    """

    seeds: tuple[str, ...]
    takes: bool
    costs: bool
    blocking: bool
    cancel: bool
    usual_seconds: int
    search: bool = False
    at_once: int | None = None
    creates: Rate | None = None
    looks: Rate | None = None


class ProviderError(SegueError):
    """A provider said no, said nothing, or said something that makes no sense.

    message: what happened. advice: what a musician can do about it once nothing more is tried.
    permanent: trying the same call again is useless or, where a run may have been paid for, not allowed.
    retry_after: seconds the provider asked us to wait, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        advice: str = "Press Retry to try again.",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.advice = advice
        self.retry_after = retry_after

    @property
    def in_full(self) -> str:
        return f"{self.message} {self.advice}"


class Unclear(ProviderError):
    """A create was sent and no sensible answer came back: a run may have been started, and paid for."""


class NotYet(ProviderError):
    """Busy, waking up, or asked too often: nothing was begun, and it is worth asking again for a long while."""


class Throttled(NotYet):
    """Asked too often."""


class Spoilt(ProviderError):
    """A file or a run is missing, or not what it should be; asking again may help, but not for long."""


class Provider(Protocol):
    """Runs predictions. Every method may raise ProviderError; capabilities may change as more becomes known."""

    @property
    def name(self) -> str:
        """The word used in forms, links and the database."""

    @property
    def title(self) -> str:
        """The name people know it by."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do, as far as is known now. Never waits long for an answer from elsewhere."""

    def create(self, recipe: Recipe, name: str) -> Prediction:
        """Start a run, once. `name` is our own for it, and unique.

        Raises Unclear when a run may have been started all the same; any other error that is not permanent means that
        surely none was.
        """

    def get(self, prediction_id: str) -> Prediction:
        """How a run stands."""
        raise ProviderError(f"{self.title} keeps no list of its runs.", permanent=True)

    def find(self, recipe: Recipe, since: float) -> list[str]:
        """The ids of runs of that recipe begun since (seconds since the epoch), oldest first, where it can tell."""
        return []

    def cancel(self, prediction_id: str) -> None:
        """Ask for a run to be stopped; it may finish all the same. A blocking provider goes by our name for it."""
        raise ProviderError(f"{self.title} cannot cancel a run.", permanent=True)

    def fetch(self, output: Output, into: BinaryIO) -> None:
        """Write one of a prediction's files into `into`. Raises Spoilt for one that is not there."""

    def vouches(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a webhook with these headers (names in small letters) and this raw body is its own, and fresh."""
        return False

    def examine(self) -> list[str]:
        """What is well, in sentences, found out without paying for a run; ProviderError for what is not."""
        return []
