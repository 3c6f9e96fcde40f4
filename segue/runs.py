"""Taking clips one step on: asked for, looked after, looked for, kept.

A step may be begun by anybody, any number of times: a clip is leased to one worker at a time, its next look has to be
due, and it has to be its provider's turn to be asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from segue import keeping, orphans, pace, patience
from segue.db import Database
from segue.errors import InvalidRecipe, MediaError
from segue.leases import Leases
from segue.limits import settle
from segue.logs import about
from segue.media import Media
from segue.models import Clip, State
from segue.providers import title
from segue.providers.base import Output, Prediction, Provider, ProviderError, Spoilt, Status, Throttled, Unclear
from segue.providers.timing import stopper
from segue.recipe import Recipe

NOT_THERE = "{title} has no such run, so it did not start, and was not asked for again. Press Retry to make a new one."
LOOKING = "The connection broke while {title} was being asked. Looking whether the run has started."
TRYING_AGAIN = "Trying again by itself."
TOOK_TOO_LONG = "{title} did not finish within {minutes} minutes, so Segue stopped waiting. Press Retry to try again."
FILES_GONE = "The run was done, but {title} has deleted its files by now. Press Retry to make a new one."
NOT_SET_UP = "is not set up in this studio at the moment. The clip waits for it to come back."
OUR_FAULT = "Something went wrong inside Segue; whoever runs it will find the cause in its log."
IT_MAY_RUN = "The run may have started all the same. Press Retry to make a new one."

log = logging.getLogger(__name__)
Step = Callable[[Clip, Provider], None]


class Queue(Protocol):
    """Carries clip ids to the workers."""

    def advance(self, clip_id: str, delay: float = 0.0) -> None: ...

    def call_off(self, clip_id: str, delay: float = 0.0) -> None: ...


class Runs:
    """The runs of all clips. Methods are safe to call from any thread or process."""

    def __init__(
        self,
        database: Database,
        providers: Mapping[str, Provider],
        media: Media,
        queue: Queue,
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._providers = providers
        self._media = media
        self._queue = queue
        self._clock = clock
        self._leases = Leases(database, clock)

    def advance(self, clip_id: str) -> None:
        """Take a clip one step on, unless it is finished, not due, or in other hands."""
        with about(clip_id), self._leases.held(clip_id) as holder:
            if claimed := self._leases.insist(lambda: self._claim(clip_id, holder)):
                clip, provider, step = claimed
                if provider.capabilities.blocking:
                    self._leases.watch(holder, stopper())
                try:
                    step(clip, provider)
                except (ProviderError, MediaError) as error:
                    self._stumble(clip, provider, error)
                except Exception:
                    log.exception("unforeseen")
                    self._stumble(clip, provider, _our_fault(clip, provider))

    def call_off(self, clip_id: str) -> None:
        """Have the provider stop the run of a clip that is over here; for a while, if it is not to be had at once."""
        with self._database.read() as session:
            clip = session.get(Clip, clip_id)
        provider = self._providers.get(clip.provider) if clip else None
        if clip is None or provider is None:
            return
        with about(clip_id):
            try:
                self._call_off(clip, provider)
            except ProviderError as error:
                log.info("not called off: %s", error)
                since = self._clock() - (clip.finished_at or 0.0)
                if not error.permanent and since < patience.CALL_OFF_SECONDS:
                    self._queue.call_off(clip_id, patience.CALL_OFF_PAUSE)

    def _claim(self, clip_id: str, holder: str) -> tuple[Clip, Provider, Step] | None:
        now = self._clock()
        with self._database.write() as session:
            clip = session.get(Clip, clip_id)
            if clip is None or not clip.due(now):
                return None
            if clip.holder == holder:
                # It is ours, and only that answer was lost: nobody has been asked.
                clip.unclaim()
            provider = self._providers.get(clip.provider)
            if clip.holder and (pause := self._leases.until_gone(clip, now)) != 0.0:
                again = pause
            elif reason := patience.beyond_help(clip, provider, now):
                log.warning("failed: %s", reason)
                clip.fail(reason, now)
                settle(session, clip)
                again = None
            elif provider is None:
                log.warning("%s %s", title(clip.provider), NOT_SET_UP)
                again = patience.ABSENT_PAUSE
                clip.miss(f"{title(clip.provider)} {NOT_SET_UP}", now, now + again)
            else:
                step = self._next_step(clip, provider)
                creating = step == self._create
                turn = pace.turn(session, clip, provider, creating, now)
                if turn <= now:
                    clip.claim(holder, self._leases.until(), now)
                    if creating:
                        clip.submit(provider.capabilities.blocking, now)
                    return clip, provider, step
                clip.wait(turn)
                again = turn - now
        if again is not None:
            self._queue.advance(clip.id, again)
        return None

    def _next_step(self, clip: Clip, provider: Provider) -> Step:
        if clip.prediction_id:
            return self._look
        return self._search if clip.orphaned and provider.capabilities.search else self._create

    def _create(self, clip: Clip, provider: Provider) -> None:
        # Nobody pays for what cannot be kept.
        self._media.check_room()
        prediction = provider.create(_recipe(clip), clip.id)
        if prediction.id:
            log.info("prediction %s %s", prediction.id, prediction.status)
        self._meet(clip, provider, prediction)

    def _look(self, clip: Clip, provider: Provider) -> None:
        assert clip.prediction_id is not None
        self._meet(clip, provider, provider.get(clip.prediction_id))

    def _search(self, clip: Clip, provider: Provider) -> None:
        """Look for the run of a clip whose create was begun and never seen to end."""
        assert clip.submitted_at is not None
        now = self._clock()
        found: list[str] = []
        trouble: ProviderError | None = None
        try:
            found = provider.find(clip.recipe, clip.submitted_at - patience.CLOCKS_APART)
        except ProviderError as error:
            log.warning("not to be searched: %s", error)
            trouble = error
            self._heed(provider, False, error)

        def search(mine: Clip) -> None:
            rivals = orphans.rivals(self._database, mine)
            ours = None if rivals else orphans.unclaimed(self._database, mine, found)
            unsure = rivals or trouble is not None or mine.knocked_at is not None
            if ours:
                mine.follow(ours, playing=False, progress=None, next_look_at=now)
            elif not unsure and mine.looks + 1 >= patience.SEARCHES:
                mine.fail(NOT_THERE.format(title=provider.title), now)
            elif patience.overdue(mine, now):
                mine.fail(patience.MAY_HAVE_RUN.format(title=provider.title), now)
            else:
                pause = patience.pause_after(mine.looks + mine.stumbles, trouble)
                mine.lose(LOOKING.format(title=provider.title), now + pause, searched=not unsure)

        self._go_on(self._leases.change(clip, search))

    def _meet(self, clip: Clip, provider: Provider, prediction: Prediction) -> None:
        """Act upon what became of a clip's run."""
        if prediction.audio is not None:
            self._keep(clip, provider, prediction, prediction.audio)
        elif prediction.status.running and clip.prediction_id and patience.overdue(clip, self._clock()):
            self._fail(clip, TOOK_TOO_LONG.format(title=provider.title, minutes=patience.DEADLINE_SECONDS // 60))
            self._queue.call_off(clip.id)
        elif prediction.status.running:
            self._follow(clip, prediction)
        else:
            self._fail(clip, prediction.error or f"{provider.title} gave up without saying why. Press Retry.")

    def _fail(self, clip: Clip, reason: str) -> None:
        if self._leases.change(clip, lambda mine: mine.fail(reason, self._clock())):
            log.warning("failed: %s", reason)

    def _follow(self, clip: Clip, prediction: Prediction) -> None:
        assert prediction.id is not None
        prediction_id = prediction.id
        playing = prediction.status is Status.PROCESSING

        def follow(mine: Clip) -> None:
            now = self._clock()
            delay = patience.KNOCK_SPACING if mine.knocked else patience.look_after(mine)
            mine.follow(prediction_id, playing, prediction.progress, now + delay)

        followed = self._leases.change(clip, follow)
        self._go_on(followed)
        if followed is None and clip.prediction_id is None:
            self._let_go(clip, prediction_id)

    def _let_go(self, clip: Clip, prediction_id: str) -> None:
        """What was just created is no longer ours to follow: canceled meanwhile, or in other hands."""
        with self._database.read() as session:
            found = session.get(Clip, clip.id)
        if found is not None and found.state is State.CANCELED and found.prediction_id is None:
            try:
                self._providers[clip.provider].cancel(prediction_id)
            except ProviderError as error:
                log.info("prediction %s not called off: %s", prediction_id, error)

    def _keep(self, clip: Clip, provider: Provider, prediction: Prediction, output: Output) -> None:
        if not self._leases.change(clip, lambda mine: mine.keep(prediction.id)):
            return
        audio, duration = keeping.keep_audio(clip, provider, output, self._media)
        spectrogram = keeping.keep_spectrogram(clip, provider, prediction.spectrogram, audio, self._media)
        heard = prediction.heard
        if self._leases.change(clip, lambda mine: mine.succeed(audio, duration, spectrogram, heard, self._clock())):
            log.info("succeeded after %.1f s", self._clock() - clip.created_at)

    def _stumble(self, held: Clip, provider: Provider, error: ProviderError | MediaError) -> None:
        """Something was not as it should be: try again later where that is safe and may help, else give up."""
        log.warning("%s%s", error, f" ({error.__cause__})" if error.__cause__ else "")
        now = self._clock()
        self._heed(provider, held.prediction_id is None, error)

        def stumble(mine: Clip) -> None:
            if isinstance(error, Unclear) and provider.capabilities.search and not patience.overdue(mine, now):
                again = now + patience.pause_after(mine.stumbles, None)
                mine.lose(LOOKING.format(title=provider.title), again, searched=False)
            elif patience.hopeless(mine, error, now):
                mine.fail(_last_words(mine, provider, error), now)
            else:
                again = now + patience.pause_after(mine.stumbles, error)
                mine.stumble(f"{error.message} {TRYING_AGAIN}", now, again, tried=patience.counts(mine, error))

        clip = self._leases.change(held, stumble)
        if clip and clip.state.final:
            log.warning("failed: %s", clip.error)
        self._go_on(clip)

    def _go_on(self, clip: Clip | None) -> None:
        if clip and not clip.state.final:
            self._queue.advance(clip.id, max(0.0, clip.next_look_at - self._clock()))

    def _heed(self, provider: Provider, creating: bool, error: ProviderError | MediaError) -> None:
        if isinstance(error, Throttled):
            asked = error.retry_after
            self._leases.insist(lambda: self._slow_down(provider, creating, asked))

    def _slow_down(self, provider: Provider, creating: bool, asked: float | None) -> None:
        with self._database.write() as session:
            pace.slow_down(session, provider, creating, asked, self._clock())

    def _call_off(self, clip: Clip, provider: Provider) -> None:
        if clip.prediction_id:
            provider.cancel(clip.prediction_id)
        elif provider.capabilities.blocking:
            provider.cancel(clip.id)
        elif clip.orphaned and provider.capabilities.search:
            assert clip.submitted_at is not None
            found = provider.find(clip.recipe, clip.submitted_at - patience.CLOCKS_APART)
            if ours := orphans.unclaimed(self._database, clip, found):
                provider.cancel(ours)


def _recipe(clip: Clip) -> Recipe:
    try:
        return clip.recipe
    except InvalidRecipe as error:
        raise ProviderError(error.message, permanent=True, advice="Edit the recipe and blend again.") from error


def _our_fault(clip: Clip, provider: Provider) -> ProviderError:
    """An error for one of our own, which nobody foresaw."""
    if clip.prediction_id is None and provider.capabilities.costs:
        return Unclear(OUR_FAULT, permanent=True, advice=IT_MAY_RUN)
    return ProviderError(OUR_FAULT, permanent=clip.prediction_id is None, advice="Press Retry.")


def _last_words(clip: Clip, provider: Provider, error: ProviderError | MediaError) -> str:
    """What is said of a clip that is given up."""
    if clip.state is not State.KEEPING or clip.prediction_id is None or isinstance(error, Spoilt):
        return error.in_full
    ours = " Tell whoever runs this studio." if isinstance(error, MediaError) else ""
    return f"{error.message}{ours} {FILES_GONE.format(title=provider.title)}"
