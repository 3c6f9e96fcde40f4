"""What every provider promises, in the words the rest of the house uses."""

from __future__ import annotations

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
    `audio` is set, or `error`: a sentence for a musician, with what to do.
    """

    id: str | None
    status: Status
    progress: int | None = None
    audio: Output | None = None
    spectrogram: Output | None = None
    error: str | None = None


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do.

    takes: a run can be repeated exactly by its take. repeatable: running the same recipe again costs nothing, so a
    create whose end nobody saw is simply done once more. blocking: `create` answers when the run is over. cancel: a
    run can be stopped.
    """

    takes: bool
    repeatable: bool
    blocking: bool
    cancel: bool


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


class Spoilt(ProviderError):
    """A file came whole and is not what it should be; fetching it once more may help, but not many times."""


class Provider(Protocol):
    """Runs predictions. Every method but the attributes may raise ProviderError."""

    @property
    def name(self) -> str:
        """The word used in forms, links and the database."""

    @property
    def title(self) -> str:
        """The name people know it by."""

    @property
    def capabilities(self) -> Capabilities: ...

    def create(self, recipe: Recipe) -> Prediction:
        """Start a run, once. A non-permanent error means that surely no run was started."""

    def get(self, prediction_id: str) -> Prediction:
        """How a run stands."""

    def cancel(self, prediction_id: str) -> None:
        """Ask for a run to be stopped; it may finish all the same."""

    def fetch(self, output: Output, into: BinaryIO) -> None:
        """Write one of a prediction's files into `into`."""
