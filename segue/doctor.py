"""What the doctor looks at: whether everything that a clip needs is there, in words."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from queue import Empty, Queue

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from segue import belonging, reach
from segue.config import Settings
from segue.db import newest_revision
from segue.errors import MediaError, SegueError, cause
from segue.findings import Finding, Mark
from segue.media import ROOM
from segue.parts import Parts
from segue.providers.base import Provider, ProviderError
from segue.storage import LOW, size

PATIENCE = 60.0
"""Seconds that providers have for their answers, all at the same time."""
TRIAL = "doctor/trial.txt"
"""Where in media a file is put and taken away again."""

SETTINGS = {
    "chainhub": "SEGUE_CHAINHUB_KEY and SEGUE_CHAINHUB_URL",
    "replicate": "REPLICATE_API_TOKEN and SEGUE_REPLICATE_URL",
    "cog": "SEGUE_COG_URL",
    "riffusion": "SEGUE_RIFFUSION_URL",
}
"""Where each provider's trouble is likely to come from."""

log = logging.getLogger(__name__)


def examine(here: Parts, patience: float = PATIENCE) -> Iterator[Finding]:
    """Look at everything, in turn; providers are asked all at once, and told of as they answer."""
    answers = _asked(here.providers)
    yield Finding(Mark.OK, "settings", f"They make sense. {_kept(here)}")
    for slip in here.settings.slips:
        yield Finding(Mark.NOTE, "settings", slip)
    database = _tried("database", _database, here)
    yield database
    yield _tried("queue", _queue, here)
    yield _tried("media", _media if database.mark is Mark.OK else _files, here)
    yield from _left_here(here.settings)
    if database.mark is Mark.OK:
        yield reach.members(here)
    yield from reach.examine(here.settings)
    yield room(shutil.disk_usage(here.settings.data).free)
    if database.mark is Mark.OK:
        yield _storage(here)
        yield from _forgotten(here)
    if set(here.providers) == {"sketch"}:
        yield Finding(
            Mark.NOTE,
            "players",
            "Only the built-in band plays here. For Riffusion, put SEGUE_CHAINHUB_KEY=your-key, "
            "REPLICATE_API_TOKEN=your-token, SEGUE_COG_URL or SEGUE_RIFFUSION_URL into the environment or into a file "
            "called .env.",
        )
    yield from _answered(here.providers, answers, patience)


def _kept(here: Parts) -> str:
    """Where everything is, in one sentence."""
    places = f"Clips are kept in {here.database.place}, their files in {here.media.place}, what is to be done in "
    return f"{places}{here.jobs.place}, and what this machine needs for itself in {here.settings.data.absolute()}."


def _left_here(settings: Settings) -> Iterator[Finding]:
    """What a studio whose database is elsewhere keeps on this machine alone."""
    if settings.database_url is None:
        return
    if not settings.queue_url:
        words = "It is a file on this machine: another one needs SEGUE_QUEUE_URL, for both to share a queue."
        yield Finding(Mark.NOTE, "queue", words)
    if not settings.media_url:
        words = "They are in a folder on this machine: another one needs SEGUE_MEDIA_URL, for both to find them."
        yield Finding(Mark.NOTE, "media", words)
    if not settings.own_keys:
        words = "They are in a file on this machine: another one needs SEGUE_SECRET_KEY, for both to know people."
        yield Finding(Mark.NOTE, "keys", words)


def room(free: int) -> Finding:
    """What so many free bytes mean."""
    left = size(free)
    if free < ROOM:
        return Finding(Mark.TROUBLE, "disk", f"Only {left} are free: make room, or clips cannot be kept.")
    if free < LOW:
        return Finding(Mark.NOTE, "disk", f"Only {left} are free: make room before long.")
    return Finding(Mark.OK, "disk", f"{left} are free.")


