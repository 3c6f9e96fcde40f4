"""A provider of either shape, running."""

from collections.abc import Iterator

import pytest

from tests.servers.gateway import Replicate
from tests.servers.upstream import Upstream


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as running:
        yield running


@pytest.fixture
def replicate() -> Iterator[Upstream]:
    with Upstream(Replicate) as running:
        yield running
