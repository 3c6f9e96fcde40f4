"""Wires, while nobody answers at the other end."""

from __future__ import annotations

import threading

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from segue.errors import MediaError
from segue.media.wire import PAUSE, BucketWire
from segue.wires import Wire


class Clock:
    """Turned by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def away(clock: Clock) -> Wire:
    """A wire on which somebody waited in vain just now."""
    wire = BucketWire(clock)
    with pytest.raises(MediaError, match="cannot be reached"), wire.ask():
        raise ConnectTimeoutError(endpoint_url="http://bucket")
    return wire


def told_at_once(wire: Wire) -> bool:
    try:
        with wire.ask():
            return False
    except MediaError as error:
        return "cannot be reached" in str(error)


def test_whoever_asks_next_is_told_at_once_until_the_pause_is_over(away: Wire, clock: Clock) -> None:
    assert told_at_once(away)
    clock.now += PAUSE - 0.1
    assert told_at_once(away)
    clock.now += 0.1
    assert not told_at_once(away)
    assert not told_at_once(away), "it answered"


def test_one_asks_again_and_meanwhile_the_others_are_told_at_once(away: Wire, clock: Clock) -> None:
    clock.now += PAUSE
    with away.ask():
        clock.now += 60.0
        told: list[bool] = []
        others = [threading.Thread(target=lambda: told.append(told_at_once(away))) for _ in range(8)]
        for other in others:
            other.start()
        for other in others:
            other.join()
        assert told == [True] * 8
    assert not told_at_once(away)


def test_who_waits_in_vain_again_begins_another_pause(away: Wire, clock: Clock) -> None:
    clock.now += PAUSE
    with pytest.raises(MediaError, match="cannot be reached"), away.ask():
        clock.now += 20.0
        raise ConnectTimeoutError(endpoint_url="http://bucket")
    assert told_at_once(away)
    clock.now += PAUSE
    assert not told_at_once(away)


def test_a_refusal_is_an_answer(away: Wire, clock: Clock) -> None:
    clock.now += PAUSE
    with pytest.raises(MediaError, match=r"refuses to be used \(AccessDenied\)"), away.ask():
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "HeadObject")
    with away.ask():
        assert not told_at_once(away), "all may ask again"


def test_an_error_of_ours_while_asking_keeps_nobody_from_asking(away: Wire, clock: Clock) -> None:
    clock.now += PAUSE
    with pytest.raises(OSError, match="disk"), away.ask():
        raise OSError("disk")
    clock.now += PAUSE
    assert not told_at_once(away)


def test_where_nobody_has_answered_yet_one_asks_first(clock: Clock) -> None:
    wire = Wire(TimeoutError, lambda: MediaError("It cannot be reached."), 5.0, answered=False, clock=clock)
    with wire.ask():
        assert told_at_once(wire)
    with wire.ask():
        assert not told_at_once(wire)


def test_who_fails_before_asking_neither_mends_the_wire_nor_keeps_others_from_it(away: Wire, clock: Clock) -> None:
    clock.now += PAUSE
    with pytest.raises(ValueError, match="nonsense"), away.ask():
        raise ValueError("nonsense")
    with away.ask():
        assert told_at_once(away), "it is not known to answer"
