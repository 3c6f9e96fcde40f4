"""Addresses of servers as settings spell them: checked, and told without what is secret in them."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

POSTGRESQL = ("postgresql", "postgresql+psycopg")
REDIS = ("redis", "rediss")
REACH_SECONDS = 5


def checked(address: str, schemes: tuple[str, ...]) -> str:
    """An address of one of these schemes, without the driver's name in it. Raises ValueError in plain words."""
    try:
        parts = urlsplit(address)
        fine = parts.scheme in schemes and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        plain = " or ".join(f"{scheme}://" for scheme in schemes if "+" not in scheme)
        raise ValueError(f"it has to be an address that begins with {plain}, such as {_EXAMPLES[schemes[0]]}")
    return address.replace("+psycopg:", ":", 1)


def told(address: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def secrets(address: str) -> list[str]:
    """What in the address may never be shown."""
    parts = urlsplit(address)
    return list(filter(None, [unquote(parts.password or ""), *parse_qs(parts.query).get("password", [])]))


def postgresql_away(address: str) -> bool:
    """Whether a PostgreSQL does not answer, or lets nobody in yet. One that refuses a password is there."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn, Ping

    try:
        where = make_conninfo(address, connect_timeout=REACH_SECONDS)
    except ProgrammingError:
        return False
    return PGconn.ping(where.encode()) in (Ping.REJECT, Ping.NO_RESPONSE)


_EXAMPLES = {
    "postgresql": "postgresql://segue:password@10.0.0.5/segue",
    "redis": "redis://10.0.0.5:6379/0",
}
