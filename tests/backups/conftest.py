"""Studios to back up and to restore into, and a backup that is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from segue.config import Settings
from segue.models import Clip
from tests.backups.archive import backed_up, riffed
from tests.studio import opened


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    """A studio in which nothing is yet."""
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path / "empty")}))
    yield app
    app.extensions["segue"].database.close()


@pytest.fixture
def family(app: Flask) -> list[Clip]:
    return riffed(app)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Clip]]:
    """A backup that is whole, and the clips in it."""
    folder = tmp_path_factory.mktemp("whole")
    app = opened(Settings.load({"SEGUE_DATA": str(folder / "data")}))
    clips = riffed(app)
    path = backed_up(app, folder / "segue.tar")
    app.extensions["segue"].database.close()
    return path.read_bytes(), clips


@pytest.fixture
def path(whole: tuple[bytes, list[Clip]], tmp_path: Path) -> Path:
    """A backup that may be spoilt."""
    path = tmp_path / "segue.tar"
    path.write_bytes(whole[0])
    return path
