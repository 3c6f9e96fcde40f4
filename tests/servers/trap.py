"""A host that nobody may contact."""

from tests.servers.host import Host
from tests.servers.shapes import problem, reply
from tests.servers.wire import Exchange


class Trap(Host):
    """Counts `connections`, even those that never ask anything, keeps `requests`, and answers 500."""

    @property
    def untouched(self) -> bool:
        return self.connections == 0

    def serve(self, exchange: Exchange) -> None:
        exchange.send(reply(500, problem("Nobody should have come here.")))
