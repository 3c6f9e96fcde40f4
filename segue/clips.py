"""The life of a clip: submit, advance, cancel, retry, keep. The one way a clip changes.

The row is the truth; the queue carries only ids. `advance` may be called by anybody, any number of times: a clip is
leased to one worker at a time, and its next look has to be due.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, and_, bindparam, select
from sqlalchemy.exc import IntegrityError

from segue import keeping, patience
from segue.db import Database
from segue.errors import InvalidRecipe, MediaError
from segue.leases import Leases
from segue.media import Folder
from segue.models import Clip, State
from segue.providers import title
from segue.providers.base import Output, Prediction, Provider, ProviderError, Status
from segue.recipe import Recipe

TAKES = 1_000_000
"""Takes are drawn below this, so that they are short enough to be read aloud."""

FINAL = [state for state in State if state.final]

MAY_HAVE_RUN = (
    "Segue was interrupted while {title} was being asked, so the run may or may not have started. "
    "It was not asked again, to save you from paying twice. Press Retry to make a new one."
)
TRYING_AGAIN = "Trying again by itself."
TOOK_TOO_LONG = "{title} did not finish within {minutes} minutes, so Segue stopped waiting. Press Retry to try again."
NOT_SET_UP = "is not set up in this studio at the moment. The clip waits for it to come back."
GIVEN_UP = "was not set up in this studio for too long. Edit the recipe and pick another player."
OUR_FAULT = "Something went wrong inside Segue; whoever runs it will find the cause in its log."
IT_MAY_RUN = "The run may have started all the same. Press Retry to make a new one."

log = logging.getLogger(__name__)


class Queue(Protocol):
    """Carries clip ids to the workers."""

    def advance(self, clip_id: str, delay: float = 0.0) -> None: ...

    def call_off(self, clip_id: str) -> None: ...


@dataclass(frozen=True)
class Standing:
    """What a poll needs to know of a clip."""

    version: int
    state: State
    note: str | None
    progress: int | None
    error: str | None
    created_at: float


_STANDING = select(Clip.version, Clip.state, Clip.note, Clip.progress, Clip.error, Clip.created_at).where(
    Clip.id == bindparam("id")
)


class Clips:
    """All clips of this studio. Methods are safe to call from any thread or process."""

    def __init__(
        self,
        database: Database,
        providers: Mapping[str, Provider],
        media: Folder,
        queue: Queue,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._providers = providers
        self._media = media
        self._queue = queue
        self._clock = clock
        self._leases = Leases(database, clock)
        self._find_standing = database.prepared(_STANDING)

    def submit(self, recipe: Recipe, token: str, parent_id: str | None = None) -> Clip:
        """A queued clip of this recipe. The same token and recipe again find the clip they made the first time."""
        once = hashlib.sha256(f"{token}\n{recipe!r}".encode()).hexdigest()
        provider = self._providers[recipe.provider]
        if not provider.capabilities.takes:
            recipe = recipe.with_take(None)
        elif recipe.take is None:
            recipe = recipe.with_take(secrets.randbelow(TAKES))
        clip = Clip.of(recipe, once, self._clock(), parent_id)
        try:
            with self._database.write() as session:
                session.add(clip)
        except IntegrityError:
            with self._database.read() as session:
                return session.scalars(select(Clip).where(Clip.token == once)).one()
        log.info("clip %s: queued for %s", clip.id, clip.provider)
        self._queue.advance(clip.id)
        return clip

    def retry(self, clip_id: str) -> Clip:
        """The same recipe once more, as a clip of its own, if this one failed or was canceled; once."""
        clip = self.find(clip_id)
        assert clip is not None
        if clip.state not in (State.FAILED, State.CANCELED) or clip.provider not in self._providers:
            return clip
        try:
            return self.submit(clip.recipe, token=f"retry {clip.id}", parent_id=clip.id)
        except InvalidRecipe:
            return clip

    def cancel(self, clip_id: str) -> None:
        """End a clip that is not finished; its prediction is called off where that is possible."""
        with self._database.write() as session:
            clip = session.get(Clip, clip_id)
            if clip is None or clip.state.final:
                return
            clip.cancel(self._clock())
        log.info("clip %s: canceled", clip_id)
        if clip.prediction_id:
            self._queue.call_off(clip_id)

    def find(self, clip_id: str) -> Clip | None:
        """The clip of that id."""
        with self._database.read() as session:
            return session.get(Clip, clip_id)

    def standing(self, clip_id: str) -> Standing | None:
        """How a clip stands, without the object layer: this is asked for more often than anything else."""
        row = self._find_standing(id=clip_id)
        return None if row is None else Standing(row[0], State(row[1]), *row[2:])

    def resume(self) -> None:
        """Queue every unfinished clip for when it is due: at the start, nobody knows what the queue has lost."""
        self._queue_again(Clip.state.not_in(FINAL))

    def recover(self) -> None:
        """Queue every clip that has been due for a while and that nobody has taken up."""
        forgotten = Clip.next_look_at <= self._clock() - patience.RECOVER_GRACE
        self._queue_again(and_(Clip.state.not_in(FINAL), forgotten))

    def _queue_again(self, which: ColumnElement[bool]) -> None:
        with self._database.read() as session:
            found = session.execute(select(Clip.id, Clip.held_until, Clip.next_look_at).where(which)).all()
        now = self._clock()
        for clip_id, held_until, next_look_at in found:
            # More jobs than needed do no harm: a clip is only taken up when it is due and free.
            self._queue.advance(clip_id, max(0.0, held_until - now, next_look_at - now))

    def advance(self, clip_id: str) -> None:
        """Take a clip one step on, unless it is finished, not due, or in other hands."""
        with self._leases.held() as holder:
            clip = self._claim(clip_id, holder)
            if clip is None:
                return
            try:
                self._step(clip, self._providers[clip.provider])
            except (ProviderError, MediaError) as error:
                self._stumble(clip, error)
            except Exception:
                log.exception("clip %s: unforeseen", clip.id)
                may_run = not self._providers[clip.provider].capabilities.repeatable
                advice = IT_MAY_RUN if may_run else "Press Retry."
                self._stumble(clip, ProviderError(OUR_FAULT, permanent=clip.prediction_id is None, advice=advice))

    def call_off(self, clip_id: str) -> None:
        """Ask the provider to stop the prediction of a clip that is over here. One that cannot is not pressed."""
        clip = self.find(clip_id)
        if clip and clip.prediction_id and clip.provider in self._providers:
            self._call_off(clip, clip.prediction_id)

    def _claim(self, clip_id: str, holder: str) -> Clip | None:
        now = self._clock()
        with self._database.write() as session:
            clip = session.get(Clip, clip_id)
            if clip is None or not clip.claimable(now):
                return None
            provider = self._providers.get(clip.provider)
            if reason := _beyond_help(clip, provider, now):
                clip.fail(reason, now)
            elif provider:
                clip.claim(holder, self._leases.until(), now, playing=provider.capabilities.blocking)
                return clip
            else:
                reason = f"{title(clip.provider)} {NOT_SET_UP}"
                clip.stumble(reason, now + patience.ABSENT_PAUSE)
        log.warning("clip %s: %s", clip.id, reason)
        if not clip.state.final:
            self._queue.advance(clip.id, patience.ABSENT_PAUSE)
        return None

    def _step(self, clip: Clip, provider: Provider) -> None:
        if clip.prediction_id:
            prediction = provider.get(clip.prediction_id)
        else:
            prediction = provider.create(clip.recipe)
            if prediction.id:
                log.info("clip %s: prediction %s %s", clip.id, prediction.id, prediction.status)
        if prediction.audio is not None:
            self._keep(clip, provider, prediction, prediction.audio)
        elif prediction.status.running and clip.prediction_id and patience.overdue(clip, self._clock()):
            reason = TOOK_TOO_LONG.format(title=provider.title, minutes=patience.DEADLINE_SECONDS // 60)
            self._change(clip, lambda mine: mine.fail(reason, self._clock()))
            self._queue.call_off(clip.id)
        elif prediction.status.running:
            self._follow(clip, prediction)
        else:
            reason = prediction.error or f"{provider.title} gave up without saying why. Press Retry."
            log.warning("clip %s: failed: %s", clip.id, reason)
            self._change(clip, lambda mine: mine.fail(reason, self._clock()))

    def _follow(self, clip: Clip, prediction: Prediction) -> None:
        assert prediction.id is not None
        prediction_id = prediction.id
        delay = patience.look_after(clip.looks)
        playing = prediction.status is Status.PROCESSING

        def follow(mine: Clip) -> None:
            mine.follow(prediction_id, playing, prediction.progress, self._clock() + delay)

        if self._change(clip, follow):
            self._queue.advance(clip.id, delay)
        elif clip.prediction_id is None:
            # Canceled while it was being created: nobody else knows of this prediction.
            self._call_off(clip, prediction_id)

    def _keep(self, clip: Clip, provider: Provider, prediction: Prediction, output: Output) -> None:
        if not self._change(clip, lambda mine: mine.keep(prediction.id)):
            return
        audio, duration = keeping.keep_audio(clip, provider, output, self._media)
        spectrogram = keeping.keep_spectrogram(clip, provider, prediction.spectrogram, audio, self._media)
        if self._change(clip, lambda mine: mine.succeed(audio, duration, spectrogram, self._clock())):
            log.info("clip %s: succeeded after %.1f s", clip.id, self._clock() - clip.created_at)

    def _stumble(self, held: Clip, error: ProviderError | MediaError) -> None:
        """Something was not as it should be: try again later where that is safe and may help, else give up."""
        log.warning("clip %s: %s%s", held.id, error, f" ({error.__cause__})" if error.__cause__ else "")

        def stumble(mine: Clip) -> None:
            now = self._clock()
            if patience.hopeless(mine, error, now):
                mine.fail(error.in_full, now)
            else:
                mine.stumble(f"{error.message} {TRYING_AGAIN}", now + patience.pause_after(mine.stumbles, error))

        clip = self._change(held, stumble)
        if clip and not clip.state.final:
            self._queue.advance(clip.id, max(0.0, clip.next_look_at - self._clock()))

    def _change(self, held: Clip, verb: Callable[[Clip], None]) -> Clip | None:
        """Apply a verb to a clip we hold; None, and nothing changed, when it is no longer ours."""
        with self._database.write() as session:
            clip = session.get(Clip, held.id)
            if clip is None or clip.holder != held.holder:
                return None
            verb(clip)
            return clip

    def _call_off(self, clip: Clip, prediction_id: str) -> None:
        try:
            self._providers[clip.provider].cancel(prediction_id)
        except ProviderError as error:
            log.info("clip %s: prediction %s not called off: %s", clip.id, prediction_id, error)


def _beyond_help(clip: Clip, provider: Provider | None, now: float) -> str | None:
    """Why nothing more can be done for a clip, if that is so."""
    if clip.orphaned and not (provider and provider.capabilities.repeatable):
        return MAY_HAVE_RUN.format(title=title(clip.provider))
    if provider is None and now > clip.created_at + patience.DEADLINE_SECONDS:
        return f"{title(clip.provider)} {GIVEN_UP}"
    return None
