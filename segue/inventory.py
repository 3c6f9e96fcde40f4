"""Inventory: whether everything that is named is kept, as it was, and everything that is kept is named.

A running studio is not disturbed: what is younger than a day is nobody's orphan, and what is found to be wrong is
looked at again before it is said.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from sqlalchemy import or_, select

from segue import belonging, cards, keeping, seeds
from segue.db import Database
from segue.errors import MediaError
from segue.formats import FORMATS
from segue.library import KEPT_IN_BIN
from segue.media import File, Media
from segue.models import Clip, Kept, State

ORPHAN_SECONDS = 24 * 3600.0
"""What is younger may be on its way to being named: by a worker, or by a backup that is being restored."""
LAST_DAY = 24 * 3600.0
"""What leaves the bin for good within it is not looked at: its files may go before the look is over."""
BATCH = 200
SAME = ("audio", "audio_hash", "spectrogram", "spectrogram_hash", "binned_at")
DERIVED = frozenset((cards.NAME, *(f"audio.{name}" for name in FORMATS)))

log = logging.getLogger(__name__)


class Wrong(StrEnum):
    """What can be wrong with a file."""

    MISSING = "missing"
    DAMAGED = "damaged"
    ORPHANED = "orphaned"
    KNOWN = "gone"
    """A sound that was missing or damaged before, or its picture: the clip's page says so."""
    BACK = "back"
    """A sound that was gone, and is there again."""


@dataclass(frozen=True)
class Flaw:
    """A file, what is wrong with it, and what that means, in words. `mended`: nothing is left to be done."""

    wrong: Wrong
    where: str
    words: str
    mended: bool


