"""Home: the folder a studio lives in, whose it is, and whether anybody has moved in yet."""

from __future__ import annotations

import os
from pathlib import Path
from pwd import getpwuid

from segue.config import Settings
from segue.errors import SettingsError


def enter(settings: Settings, *, begin: bool = True) -> None:
    """See that the data folder is there; one that is made is for its owner only.

    Raises SettingsError where it cannot be used, is somebody else's, or holds no studio and none may `begin` here.
    """
    folder = settings.data.absolute()
    try:
        # What root leaves there, the studio itself could not read any more.
        if os.geteuid() == 0 and folder.exists() and (owner := folder.stat().st_uid):
            name = _name(owner)
            raise SettingsError(
                f"its data folder {folder} belongs to {name}: run this as {name}, with `sudo -u {name}` or "
                f"`runuser -u {name} --` before it."
            )
        if not begin and isinstance(settings.database, Path) and not settings.database.exists():
            raise SettingsError(
                f"there is no studio in {folder} yet: starting it makes one. If yours is elsewhere, run this in the "
                "folder with its .env, or name its own in SEGUE_DATA."
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"it cannot use its data folder {folder} ({error.strerror}): run it as whoever that belongs to, make it "
            "writable, or name another one in SEGUE_DATA."
        ) from error


def _name(owner: int) -> str:
    try:
        return getpwuid(owner).pw_name
    except KeyError:
        return f"#{owner}"
