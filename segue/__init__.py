"""Segue: a studio where two prompts become one clip."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask

from segue import belonging, cli, home, library, logs, media, pace, providers, web
from segue.clips import Clips
from segue.config import Settings
from segue.db import Database
from segue.errors import SettingsError, Unreachable
from segue.jobs import Jobs
from segue.limits import Limits
from segue.members import Members
from segue.parts import Parts
from segue.storage import Storage

ROOT = Path(__file__).parent.parent
STATIC_SECONDS = 365 * 24 * 3600

log = logging.getLogger(__name__)


class App(Flask):
    """An application all of whose views are plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """The whole studio as a WSGI application, its database migrated. Raises SettingsError."""
    settings = settings or Settings.load()
    home.enter(settings, begin=cli.begins())
    logs.set_up(settings)
    for slip in settings.slips:
        log.warning("settings: %s", slip)
    app = App(
        __name__,
        template_folder=ROOT / "templates",
        static_folder=ROOT / "static",
        static_url_path=f"/static/{_version(ROOT / 'static')}",
    )
    key, *older = settings.secret_keys()
    app.config.update(
        SECRET_KEY=key,
        SECRET_KEY_FALLBACKS=older,
        WTF_CSRF_SECRET_KEY=[*reversed(older), key],
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
        # A browser takes the prefix only with Secure, for this very host and all its paths: no neighbour plants one.
        SESSION_COOKIE_NAME="__Host-session" if settings.https else "session",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
    )
    app.extensions["segue"] = _wired(settings)
    web.register(app)
    cli.register(app)
    return app


def _wired(settings: Settings) -> Parts:
    enabled = providers.enabled(settings)
    if settings.provider and settings.provider not in enabled:
        raise SettingsError(
            f"the setting SEGUE_PROVIDER is {settings.provider!r}, but what is set up here is: {', '.join(enabled)}."
        )
    if unknown := settings.prices.keys() - providers.TITLES.keys():
        raise SettingsError(
            f"the setting SEGUE_PRICES names {min(unknown)!r}; players are: {', '.join(providers.TITLES)}."
        )
    place = media.at(settings)
    try:
        place.prepare()
    except OSError as error:
        raise SettingsError(f"it cannot use what is in its data folder {settings.data}: {error}.") from error
    # The doctor tells what is away, and looks at everything else all the same.
    away = (Unreachable,) if cli.examines() else ()
    database = Database(settings.database)
    with suppress(*away):
        database.migrate()
    # Said in the log, loudly; what plays goes on playing.
    belonging.together(database, place)
    jobs = Jobs(settings.queue)
    fair = Limits(settings.member_limits, settings.studio_limits, settings.prices, settings.currency)
    storage = Storage(database, place, settings.storage_budget)
    clips = Clips(database, enabled, place, jobs, fair=fair, storage=storage)

    def tidy_up() -> None:
        library.empty_bin(database, place, time.time())
        storage.tend()

    with suppress(*away):
        jobs.serve(clips, tidy_up, storage.weigh, lambda chore: _first(database, chore))
    return Parts(settings, database, place, enabled, jobs, clips, storage, Members(database))


def _first(database: Database, chore: str) -> bool:
    with database.write() as session:
        return pace.first(session, chore, time.time())


def _version(folder: Path) -> str:
    """A name for what the static files hold now: it is part of their address, so they may be cached for ever."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