def _storage(here: Parts) -> Finding:
    try:
        fill = here.storage.fill()
        if fill.warning:
            return Finding(Mark.TROUBLE if fill.full else Mark.NOTE, "storage", fill.warning)
        words = f"Clips take {fill.words}."
        if waiting := here.storage.unweighed():
            clips = "1 clip that was" if waiting == 1 else f"{waiting} clips that were"
            words += f" Not counted: {clips} not weighed yet, which a worker does from its first minute on."
        return Finding(Mark.OK, "storage", words)
    except (SQLAlchemyError, MediaError) as error:
        return Finding(Mark.TROUBLE, "storage", f"It cannot be counted: {str(error).rstrip('.')}.")


def _forgotten(here: Parts) -> Iterator[Finding]:
    if waiting := here.clips.forgotten():
        clips = "1 clip waits" if waiting == 1 else f"{waiting} clips wait"
        yield Finding(Mark.NOTE, "clips", f"{clips}, and nobody works on them: is the studio, or its worker, running?")


def _tried(about: str, check: Callable[[Parts], str], here: Parts) -> Finding:
    try:
        return Finding(Mark.OK, about, check(here))
    except SQLAlchemyError as error:
        return Finding(Mark.TROUBLE, about, f"It cannot be used: {cause(error)}.")
    except MediaError as error:
        words = f"{here.media.place} cannot be used: {error.message.rstrip('.')}. Check {here.media.setting}."
        return Finding(Mark.TROUBLE, about, words)
    except (SegueError, Outdated) as error:
        return Finding(Mark.TROUBLE, about, f"It cannot be used: {str(error).rstrip('.')}.")


class Outdated(Exception):
    """The database is not what this program works with."""


def _database(here: Parts) -> str:
    with here.database.write() as session:
        # The same value again: a real write, down to the disk, that changes nothing.
        again = "UPDATE alembic_version SET version_num = version_num RETURNING version_num"
        revision = session.execute(text(again)).scalar()
    if revision != newest_revision():
        raise Outdated(f"its revision is {revision}, and this Segue needs {newest_revision()}")
    return f"{here.database.place} can be read and written, and is up to date."


def _queue(here: Parts) -> str:
    here.jobs.ping()
    return f"{here.jobs.place} answers."


def _media(here: Parts) -> str:
    belonging.check(here.database, here.media)
    return f"{_files(here)} They are this studio's."


def _files(here: Parts) -> str:
    """The same where no database says whose they are."""
    with here.media.draft() as draft:
        draft.write(b"doctor")
        here.media.put(TRIAL, draft)
    here.media.remove(TRIAL)
    return f"Files can be written to {here.media.place}."


def _asked(providers: Mapping[str, Provider]) -> Queue[tuple[str, Finding]]:
    """Where each provider's finding arrives, with its name."""
    answers: Queue[tuple[str, Finding]] = Queue()

    def ask(provider: Provider) -> None:
        answers.put((provider.name, _provider(provider)))

    for provider in providers.values():
        # Daemons: one that never answers does not keep the program from ending.
        threading.Thread(target=ask, args=(provider,), name=f"doctor {provider.name}", daemon=True).start()
    return answers


def _answered(
    providers: Mapping[str, Provider], answers: Queue[tuple[str, Finding]], patience: float
) -> Iterator[Finding]:
    end = time.monotonic() + patience
    waiting = dict(providers)
    while waiting:
        try:
            name, finding = answers.get(timeout=max(0.0, end - time.monotonic()))
        except Empty:
            break
        del waiting[name]
        yield finding
    for provider in waiting.values():
        yield Finding(
            Mark.TROUBLE, provider.title, f"It did not answer within {patience:.0f} seconds.{_where(provider)}"
        )


def _provider(provider: Provider) -> Finding:
    try:
        return Finding(Mark.OK, provider.title, " ".join(provider.examine()) or "It is set up.")
    except ProviderError as error:
        return Finding(Mark.TROUBLE, provider.title, error.message + _where(provider))
    except Exception:
        log.exception("%s: unforeseen", provider.title)
        return Finding(Mark.TROUBLE, provider.title, "Looking at it failed; the log has the cause.")


def _where(provider: Provider) -> str:
    return f" Check {SETTINGS[provider.name]}." if provider.name in SETTINGS else ""
