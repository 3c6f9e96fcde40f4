"""Commands for those who run the studio, and for scripts: `flask --app app NAME`."""

from __future__ import annotations

from flask import Flask

from segue.cli.backup import backup, restore
from segue.cli.blend import blend
from segue.cli.check import check
from segue.cli.doctor import doctor
from segue.cli.key import rotate_key
from segue.cli.member import member
from segue.cli.worker import worker


def register(app: Flask) -> None:
    """Give `app` its commands."""
    for command in (worker, doctor, blend, member, rotate_key, backup, restore, check):
        app.cli.add_command(command)
