"""Everything that can go wrong and be told, in one tree.

SegueError                      a sentence for the person in front of it
├── SettingsError               a setting or its surroundings are wrong: the program stops with exit code 2
│   └── Unreachable             a server is not there just now: it stops with exit code 1, and may be started again
├── InvalidRecipe               a recipe field is outside its limits (`field` names it)
├── InvalidMember               a name, a password or a wish about members cannot be (`field` names it)
├── LimitReached                a member, or the studio, has had their share for now
├── MediaError                  a file could not be stored or read
├── QueueError                  the queue cannot be reached
├── NoSuchFormat                a sound cannot be had in the format somebody asked for
├── Refused                     something is for others to see or to do
├── belonging.Apart             the database and the files are not one studio's
└── providers.base.ProviderError   a provider said no, or said nothing (see there for its shades)
"""

from __future__ import annotations

OUTAGES = {"OperationalError", "InterfaceError", "InternalError", "RedisError"}


class SegueError(Exception):
    """Base of all errors whose text may be shown to a person as it stands."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def in_full(self) -> str:
        """The sentence with what to do about it."""
        return self.message


class SettingsError(SegueError):
    """The program cannot run as it is set up; the message says what to change."""

    exit_code = 2


class Unreachable(SettingsError):
    """It may be set up rightly, but one of its servers is away."""

    exit_code = 1


class InvalidRecipe(SegueError):
    """A recipe that may not be made; `field` is the form's name for what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class InvalidMember(SegueError):
    """Something about a member that may not be; `field` is the form's name for what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class LimitReached(SegueError):
    """Enough for now; the message says when it goes on, `seconds` how long that is at most."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class MediaError(SegueError):
    """Bytes could not be put where media lives, or are not there."""

    @property
    def in_full(self) -> str:
        return f"{self.message} Tell whoever runs this studio, then press Retry."


class QueueError(SegueError):
    """The queue cannot be reached; the message has the cause."""


class NoSuchFormat(SegueError):
    """A sound that there is not in that format; the message says what to take instead."""


class Refused(SegueError):
    """What who asks may not; the message says who may."""


def outage(error: BaseException | None) -> bool:
    """Whether a driver says that a database or a queue cannot be used just now, which its own traceback cannot help."""
    said = getattr(error, "orig", None) or error
    # Python's standard for databases names these; SQLite's has one of them for mistakes in our own statements, too.
    names = {kind.__name__ for kind in type(said).__mro__}
    return bool(names & OUTAGES) and getattr(said, "sqlite_errorname", None) != "SQLITE_ERROR"


def cause(error: BaseException) -> str:
    """What a driver says is wrong, in one line without a mark at its end."""
    return " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".?")
