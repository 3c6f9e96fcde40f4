"""What a container can play: read from whatever it says, and never waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

from segue.providers.base import Capabilities
from segue.providers.cog import Cog
from segue.providers.hosts import Hosts
from segue.providers.repertoire import MISSPELT, listed_cancel, listed_seeds
from segue.providers.replicate import HOSTED_SEEDS
from segue.recipe import SEED_NAME
from tests.providers.anything import JSON
from tests.servers.cog.container import Container
from tests.servers.wire import Exchange
from tests.serving import PATIENCE


class Clock:
    """Stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def container() -> Iterator[Container]:
    with Container() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(container: Container, clock: Clock) -> Cog:
    return Cog(container.address, Hosts(), clock)


def _once(player: Cog, *seeds: str) -> Capabilities:
    """The capabilities, as soon as they have those seeds."""
    deadline = time.monotonic() + PATIENCE
    while (can := player.capabilities).seeds != seeds:
        assert time.monotonic() < deadline, can
        time.sleep(0.01)
    return can


def heard_out() -> None:
    """Wait until nobody asks any more."""
    for thread in threading.enumerate():
        if thread.name == "repertoire":
            thread.join(PATIENCE)


def _document(field: object, **schemas: object) -> dict[str, object]:
    return {"components": {"schemas": {"Input": {"properties": {"seed_image_id": field}}, **schemas}}}


LISTED = {"type": "string", "enum": ["vibes", "agile"]}
REFERENCE = {"$ref": "#/components/schemas/seed_image_id"}
WAYS = {
    "inline": _document(LISTED),
    "behind a reference": _document(REFERENCE, seed_image_id=LISTED),
    "as one of all": _document({"allOf": [REFERENCE], "default": "vibes"}, seed_image_id=LISTED),
    "or nothing": _document({"anyOf": [{"type": "null"}, REFERENCE]}, seed_image_id=LISTED),
    "twice removed": _document(REFERENCE, seed_image_id={"$ref": "#/components/schemas/Seed"}, Seed=LISTED),
}


@pytest.mark.parametrize("way", WAYS)
def test_seeds_are_found_however_they_are_listed(way: str) -> None:
    assert listed_seeds(WAYS[way]) == ("agile", "vibes")


def test_references_in_a_circle_come_to_an_end() -> None:
    assert listed_seeds(_document(REFERENCE, seed_image_id={"allOf": [REFERENCE, REFERENCE]})) == ()


def test_a_seed_without_a_file_is_never_offered() -> None:
    assert listed_seeds(_document({"enum": [MISSPELT, "marim"]})) == ("marim",)


def test_only_names_that_are_names_are_offered_and_each_once() -> None:
    odd = ["mine", "../../etc/passwd", "", "two words", None, 7, ["vibes"], "mine", "é" * 3, "x" * 65, "vibes"]
    assert listed_seeds(_document({"enum": odd})) == ("vibes", "mine")


DOCUMENTS = JSON | some.builds(_document, JSON | some.fixed_dictionaries({"enum": JSON, "allOf": JSON, "$ref": JSON}))


@given(DOCUMENTS)
def test_any_document_lists_names_or_nothing(document: object) -> None:
    assert all(SEED_NAME.fullmatch(name) and name != MISSPELT for name in listed_seeds(document))


@given(JSON, JSON | some.fixed_dictionaries({"paths": JSON}))
def test_any_document_says_whether_runs_can_be_canceled(root: object, document: object) -> None:
    assert isinstance(listed_cancel(root, document), bool)


def test_runs_can_be_canceled_where_the_document_has_an_address_for_it(container: Container, player: Cog) -> None:
    container.says("GET /openapi.json", {"paths": {"/predictions": {}, "/predictions/{prediction_id}/cancel": {}}})
    _ = player.capabilities
    heard_out()
    assert player.capabilities.cancel


def test_a_container_that_says_nothing_is_taken_for_the_hosted_one(player: Cog) -> None:
    can = player.capabilities
    assert (can.seeds, can.cancel) == (HOSTED_SEEDS, False)


def test_a_container_that_lists_nothing_of_use_is_taken_for_the_hosted_one(container: Container, player: Cog) -> None:
    container.lists(MISSPELT, 7)
    assert player.capabilities.seeds == HOSTED_SEEDS


def test_nobody_waits_for_a_container_that_does_not_answer(container: Container, player: Cog) -> None:
    asked, answered = threading.Event(), threading.Event()

    def silent(exchange: Exchange) -> None:
        asked.set()
        answered.wait(PATIENCE)
        exchange.drop()

    container.lists("vibes")
    honest, container.routes["GET /"] = container.routes["GET /"], silent
    # Only the first who wants to know waits a moment: all together would wait longer than the silence lasts.
    assert {player.capabilities.seeds for _ in range(100)} == {HOSTED_SEEDS}
    assert asked.wait(PATIENCE)
    assert container.asked("GET /") == 1
    container.routes["GET /"] = honest
    answered.set()
    _once(player, "vibes")


def test_it_is_asked_again_only_after_a_minute(container: Container, clock: Clock, player: Cog) -> None:
    container.lists("vibes")
    _once(player, "vibes")
    container.lists("agile")
    clock.now = 59.0
    assert player.capabilities.seeds == ("vibes",)
    heard_out()
    assert container.asked("GET /") == 1
    clock.now = 60.0
    _once(player, "agile")
    assert container.asked("GET /") == 2


def test_what_a_container_offered_is_remembered_while_it_is_away(
    container: Container, clock: Clock, player: Cog
) -> None:
    container.lists("our_own_groove")
    _once(player, "our_own_groove")
    container.says("GET /openapi.json", {"error": "OpenAPI schema not available"}, 503)
    clock.now = 60.0
    _asked_in_vain(player)
    assert container.asked("GET /openapi.json") > 1
    container.stop()
    clock.now = 120.0
    _asked_in_vain(player)


def _asked_in_vain(player: Cog) -> None:
    for _ in range(2):
        assert player.capabilities.seeds == ("our_own_groove",)
        heard_out()


def test_a_container_that_comes_up_late_is_heard(container: Container, clock: Clock, player: Cog) -> None:
    container.lists("vibes")
    container.stop()
    assert player.capabilities.seeds == HOSTED_SEEDS
    container.start()
    clock.now = 60.0
    _once(player, "vibes")
