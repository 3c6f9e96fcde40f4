"""Clips. Every change of a clip's state is a verb of `Clip`; nobody else assigns to its columns."""

from __future__ import annotations

import secrets
from dataclasses import asdict, fields

from sqlalchemy import Boolean, Enum, Float, ForeignKey, Index, Integer, String, Text, func, select, text, true
from sqlalchemy.orm import Mapped, mapped_column

from segue.db import Base
from segue.models.kept import Holding, Kept
from segue.models.state import State
from segue.recipe import Recipe, blend_title

ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 letters and digits that cannot be taken for each other, so an address can be read aloud."""
ID_LENGTH = 20
"""20 of them are 100 random bits."""
LEAVING = 0.0
"""When what is being thrown away was put into the bin."""
LONGEST_WAIT = 900.0
"""Seconds; nothing is ever planned for later than that."""
_BINNED = text("binned_at IS NOT NULL")


class Clip(Holding, Base):
    """A recipe and what became of it. Times are seconds since the epoch."""

    __tablename__ = "clip"
    __table_args__ = (
        Index("clip_newest", "created_at"),
        Index("clip_due", "state", "next_look_at"),
        Index("clip_family", "parent_id"),
        Index("clip_number", "number", unique=True),
        Index("clip_maker", "member_id", "created_at"),
        Index("clip_bin", "binned_at", sqlite_where=_BINNED, postgresql_where=_BINNED),
        Index("clip_size", "size"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("clip.id"))
    number: Mapped[int] = mapped_column(Integer, nullable=True)
    member_id: Mapped[str | None] = mapped_column(ForeignKey("member.id"))

    prompt_a: Mapped[str] = mapped_column(Text)
    prompt_b: Mapped[str] = mapped_column(Text)
    alpha: Mapped[float] = mapped_column(Float)
    seed_image_id: Mapped[str] = mapped_column(String(64))
    denoising: Mapped[float] = mapped_column(Float)
    num_inference_steps: Mapped[int] = mapped_column(Integer)
    provider: Mapped[str] = mapped_column(String(32))
    take: Mapped[int | None] = mapped_column(Integer)

    state: Mapped[State] = mapped_column(
        Enum(State, native_enum=False, length=16, values_callable=lambda states: [state.value for state in states])
    )
    version: Mapped[int] = mapped_column(Integer)
    progress: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)

    created_at: Mapped[float] = mapped_column(Float)
    finished_at: Mapped[float | None] = mapped_column(Float)
    next_look_at: Mapped[float] = mapped_column(Float)
    looks: Mapped[int] = mapped_column(Integer)
    stumbles: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    stumbling_since: Mapped[float | None] = mapped_column(Float)
    submitted_at: Mapped[float | None] = mapped_column(Float)
    looked_at: Mapped[float | None] = mapped_column(Float)
    knocked_at: Mapped[float | None] = mapped_column(Float)
    prediction_id: Mapped[str | None] = mapped_column(String(255))
    holder: Mapped[str | None] = mapped_column(String(32))
    held_until: Mapped[float] = mapped_column(Float)

    heard: Mapped[str | None] = mapped_column(Text)

    own_title: Mapped[str] = mapped_column(Text, server_default="")
    notes: Mapped[str] = mapped_column(Text, server_default="")
    tags: Mapped[str] = mapped_column(Text, server_default="")
    shared_at: Mapped[float | None] = mapped_column(Float)
    guests_download: Mapped[bool] = mapped_column(Boolean, server_default=true())
    binned_at: Mapped[float | None] = mapped_column(Float)
    price: Mapped[float] = mapped_column(Float, server_default=text("0"))

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        token: str,
        now: float,
        parent_id: str | None = None,
        member_id: str | None = None,
        price: float = 0.0,
    ) -> Clip:
        """A new clip, queued. `token` is unique: the same click cannot make two. `price`: what its run may cost."""
        return cls(
            id=new_id(),
            **asdict(recipe),
            token=token,
            parent_id=parent_id,
            number=_NEXT,
            member_id=member_id,
            price=price,
            **dict.fromkeys(("own_title", "notes", "tags"), ""),
            guests_download=True,
            state=State.QUEUED,
            version=1,
            created_at=now,
            next_look_at=now,
            looks=0,
            stumbles=0,
            tries=0,
            held_until=0.0,
        )

    @property
    def recipe(self) -> Recipe:
        """What was asked for. Raises InvalidRecipe where today's limits no longer allow it; the page needs none."""
        return Recipe(**{field.name: getattr(self, field.name) for field in fields(Recipe)})

    @property
    def title(self) -> str:
        """What it was named, else its prompts."""
        return self.own_title or blend_title(self.prompt_a, self.prompt_b)

    @property
    def shared(self) -> bool:
        """Whether anyone who has its address may listen."""
        return self.shared_at is not None and self.binned_at is None

    def due(self, now: float) -> bool:
        """Whether its next look has come; somebody may hold it."""
        return not self.state.final and ripe(self.next_look_at, now)

    @property
    def orphaned(self) -> bool:
        """Whether its create was begun and no prediction is known: it may be running, and paid for, somewhere."""
        return self.submitted_at is not None and self.prediction_id is None

    @property
    def knocked(self) -> bool:
        """Whether its provider had news since it was last looked at."""
        return self.knocked_at is not None and self.knocked_at > (self.looked_at or 0.0)

    def claim(self, holder: str, until: float, now: float) -> None:
        """Lease it to one worker."""
        self.holder, self.held_until, self.looked_at = holder, until, now

    def unclaim(self) -> None:
        """That lease was not used: if a create was to begin with it, nobody was asked."""
        self.holder, self.held_until = None, 0.0
        if self.submitted_at == self.looked_at:
            self.submitted_at = None
            self._become(State.QUEUED)

    def submit(self, playing: bool, now: float) -> None:
        """Its prediction is about to be created. `playing`: the provider plays while it is being asked."""
        if self.orphaned:
            self.tries += 1
        self.submitted_at = now
        self._become(State.PROCESSING if playing else State.STARTING)

    def wait(self, until: float) -> None:
        """Its turn comes later. Nobody holds on to it meanwhile: who did is dead."""
        self._release(until)

    def lose(self, note: str, next_look_at: float, searched: bool) -> None:
        """Its prediction may exist, and is looked for. `searched`: it was, and not found yet."""
        self.note = note
        self.looks += searched
        self.stumbles += not searched
        self._release(next_look_at)
        self._become(State.STARTING)

    def knock(self, now: float, next_look_at: float) -> None:
        """Its provider says there is news. Whoever holds it at the moment will see it was knocked for."""
        self.knocked_at = now
        if ripe(self.held_until, now):
            self.next_look_at = min(self.next_look_at, next_look_at)

    def follow(self, prediction_id: str, playing: bool, progress: int | None, next_look_at: float) -> None:
        """Note how its prediction stands, and let go of it until the next look."""
        self.prediction_id = prediction_id
        self._get_up()
        if progress is not None:
            self.progress = max(progress, self.progress or 0)
        self.looks += 1
        self._release(next_look_at)
        self._become(State.PROCESSING if playing else State.STARTING)

    def miss(self, note: str, now: float, next_look_at: float) -> None:
        """Nobody could be asked this time."""
        self.note = note
        self.stumbles += 1
        self.stumbling_since = self.stumbling_since or now
        self._release(next_look_at)
        self._become(self.state)

    def stumble(self, note: str, now: float, next_look_at: float, tried: bool) -> None:
        """Nothing learned this time. If no prediction was made, it is queued again. `tried`: it counts as a try."""
        self.note = note
        self.stumbles += 1
        self.tries += tried
        self.stumbling_since = self.stumbling_since or now
        self._release(next_look_at)
        if self.prediction_id is None:
            self.submitted_at = None
            self._become(State.QUEUED)
        else:
            self._become(self.state)

    def keep(self, prediction_id: str | None) -> None:
        """Its prediction succeeded; the files are being copied."""
        if self.state is not State.KEEPING and self.prediction_id:
            self._get_up()
        self.prediction_id = prediction_id
        self.note, self.progress = None, None
        self._become(State.KEEPING)

    def succeed(self, audio: Kept, duration: float, spectrogram: Kept, heard: str | None, now: float) -> None:
        """Both files are ours. `duration` is in seconds; `heard` is what its player understood, if that is known."""
        self.hold(audio, duration, spectrogram)
        self.heard = heard
        self._finish(State.SUCCEEDED, now)

    def fail(self, error: str, now: float) -> None:
        """It came to nothing; `error` tells a musician what happened and what to do."""
        self.error = error
        self._finish(State.FAILED, now)

    def cancel(self, now: float) -> None:
        """Somebody changed their mind."""
        self._finish(State.CANCELED, now)

    def give_back(self) -> None:
        """It ended before anybody was asked, so it cost nothing."""
        self.price = 0.0

    def describe(self, title: str, notes: str, tags: str) -> None:
        """Name it, and say what is worth knowing. Empty words take back what was said; tags are words in one line."""
        self.own_title, self.notes, self.tags = title, notes, tags

    def share(self, download: bool, now: float) -> None:
        """Open it to anyone with its address, but not from the bin. `download`: they may keep the files."""
        if self.binned_at is None:
            self.shared_at, self.guests_download = self.shared_at or now, download

    def unshare(self) -> None:
        """Close it again."""
        self.shared_at = None

    def bin(self, now: float) -> None:
        """Take it off the shelf; what is not done is called off. Shared or not, nobody but members finds it there."""
        if not self.state.final:
            self.cancel(now)
        self.binned_at = now

    def restore(self) -> None:
        """Put it back on the shelf, shared as it was; too late for what is being thrown away."""
        if self.binned_at != LEAVING:
            self.binned_at = None

    def leave(self) -> None:
        """It is thrown away for good: nobody puts it back any more."""
        self.binned_at = LEAVING

    def _get_up(self) -> None:
        self.note, self.stumbles, self.tries, self.stumbling_since = None, 0, 0, None

    def _finish(self, state: State, now: float) -> None:
        self.finished_at, self.note = now, None
        self._release(now)
        self._become(state)

    def _release(self, next_look_at: float) -> None:
        self.holder, self.held_until, self.next_look_at = None, 0.0, next_look_at

    def _become(self, state: State) -> None:
        self.state = state
        self.version += 1


_NEXT = select(func.coalesce(func.max(Clip.number), 0) + 1).scalar_subquery()
"""Clips are counted in the order they were asked for, so that pages can go on where the last one ended."""


def ripe(moment: float, now: float) -> bool:
    """Whether a moment that was planned has come. One that is too far away was planned by a clock that was wrong."""
    return not now < moment < now + LONGEST_WAIT


def new_id() -> str:
    """A public id nobody can guess."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))
