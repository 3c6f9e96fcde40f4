"""Dangers: settings that make sense one by one, and together would open the studio, or a purse, to the world."""

from __future__ import annotations

from ipaddress import IPv6Network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from segue.errors import SettingsError
from segue.naming import is_loopback, numeric

if TYPE_CHECKING:
    from segue.config import Settings

ANYBODY_SENDS = frozenset(
    (
        "accept", "authorization", "cookie", "forwarded", "from", "host", "origin", "range", "referer", "via",
    )
)  # fmt: skip
"""Headers that browsers fill in, or servers in between with what browsers say: none of them says who somebody is."""


NARROW = {4: 8, 6: 16}
"""The shortest prefix of a network that may be one's own; but for OUR_OWN, which is nobody else's (RFC 4193)."""
OUR_OWN = IPv6Network("fc00::/7")
INSIDE = (".local", ".lan", ".internal", ".home.arpa")
"""What names end in that lead nowhere beyond the house; those without a dot do not either."""


def refuse(settings: Settings) -> None:
    """Raise SettingsError for the first danger there is."""
    dangers = (
        *(_anybody, _everywhere, _chosen_by_browsers, _half_an_issuer, _overheard, _overheard_keys, _overheard_files),
        *(_open_purse, _no_prices, _half_a_key),
    )
    for danger in dangers:
        if words := danger(settings):
            raise SettingsError(words)


def beyond_this_machine(address: str) -> bool:
    """Whether a web address leads others than this machine somewhere."""
    return not is_loopback(urlsplit(address).hostname or "")


def _beyond_the_house(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    if number := numeric(host):
        return not (number.is_private or number.is_loopback)
    return not (is_loopback(host) or "." not in host or host.endswith(INSIDE))


def _anybody(settings: Settings) -> str | None:
    if settings.user_header is None or settings.user_header_from:
        return None
    return (
        "SEGUE_USER_HEADER says who is who, so it may not come from just anybody: name the address of the web server "
        "that sends it in SEGUE_USER_HEADER_FROM."
    )


def _everywhere(settings: Settings) -> str | None:
    for network in settings.user_header_from:
        ours = isinstance(network, IPv6Network) and network.subnet_of(OUR_OWN)
        if network.prefixlen < NARROW[network.version] and not ours:
            return (
                f"SEGUE_USER_HEADER_FROM names {network}, a good part of the internet, and whoever is believed there "
                "may be anybody: name the address of your own web server."
            )
    return None


def _chosen_by_browsers(settings: Settings) -> str | None:
    if (settings.user_header or "").lower() not in ANYBODY_SENDS:
        return None
    return (
        f"SEGUE_USER_HEADER is {settings.user_header}, which anybody's browser fills in as it likes: "
        "take a header that only your web server sets, such as SegueUser."
    )


def _half_an_issuer(settings: Settings) -> str | None:
    oidc = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    if not any(oidc) or all(oidc):
        return None
    return "signing in elsewhere takes SEGUE_OIDC_ISSUER, SEGUE_OIDC_CLIENT_ID and SEGUE_OIDC_CLIENT_SECRET."


def _overheard(settings: Settings) -> str | None:
    if not settings.oidc_issuer:
        return None
    for name, address in (("SEGUE_PUBLIC_URL", settings.public_url), ("SEGUE_OIDC_ISSUER", settings.oidc_issuer)):
        if address and address.startswith("http:") and beyond_this_machine(address):
            return (
                f"{name} is {address}, and who signs in that way could be overheard and robbed of it: "
                "signing in elsewhere takes https."
            )
    return None


def _overheard_keys(settings: Settings) -> str | None:
    ways = (
        ("SEGUE_CHAINHUB_URL", settings.chainhub_url, settings.chainhub_key),
        ("SEGUE_REPLICATE_URL", settings.replicate_url, settings.replicate_key),
    )
    for name, address, key in ways:
        if key and address.startswith("http:") and _beyond_the_house(address):
            return f"{name} is {address}, and your key could be read on the way there: it takes https."
    return None


def _overheard_files(settings: Settings) -> str | None:
    address = settings.media_public_url
    if not settings.https or not address or address.startswith("https:") or not beyond_this_machine(address):
        return None
    return (
        f"SEGUE_MEDIA_PUBLIC_URL is {address}, and people come to the studio by https: downloads from there could be "
        "read on the way, and browsers refuse them. It takes https too."
    )


def _open_purse(settings: Settings) -> str | None:
    share = settings.studio_limits
    bounded = any(most is not None for most in (share.hour, share.day, share.month))
    if not settings.open or bounded or not _paid(settings):
        return None
    return (
        "SEGUE_OPEN=yes lets everybody play, and runs cost you money: say in SEGUE_STUDIO_LIMITS how much is enough, "
        "such as day=50, or take SEGUE_OPEN away and invite people."
    )


def _no_prices(settings: Settings) -> str | None:
    shares = (settings.member_limits, settings.studio_limits)
    if all(share.month is None for share in shares):
        return None
    free = [name for name in _paid(settings) if not settings.prices.get(name)]
    if settings.prices and not free:
        return None
    whose = f" for {free[0]}" if free else ""
    return f"a limit of money a month guards nothing{whose} without a price in SEGUE_PRICES: say what runs cost."


def _paid(settings: Settings) -> list[str]:
    """The players whose runs cost money."""
    keys = {"chainhub": settings.chainhub_key, "replicate": settings.replicate_key}
    return [name for name, key in keys.items() if key]


def _half_a_key(settings: Settings) -> str | None:
    if (settings.s3_key_id is None) is (settings.s3_secret is None):
        return None
    return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: set both, or neither."
