"""The wired parts of one studio, and how a view gets hold of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from segue.clips import Clips
from segue.config import Settings
from segue.db import Database
from segue.jobs import Jobs
from segue.media import Media
from segue.members import Members
from segue.providers.base import Provider
from segue.storage import Storage


@dataclass(frozen=True)
class Parts:
    """Everything a view or a command may call on."""

    settings: Settings
    database: Database
    media: Media
    providers: Mapping[str, Provider]
    jobs: Jobs
    clips: Clips
    storage: Storage
    members: Members

    @property
    def preferred(self) -> str:
        """The provider the form starts with."""
        return self.settings.provider or next(iter(self.providers))


def parts() -> Parts:
    """The parts of the application that is answering."""
    return cast(Parts, current_app.extensions["segue"])
