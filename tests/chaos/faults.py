"""Everything that goes wrong, and how often, in a hundred calls of each kind; the others are honest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.chaos.limit import Limit
from tests.servers import behaviours as does
from tests.servers.behaviours import Behaviour
from tests.servers.media import made_media
from tests.servers.shapes import problem
from tests.servers.trap import Trap
from tests.servers.wire import Exchange


@dataclass(frozen=True)
class Scene:
    """What a fault may draw upon: chance, the limit it may pretend to, and a private host that nobody may visit."""

    chance: Random
    limit: Limit
    inside: Trap

    def within(self) -> str:
        """An address of the private host, in one of the ways to write it."""
        names = ("127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]", "0")
        return f"http://{self.chance.choice(names)}:{self.inside.port}/latest/meta-data/audio.wav"


Trick = Callable[[Scene], Behaviour]


@dataclass(frozen=True)
class Fault:
    name: str
    percent: float
    trick: Trick


def always(behaviour: Behaviour) -> Trick:
    return lambda scene: behaviour


def late(scene: Scene) -> Behaviour:
    return does.late(scene.chance.uniform(0.1, 1.5))


def complaint(scene: Scene) -> Behaviour:
    return scene.limit.complain(scene.chance.choice((2, 4)), in_header=scene.chance.random() < 0.5)


def broken(status: int) -> Trick:
    return always(does.answer(status, problem("Something broke.")))


def overloaded(scene: Scene) -> Behaviour:
    return does.answer(503, problem("Overloaded."), headers={"Retry-After": "1"})


def lies(scene: Scene) -> Behaviour:
    """Output that is somewhere private, or nowhere."""
    address = scene.chance.choice((scene.within(), scene.within(), "file:///etc/passwd", "https://[nowhere"))
    return does.altered(lambda said: said | {"output": said["output"] and {"audio": address, "spectrogram": address}})


def leads_inside(scene: Scene) -> Behaviour:
    return does.redirect(scene.within(), scene.chance.choice((301, 302, 307)))


def detour(exchange: Exchange) -> None:
    """The file is there, by another address of the same host."""
    does.redirect(f"/detour{exchange.request.path}")(exchange)


def circle(exchange: Exchange) -> None:
    does.redirect(exchange.request.path)(exchange)


GARBAGE = b"\x00\xfe\xff{garbage"

CREATE = (
    Fault("dropped before acting", 3, always(does.drop())),
    Fault("reset before acting", 2, always(does.drop(reset=True))),
    Fault("500 before acting", 2, broken(500)),
    Fault("a 502 page before acting", 1, always(does.html(502))),
    Fault("503 and when to come back", 1, overloaded),
    Fault("429", 1, complaint),
    Fault("garbage before acting", 1, always(does.answer(200, GARBAGE))),
    Fault("redirected inside", 1, leads_inside),
    Fault("dropped after acting", 4, always(does.drop_after_acting())),
    Fault("reset after acting", 2, always(does.drop_after_acting(reset=True))),
    Fault("500 after acting", 2, always(does.after_acting(does.answer(500, problem("Something broke."))))),
    Fault("a 504 page after acting", 1, always(does.after_acting(does.html(504)))),
    Fault("a 200 page after acting", 1, always(does.after_acting(does.html()))),
    Fault("truncated JSON after acting", 2, always(does.truncated())),
    Fault("cut after acting", 2, always(does.cut())),
    Fault("empty after acting", 1, always(does.empty())),
    Fault("a list for a prediction", 1, always(does.altered(lambda said: [said]))),
    Fault("an id that is a path", 1, always(does.with_id("../predictions"))),
    Fault("2 MB of logs", 1, always(does.huge())),
    Fault("silent for 3 s, then dropped", 1, always(does.after_acting(does.hang(3)))),
    Fault("late", 6, late),
    Fault("in drips", 2, always(does.drip(0.01))),
)

LOOK = (
    Fault("late", 3, late),
    Fault("in drips", 1, always(does.drip(0.01))),
    Fault("silent for 3 s, then dropped", 0.5, always(does.hang(3))),
    Fault("dropped", 2, always(does.drop())),
    Fault("reset", 1, always(does.drop(reset=True))),
    Fault("500", 1, broken(500)),
    Fault("a 502 page", 2, always(does.html(502))),
    Fault("503 and when to come back", 0.5, overloaded),
    Fault("429", 0.3, complaint),
    Fault("a 200 page", 1, always(does.html())),
    Fault("garbage", 1, always(does.answer(200, GARBAGE))),
    Fault("truncated JSON", 2, always(does.truncated())),
    Fault("cut", 1, always(does.cut())),
    Fault("empty", 1, always(does.empty())),
    Fault("null", 1, always(does.answer(200, None))),
    Fault("a list for a prediction", 1, always(does.altered(lambda said: [said]))),
    Fault("another run's id", 1, always(does.with_id("another0run0altogether"))),
    Fault("2 MB of logs", 0.5, always(does.huge())),
    Fault("redirected inside", 1, leads_inside),
    Fault("output in a private place", 4, lies),
)

LIST = (
    Fault("late", 4, late),
    Fault("dropped", 4, always(does.drop())),
    Fault("500", 3, broken(500)),
    Fault("a 200 page", 2, always(does.html())),
    Fault("truncated JSON", 3, always(does.truncated())),
    Fault("the newest missing", 10, always(does.altered(lambda said: said | {"results": said["results"][20:]}))),
    Fault("nonsense for runs", 2, always(does.altered(lambda said: said | {"results": [None, 1, "run"]}))),
    Fault("no list at all", 2, always(does.altered(lambda said: said["results"]))),
)

CANCEL = (
    Fault("dropped before acting", 10, always(does.drop())),
    Fault("dropped after acting", 10, always(does.drop_after_acting())),
    Fault("500", 10, broken(500)),
)

FILE = (
    Fault("late", 2, late),
    Fault("in drips", 2, always(does.drip(0.1, 65_536))),
    Fault("silent for 3 s, then dropped", 1, always(does.hang(3))),
    Fault("dropped", 2, always(does.drop())),
    Fault("reset", 2, always(does.drop_after_acting(reset=True))),
    Fault("cut", 5, always(does.cut())),
    Fault("cut short of a terabyte", 1, always(does.cut(declared=10**12))),
    Fault("half of it, as if that were all", 3, always(does.truncated())),
    Fault("empty", 2, always(does.empty())),
    Fault("endless", 2, always(does.endless())),
    Fault("404", 2, broken(404)),
    Fault("410", 1, broken(410)),
    Fault("500", 2, broken(500)),
    Fault("503 and when to come back", 1, overloaded),
    Fault("a 200 page", 2, always(does.html())),
    Fault("another type's label", 4, always(does.mislabelled("text/html"))),
    Fault("redirected inside", 5, leads_inside),
    Fault("redirected around", 3, always(detour)),
    Fault("redirected in a circle", 1, always(circle)),
)

TABLES: dict[str, tuple[Fault, ...]] = {
    "create": CREATE,
    "look": LOOK,
    "list": LIST,
    "cancel": CANCEL,
    "audio": (*FILE, Fault("a picture for a sound", 2, always(does.impostor(made_media().spectrogram)))),
    "picture": (*FILE, Fault("a sound for a picture", 2, always(does.impostor(made_media().audio)))),
}
"""Faults by kind of call."""

ENDS = {"create": 3, "look": 15, "audio": 4, "picture": 4}
"""After so many calls for one clip its provider comes to its senses: a musician is not made to wait for ever."""


def pick(table: tuple[Fault, ...], chance: Random) -> Fault | None:
    """One of the faults, or None for honesty, by their percentages."""
    drawn = chance.uniform(0, 100)
    for fault in table:
        drawn -= fault.percent
        if drawn < 0:
            return fault
    return None
