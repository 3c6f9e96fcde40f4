"""The log: one line an event on standard error, with its clip and the request that asked, and without any secret."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO
from urllib.parse import quote

from segue.config import Settings
from segue.errors import cause, outage
from segue.recipe import UNWANTED

LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""Whatever anybody's reader may take for the end of a line."""
CHOSEN = frozenset(("SEGUE_DATABASE_URL", "SEGUE_QUEUE_URL", "AWS_SECRET_ACCESS_KEY"))
"""Where the password may be one that somebody chose, and so a word."""
SHORT = 12
"""Characters below which one of those may be a word like any other, such as the name that is its password, too."""
CHATTY = ("huey", "alembic")

log = logging.getLogger(__name__)

_clip: ContextVar[str | None] = ContextVar("clip", default=None)
_request: ContextVar[str | None] = ContextVar("request", default=None)


def set_up(settings: Settings) -> None:
    """Log what happens, as SEGUE_LOG says; once more changes to other settings. Raises SettingsError."""
    formats = {"plain": Plain, "json": Json}
    _handler.setFormatter(formats[settings.log](_secrets(settings)))
    _handler.addFilter(_mark)
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(_handler)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    # Python's own complaint about a line that cannot be logged has many lines, and the arguments as they are.
    logging.raiseExceptions = False
    _take_last_words()


@contextmanager
def about(clip_id: str) -> Iterator[None]:
    """What this thread logs within is about that clip."""
    before = _clip.set(clip_id)
    try:
        yield
    finally:
        _clip.reset(before)


@contextmanager
def asked(request_id: str) -> Iterator[None]:
    """What this thread logs within was asked for by that request."""
    before = _request.set(request_id)
    try:
        yield
    finally:
        _request.reset(before)


@contextmanager
def hushed() -> Iterator[None]:
    """Only errors are logged within: for commands that tell everything else themselves."""
    before = _handler.level
    _handler.setLevel(logging.ERROR)
    try:
        yield
    finally:
        _handler.setLevel(before)


class Handler(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the moment: tests and commands put another in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


_handler = Handler()


def short(name: str, secret: str) -> bool:
    """Whether what that setting keeps secret is so short that it may be a word."""
    return name in CHOSEN and len(secret) < SHORT


class Plain(logging.Formatter):
    """`2026-11-23 05:10:00,123 INFO segue.clips [<clip's id, or ->] queued for chainhub`: nobody can forge a line.

    Within a request, its id stands behind the clip's: `[k3f9 5c0ffee1]`.
    """

    def __init__(self, secrets: re.Pattern[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        told = "\n".join(filter(None, (record.getMessage(), self.error(record))))
        ids = filter(None, (getattr(record, "clip", None) or "-", getattr(record, "request", None)))
        line = f"{self.formatTime(record)} {record.levelname} {record.name} [{' '.join(ids)}] {self.clean(told)}"
        return UNWANTED.sub(_escaped, LINE_END.sub(" ⏎ ", line))

    def clean(self, text: str) -> str:
        """`text` without any secret we know."""
        return self._secrets.sub("[key]", text)

    def error(self, record: logging.LogRecord) -> str:
        """The traceback, if there is one; a server that is away is told in a line, as everybody asks for it again."""
        if record.exc_info and record.exc_info[1] and outage(record.exc_info[1]):
            return cause(record.exc_info[1])
        return self.formatException(record.exc_info) if record.exc_info else ""


class Json(Plain):
    """The same as an object a line: `time level logger clip request message error`; what is not there is null."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            {
                "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                "level": record.levelname,
                "logger": record.name,
                "clip": getattr(record, "clip", None),
                "request": getattr(record, "request", None),
                "message": self.clean(record.getMessage()),
                "error": self.clean(self.error(record)) or None,
            }
        )


def _secrets(settings: Settings) -> re.Pattern[str]:
    """Finds every secret of these settings, also as an address or a quotation would spell it."""
    hidden = [(key, False) for key in settings.secret_keys()]
    hidden += [(secret, short(name, secret)) for name, secret in settings.secrets]
    spellings = {(spelt, word) for secret, word in hidden if secret for spelt in _spellings(secret)}
    longest_first = sorted(spellings, key=lambda each: len(each[0]), reverse=True)
    return re.compile("|".join(_pattern(*each) for each in longest_first))


def _spellings(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), json.dumps(secret)[1:-1]


def _pattern(secret: str, word: bool) -> str:
    """Finds it anywhere; one that may be a word, only where it stands as one, not in a name, a path or an address."""
    return rf"(?<![\w./-]){re.escape(secret)}(?![\w/-]|\.\w)" if word else re.escape(secret)


def _mark(record: logging.LogRecord) -> bool:
    record.clip, record.request = _clip.get(), _request.get()
    return True


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _take_last_words() -> None:
    """What ends the program, or one of its threads, is logged like everything else."""
    # Whoever has put a hook of their own there, such as a test runner, keeps it.
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _program_died
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _thread_died


def _program_died(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, at)
    else:
        log.critical("unforeseen: the program ends", exc_info=error)


def _thread_died(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is not SystemExit:
        name = args.thread.name if args.thread else "?"
        log.critical("unforeseen: the thread %s ends", name, exc_info=args.exc_value)
