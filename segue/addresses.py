"""Addresses of servers as settings spell them: checked, and told without what is secret in them."""

from __future__ import annotations

from urllib.parse import unquote, unquote_plus, urlsplit

POSTGRESQL = ("postgresql", "postgresql+psycopg")
REDIS = ("redis", "rediss")
PASSWORDS = ("password", "sslpassword")
"""What servers are told behind the question mark and nobody else."""
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
    # Behind the host there is no more to sign in with: the password was taken for that, and would be shown.
    if "@" in parts.path + parts.query + parts.fragment:
        raise ValueError("in a password, / is spelt %2F, ? is spelt %3F, # is spelt %23 and @ is spelt %40")
    return address.replace("+psycopg:", ":", 1)


def told(address: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def secrets(address: str) -> list[str]:
    """What in the address may never be shown, in each way it may be spelt."""
    parts = urlsplit(address)
    asked = [pair.partition("=") for pair in parts.query.split("&")]
    spelt = [parts.password or "", *(value for name, _, value in asked if name in PASSWORDS)]
    return list(dict.fromkeys(filter(None, (way(secret) for secret in spelt for way in (unquote, unquote_plus, str)))))


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
