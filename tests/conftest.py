"""Fixtures the whole suite shares: upstreams, and a studio whose time is ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue import create_app
from segue.config import Settings
from tests.bench import Bench
from tests.servers.gateway import Replicate
from tests.servers.upstream import Upstream


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
def bench(tmp_path: Path, upstream: Upstream) -> Iterator[Bench]:
    """Clips on a workbench: real database, media and upstream, a queue and a clock we turn by hand."""
    with Bench(tmp_path, upstream) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A solo studio with nothing configured."""
    return Settings.load({"SEGUE_DATA": str(tmp_path / "data")})


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application, without a worker."""
    app = create_app(settings)
    yield app
    app.extensions["segue"].database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, as good as."""
    return app.test_client()
