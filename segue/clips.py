"""The life of a clip: submit, advance, cancel, retry. The one way a clip changes.

The row is the truth; the queue carries only ids.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from segue import limits, patience
from segue.db import Database
from segue.errors import InvalidRecipe
from segue.limits import Limits
from segue.logs import about
from segue.media import Media
from segue.models import LONGEST_WAIT, UNDER_WAY, Clip, State, ripe
from segue.providers import title
from segue.providers.base import Provider
from segue.recipe import Recipe, seed_title
from segue.runs import Queue, Runs
from segue.storage import Storage

TAKES = 1_000_000
"""Takes are drawn below this, so that they are short enough to be read aloud."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """What a poll needs to know of a clip."""

    version: int
    state: State
    note: str | None
    progress: int | None
    error: str | None
    created_at: float


_SHARED = select(Clip.id).where(Clip.id == bindparam("id"), Clip.shared_at.is_not(None), Clip.binned_at.is_(None))
_STANDING = select(Clip.version, Clip.state, Clip.note, Clip.progress, Clip.error, Clip.created_at).where(
    Clip.id == bindparam("id")
)


class Clips:
    """All clips of this studio. Methods are safe to call from any thread or process."""

    def __init__(
        self,
        database: Database,
        providers: Mapping[str, Provider],
        media: Media,
        queue: Queue,
        clock: Callable[[], float] = time.time,
        fair: Limits | None = None,
        storage: Storage | None = None,
    ) -> None:
        self._storage = storage or Storage(database, media, None)
        self._fair = fair or Limits()
        self._database = database
        self._providers = providers
        self._queue = queue
        self._clock = clock
        self._runs = Runs(database, providers, media, queue, clock)
        self._find_standing = database.prepared(_STANDING)
        self._find_shared = database.prepared(_SHARED)

    def submit(self, recipe: Recipe, token: str, parent_id: str | None = None, member_id: str | None = None) -> Clip:
        """A queued clip of this recipe. The same token and recipe again find the clip they made the first time.

        `parent_id` names the clip it was made from; one that is not here counts for nothing.
        Raises InvalidRecipe for what its provider cannot do, LimitReached for what would be too much.
        """
        once = hashlib.sha256(f"{token}\n{recipe!r}".encode()).hexdigest()
        provider = self._provider(recipe)
        if not provider.capabilities.takes:
            recipe = recipe.with_take(None)
        elif recipe.take is None:
            recipe = recipe.with_take(secrets.randbelow(TAKES))
        now, price = self._clock(), self._fair.price(recipe.provider)
        with self._database.write() as session:
            if first := session.scalars(select(Clip).where(Clip.token == once)).one_or_none():
                return first
            self._storage.check()
            self._fair.check(session, member_id, recipe.provider, now)
            parent = session.get(Clip, parent_id) if parent_id else None
            clip = Clip.of(recipe, once, now, parent.id if parent else None, member_id, price)
            session.add(clip)
            limits.book(session, clip)
        with about(clip.id):
            log.info("queued for %s", clip.provider)
        self._queue.advance(clip.id)
        return clip

    def retry(self, clip_id: str, member_id: str | None = None) -> Clip:
        """The same recipe once more, as a clip of its own, if this one failed or was canceled; once.

        Raises InvalidRecipe where it can no longer be made.
        """
        clip = self.find(clip_id)
        assert clip is not None
        if clip.state not in (State.FAILED, State.CANCELED):
            return clip
        return self.submit(clip.recipe, token=f"retry {clip.id}", parent_id=clip.id, member_id=member_id)

    def obstacle(self, clip: Clip) -> InvalidRecipe | None:
        """Why a clip's recipe can no longer be made here as it is, if that is so."""
        try:
            self._provider(clip.recipe)
        except InvalidRecipe as error:
            return error
        return None

    def cancel(self, clip_id: str) -> None:
        """End a clip that is not finished; its prediction is called off where that is possible."""
        with self._database.write() as session:
            clip = session.get(Clip, clip_id)
            if clip is None or clip.state.final:
                return
            clip.cancel(self._clock())
            limits.settle(session, clip)
        with about(clip_id):
            log.info("canceled")
        if clip.submitted_at is not None:
            self._queue.call_off(clip_id)

    def advance(self, clip_id: str) -> None:
        """Take a clip one step on, unless it is finished, not due, or in other hands."""
        self._runs.advance(clip_id)

    def call_off(self, clip_id: str) -> None:
        """Have the provider stop the run of a clip that is over here."""
        self._runs.call_off(clip_id)

    def knock(self, clip_id: str) -> None:
        """The provider has news of a clip: look soon."""
        now = self._clock()
        with self._database.write() as session:
            clip = session.get(Clip, clip_id)
            if clip is None or clip.state.final:
                return
            clip.knock(now, max(now, (clip.looked_at or 0.0) + patience.KNOCK_SPACING))
        self._queue.advance(clip_id, max(0.0, clip.next_look_at - now))

    def find(self, clip_id: str) -> Clip | None:
        """The clip of that id."""
        with self._database.read() as session:
            return session.get(Clip, clip_id)

    def standing(self, clip_id: str) -> Standing | None:
        """How a clip stands, without the object layer: this is asked for more often than anything else."""
        row = self._find_standing(id=clip_id)
        return None if row is None else Standing(row[0], State(row[1]), *row[2:])

    def shared(self, clip_id: str) -> bool:
        """Whether anyone with its address may listen to a clip; not so for one that is not here."""
        return self._find_shared(id=clip_id) is not None

    def change(self, clip_id: str, verb: Callable[[Clip], None]) -> None:
        """Apply one of a clip's own verbs, if it is here."""
        with self._database.write() as session:
            if clip := session.get(Clip, clip_id):
                over = clip.state.final
                verb(clip)
                if clip.state.final and not over:
                    limits.settle(session, clip)

    def grow(self, clip_id: str, size: int) -> None:
        """Note that so many bytes more are kept of a clip."""
        if size:
            self.change(clip_id, lambda clip: clip.grow(size))

    def bin(self, clip_id: str) -> None:
        """Take a clip off the shelf; what is not done is called off."""
        self.cancel(clip_id)
        self.change(clip_id, lambda clip: clip.bin(self._clock()))

    def resume(self) -> None:
        """Queue every unfinished clip for when it is due: at the start, nobody knows what the queue has lost."""
        self._queue_again(Clip.state.in_(UNDER_WAY))

    def recover(self) -> None:
        """Queue every clip that has been due for a while and that nobody has taken up."""
        self._queue_again(self._overlooked())

    def left(self, member_id: str | None = None) -> list[str]:
        """What may still be made, in words, for a member and for the studio; nothing where there is no limit."""
        with self._database.read() as session:
            return self._fair.left(session, member_id, self._clock())

    def spent(self, member_id: str | None = None) -> bool:
        """Whether a limit is in the way of one clip more, whoever were to play it."""
        with self._database.read() as session:
            now = self._clock()
            return all(self._fair.refuses(session, member_id, provider, now) for provider in self._providers)

    def prices(self) -> dict[str, str]:
        """What a run costs in words, by provider, where that is known."""
        return {name: self._fair.money(price) for name, price in self._fair.prices.items() if price}

    def forgotten(self) -> int:
        """How many clips have been due for a while, and nobody has taken them up."""
        with self._database.read() as session:
            free = Clip.held_until <= self._clock()
            return session.scalars(select(func.count()).where(self._overlooked(), free)).one()

    def _overlooked(self) -> ColumnElement[bool]:
        now = self._clock()
        late = ~Clip.next_look_at.between(now - patience.RECOVER_GRACE, now + LONGEST_WAIT)
        return and_(Clip.state.in_(UNDER_WAY), late)

    def _queue_again(self, which: ColumnElement[bool]) -> None:
        with self._database.read() as session:
            found = session.execute(select(Clip.id, Clip.next_look_at).where(which)).all()
        now = self._clock()
        for clip_id, next_look_at in found:
            # More jobs than needed do no harm: a clip is only taken up when it is due and free.
            self._queue.advance(clip_id, 0.0 if ripe(next_look_at, now) else next_look_at - now)

    def _provider(self, recipe: Recipe) -> Provider:
        """Who plays a recipe. Raises InvalidRecipe when that is nobody here, or somebody without that seed."""
        provider = self._providers.get(recipe.provider)
        if provider is None:
            reason = f"{title(recipe.provider)} is not set up here at the moment: pick another player."
            raise InvalidRecipe("provider", reason)
        if recipe.seed_image_id not in provider.capabilities.seeds:
            seed = seed_title(recipe.seed_image_id)
            raise InvalidRecipe("seed_image_id", f"{provider.title} does not have the seed {seed}: pick another.")
        return provider
