"""Ways to answer, and to fail to. A behaviour takes one exchange; any function of that type is one.

`exchange.act()` is the honest deed and gives the honest answer: a behaviour that never calls it answers
without having acted (nothing is created), and one that calls it may still lose, spoil or delay the answer.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import repeat
from typing import Any

from tests.servers.shapes import problem, reply
from tests.servers.wire import Answer, Exchange

Behaviour = Callable[[Exchange], None]

HUGE = 2 * 1024 * 1024
PAGE = b"<!doctype html><title>Just a moment...</title><h1>Checking your browser</h1>\n"


def honest(exchange: Exchange) -> None:
    exchange.send(exchange.act())


def after_acting(behaviour: Behaviour) -> Behaviour:
    """The deed is done (a create is counted, and paid for); then this happens in the place of its answer."""

    def act_first(exchange: Exchange) -> None:
        exchange.act()
        behaviour(exchange)

    return act_first


# Answers that are not the truth: nothing was done.


def answer(
    status: int,
    payload: object = b"",
    *,
    content_type: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Behaviour:
    """This status and this payload: bytes as they are, anything else as JSON; see `shapes` for payloads."""
    prepared = reply(status, payload, content_type=content_type, headers=headers)
    return lambda exchange: exchange.send(prepared)


def throttled(seconds: int, *, in_body: bool = True, in_header: bool = False) -> Behaviour:
    """429, saying when to come back in the body, in `Retry-After`, in both or nowhere."""
    body = problem(f"Request was throttled. Expected available in {seconds} seconds.")
    if in_body:
        body["retry_after"] = seconds
    return answer(429, body, headers={"Retry-After": str(seconds)} if in_header else None)


def html(status: int = 200) -> Behaviour:
    return answer(status, PAGE, content_type="text/html; charset=utf-8")


def redirect(to: str, status: int = 302) -> Behaviour:
    return answer(status, headers={"Location": to})


def hang(seconds: float) -> Behaviour:
    """Not a byte for so long, then the connection closes."""

    def behave(exchange: Exchange) -> None:
        exchange.wait(seconds)
        exchange.drop()

    return behave


def drop(*, reset: bool = False) -> Behaviour:
    return lambda exchange: exchange.drop(reset=reset)


# Answers that begin with the truth: the deed was done.


def drop_after_acting(*, reset: bool = False) -> Behaviour:
    return after_acting(drop(reset=reset))


def late(seconds: float) -> Behaviour:
    """The honest answer, all at once, after so long."""

    def behave(exchange: Exchange) -> None:
        truth = exchange.act()
        if exchange.wait(seconds):
            exchange.send(truth)

    return behave


def drip(pause: float, piece: int = 16) -> Behaviour:
    """The honest answer, a few bytes at a time."""

    def behave(exchange: Exchange) -> None:
        truth = exchange.act()
        exchange.write(truth.head(len(truth.body)))
        for start in range(0, len(truth.body), piece):
            exchange.write(truth.body[start : start + piece])
            if not exchange.wait(pause):
                return

    return behave


def cut(keep: float = 0.5, *, declared: int | None = None) -> Behaviour:
    """The connection closes in mid-body, short of the length declared: by default the honest one."""

    def behave(exchange: Exchange) -> None:
        truth = exchange.act()
        length = len(truth.body)
        exchange.write(truth.head(length if declared is None else declared))
        exchange.write(truth.body[: int(length * keep)])
        exchange.drop()

    return behave


def endless() -> Behaviour:
    """The honest body over and over, of no declared length, until the client has had enough."""

    def behave(exchange: Exchange) -> None:
        truth = exchange.act()
        exchange.write(truth.head(None))
        for body in repeat(truth.body):
            if not exchange.wait(0):
                break
            exchange.write(body)
        exchange.drop()

    return behave


def spoiled(change: Callable[[Answer], Answer]) -> Behaviour:
    """The honest answer, changed."""
    return lambda exchange: exchange.send(change(exchange.act()))


def truncated(keep: float = 0.5) -> Behaviour:
    """Good HTTP around half a body."""
    return spoiled(lambda truth: replace(truth, body=truth.body[: _part(truth, keep)]))


def empty() -> Behaviour:
    return spoiled(lambda truth: replace(truth, body=b""))


def mislabelled(content_type: str) -> Behaviour:
    """The right bytes under another Content-Type."""
    return spoiled(lambda truth: replace(truth, content_type=content_type))


def impostor(body: bytes) -> Behaviour:
    """Other bytes under the right Content-Type."""
    return spoiled(lambda truth: replace(truth, body=body))


def altered(change: Callable[[Any], object]) -> Behaviour:
    """The honest answer's JSON, changed: `altered(lambda prediction: [prediction])`."""
    return spoiled(lambda truth: replace(truth, body=_changed(truth.body, change)))


def without(key: str) -> Behaviour:
    return altered(lambda said: {name: value for name, value in said.items() if name != key})


def with_id(prediction_id: object) -> Behaviour:
    return altered(lambda said: said | {"id": prediction_id})


def huge(size: int = HUGE) -> Behaviour:
    """A prediction in good order, but for `size` bytes of logs."""
    return altered(lambda said: said | {"logs": "#" * size})


def _part(truth: Answer, keep: float) -> int:
    return int(len(truth.body) * keep)


def _changed(body: bytes, change: Callable[[Any], object]) -> bytes:
    return json.dumps(change(json.loads(body))).encode()
