"""Fixtures the whole suite shares: upstreams, and a studio whose time is ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as manners

from segue.config import Settings
from segue.db import Database
from segue.models import Clip
from segue.parts import Parts
from segue.recipe import Recipe
from tests.bench import Bench
from tests.servers.gateway import Replicate
from tests.servers.postgres import Postgres
from tests.servers.upstream import Upstream
from tests.studio import made, opened

if TYPE_CHECKING:
    from tests.servers.s3 import S3

# An example may take as long as the machine stands still.
manners.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
manners.load_profile("patient")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A gateway of ChainHub's shape, its file host and its trap."""
    with Upstream() as running:
        yield running


@pytest.fixture
def replicate() -> Iterator[Upstream]:
    """The same with Replicate's own shape."""
    with Upstream(Replicate) as running:
        yield running


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream, database_at: Path | str) -> Iterator[Bench]:
    """Clips on a workbench: real database, media and upstream, a queue and a clock we turn by hand."""
    with Bench(tmp_path, upstream, where=database_at) as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked with several databases run on each of them."""
    marker = metafunc.definition.get_closest_marker("databases")
    if marker and "database_at" in metafunc.fixturenames:
        metafunc.parametrize("database_at", marker.args, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest comes first, so that no worker is left alone with it at the end."""
    items.sort(key=_patience, reverse=True)


def _patience(item: pytest.Item) -> float:
    """The seconds a test was given, if it needs more than others."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0.0


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with Postgres() as running:
        yield running


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A server that speaks S3, up and without troubles at the beginning of each test that leaves it so."""
    from tests.servers.s3 import S3

    with S3() as running:
        yield running


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in a file with the studio's tables in it, and nothing in those."""
    path = tmp_path_factory.mktemp("migrated") / "segue.db"
    database = Database(path)
    database.migrate()
    database.close()
    return path


@pytest.fixture
def database_at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where a studio's database is, up to date and empty: a file in its data folder, or an address at a server."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / "data" / "segue.db"
        path.parent.mkdir(mode=0o700)
        yield copyfile(request.getfixturevalue("migrated"), path)
        return
    server: Postgres = request.getfixturevalue("postgres")
    address = server.migrated()
    yield address
    server.drop(address)


@pytest.fixture
def settings(tmp_path: Path, database_at: Path | str, request: pytest.FixtureRequest) -> Settings:
    """A solo studio with nothing configured; with the parameter `s3`, one that keeps its files in a bucket."""
    environ = {"SEGUE_DATA": str(tmp_path / "data")}
    if isinstance(database_at, str):
        environ["SEGUE_DATABASE_URL"] = database_at
    if getattr(request, "param", "folder") == "s3":
        s3: S3 = request.getfixturevalue("s3")
        environ |= s3.settings(s3.bucket())
    return Settings.load(environ)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application, without a worker."""
    app = opened(settings)
    yield app
    app.extensions["segue"].database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, as good as."""
    return app.test_client()


@pytest.fixture
def here(app: Flask) -> Parts:
    """What the application is made of."""
    here: Parts = app.extensions["segue"]
    return here


@pytest.fixture
def done(app: Flask) -> Clip:
    """A clip with two prompts; its sound is kept as FLAC."""
    return made(app, Recipe("church bells", "jazz", alpha=0.3, take=4))