class Inventory:
    """One look through everything. `mend`: put right what can be, and mark what cannot."""

    def __init__(self, database: Database, media: Media, *, mend: bool = False, now: float | None = None) -> None:
        self._database = database
        self._media = media
        self._mend = mend
        self._now = time.time() if now is None else now

    def look(self) -> Iterator[Flaw]:
        """What is wrong, as it is found. Raises Apart, and MediaError where files are not to be had at all."""
        belonging.check(self._database, self._media)
        for clip in self._clips():
            yield from self._clip(clip)
            if self._mend:
                self._weigh(clip)
        everything = self._media.files()
        while files := list(islice(everything, BATCH)):
            yield from map(self._orphan, self._orphans(files))

    def _clips(self) -> Iterator[Clip]:
        """The finished ones, but for those that are about to leave the bin for good."""
        kept = or_(Clip.binned_at.is_(None), Clip.binned_at > self._now - KEPT_IN_BIN + LAST_DAY)
        last = ""
        while True:
            with self._database.read() as session:
                page = session.scalars(
                    select(Clip)
                    .where(Clip.id > last, Clip.state == State.SUCCEEDED, kept)
                    .order_by(Clip.id)
                    .limit(BATCH)
                ).all()
            if not page:
                return
            yield from page
            last = page[-1].id

    def _clip(self, clip: Clip) -> Iterator[Flaw]:
        sound = self._wrong(clip.audio, clip.audio_hash)
        picture = self._wrong(clip.spectrogram, clip.spectrogram_hash)
        if not (sound or picture or clip.gone_at) or self._changed(clip):
            return
        if sound:
            yield self._sound(clip, sound)
        elif clip.gone_at:
            yield self._back(clip)
        if picture:
            # It is drawn from the sound: one thing after the other.
            yield self._undrawn(clip, picture) if sound else self._picture(clip, picture)

    def _wrong(self, key: str | None, digest: str | None) -> Wrong | None:
        file = self._media.find(key or "")
        if file is None:
            return Wrong.MISSING
        found = hashlib.sha256()
        try:
            for chunk in file.chunks():
                found.update(chunk)
        except OSError as error:
            log.warning("%s cannot be read: %s", key, error)
            return Wrong.DAMAGED
        except MediaError:
            # It may have been thrown away since it was found; else nobody can be asked.
            if self._media.find(key or "") is None:
                return Wrong.MISSING
            raise
        return None if found.hexdigest() == digest else Wrong.DAMAGED

    def _changed(self, clip: Clip) -> bool:
        """Whether it has become another one since it was read, or has left."""
        with self._database.read() as session:
            now = session.get(Clip, clip.id)
        return now is None or any(getattr(now, name) != getattr(clip, name) for name in SAME)

    def _sound(self, clip: Clip, wrong: Wrong) -> Flaw:
        where, name = self._media.where(clip.audio or ""), f"The sound of “{clip.title}”"
        if clip.gone_at is not None:
            return Flaw(Wrong.KNOWN, where, f"{name} is still {wrong}; its page says that it is gone.", True)
        if not self._mend:
            return Flaw(wrong, where, f"{name}. Put it back from a backup, or have it marked.", False)
        self._change(clip, lambda mine: mine.vanish(self._now))
        return Flaw(wrong, where, f"{name}. Its page says so now; a file from a backup brings it back.", False)

    def _picture(self, clip: Clip, wrong: Wrong) -> Flaw:
        where, name = self._media.where(clip.spectrogram or ""), f"The picture of “{clip.title}”"
        if not self._mend:
            return Flaw(wrong, where, f"{name}. It can be drawn again.", False)
        assert clip.audio
        assert clip.audio_type
        sound = Kept(clip.audio, clip.audio_type, clip.audio_hash or "", 0)
        drawn = keeping.drawn(clip, sound, self._media)
        self._change(clip, lambda mine: mine.redraw(drawn))
        if clip.spectrogram and clip.spectrogram != drawn.key:
            self._media.remove(clip.spectrogram)
        return Flaw(wrong, where, f"{name}. It was drawn again.", True)

    def _undrawn(self, clip: Clip, wrong: Wrong) -> Flaw:
        where, name = self._media.where(clip.spectrogram or ""), f"The picture of “{clip.title}”"
        if clip.gone_at is not None:
            return Flaw(Wrong.KNOWN, where, f"{name} is still {wrong}; it is drawn again once its sound is back.", True)
        return Flaw(wrong, where, f"{name}. It can be drawn again once its sound is back.", False)

    def _back(self, clip: Clip) -> Flaw:
        if self._mend:
            self._change(clip, Clip.reappear)
        words = f"The sound of “{clip.title}” was gone and is there again."
        return Flaw(Wrong.BACK, self._media.where(clip.audio or ""), words, self._mend)

    def _weigh(self, clip: Clip) -> None:
        """Write down what is kept of it, unless something has been added meanwhile."""
        held = keeping.held(clip.id, self._media)
        if held != clip.size:
            self._change(clip, lambda mine: mine.weigh(held) if mine.size == clip.size else None)

    def _change(self, clip: Clip, verb: Callable[[Clip], None]) -> None:
        with self._database.write() as session:
            if mine := session.get(Clip, clip.id):
                verb(mine)

    def _orphans(self, files: Sequence[File]) -> Iterator[File]:
        old = [file for file in files if file.changed < self._now - ORPHAN_SECONDS]
        clips = {file.key: found for file in old if (found := keeping.FILE.fullmatch(file.key))}
        ids = {found[1] for found in clips.values()}
        # Read after the files were listed: what is named by then was named in time.
        with self._database.read() as session:
            rows = {clip.id: clip for clip in session.scalars(select(Clip).where(Clip.id.in_(ids)))}
        for file in old:
            if found := clips.get(file.key):
                if not _named(rows.get(found[1]), file.key, found[2]):
                    yield file
            elif file.key.startswith(f"{seeds.FOLDER}/") and not file.key.startswith(seeds.folder()):
                yield file

    def _orphan(self, file: File) -> Flaw:
        if self._mend:
            self._media.remove(file.key)
        words = "Nothing here names it; it was removed." if self._mend else "Nothing here names it."
        return Flaw(Wrong.ORPHANED, self._media.where(file.key), words, self._mend)


def _named(clip: Clip | None, key: str, name: str) -> bool:
    """Whether a file in a clip's folder is its own, or may yet be."""
    if clip is None:
        return False
    if not clip.state.final:
        return True
    return clip.state is State.SUCCEEDED and (key in (clip.audio, clip.spectrogram) or name in DERIVED)
