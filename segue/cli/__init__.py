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
    if click.get_current_context(silent=True) is None:
        return True
    # Flask makes the studio before it says which of its commands is wanted.
    names = {command.name for command in COMMANDS}
    return next((word for word in sys.argv[1:] if word in names), None) not in LOOKING_AFTER


def register(app: Flask) -> None:
    """Give `app` its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
