"""Commands for those who run the studio, and for scripts: `flask --app app NAME`."""

from __future__ import annotations

import sys

import click
from flask import Flask

from segue.cli.backup import backup, restore
from segue.cli.blend import blend
from segue.cli.check import check
from segue.cli.doctor import doctor
from segue.cli.key import rotate_key
from segue.cli.member import member
from segue.cli.worker import worker

COMMANDS = (worker, doctor, blend, member, rotate_key, backup, restore, check)
LOOKING_AFTER = frozenset((rotate_key.name, backup.name, check.name))
"""Those for a studio that is there: where none is, its settings are elsewhere, and nobody wants another one."""


def begins() -> bool:
    """Whether what this process was started for may begin a studio where there is none yet."""
    return _wanted() not in LOOKING_AFTER


def examines() -> bool:
    """Whether it was started to tell what is wrong: what is away is told like everything else."""
    return _wanted() == doctor.name


def failed() -> str:
    """What to say, before the reason, where what it was started for cannot be done."""
    return "Segue did not start" if _wanted() in (None, worker.name) else "Segue cannot do this"


def register(app: Flask) -> None:
    """Give `app` its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)


def _wanted() -> str | None:
    """The command that this process was started for; None where it is to serve."""
    if click.get_current_context(silent=True) is None:
        return None
    # Flask makes the studio before it says which of its commands is wanted.
    names = {command.name for command in COMMANDS}
    return next((word for word in sys.argv[1:] if word in names), None)
