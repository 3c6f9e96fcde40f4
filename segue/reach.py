"""Reach: who can get to the studio, by which way, and what keeps the others out; in words, for the doctor."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from segue.config import Settings
from segue.dangers import beyond_this_machine
from segue.findings import Finding, Mark
from segue.logs import SHORT, short
from segue.naming import any_address, is_loopback, own
from segue.parts import Parts


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at what the settings say about it, at the data folder, and at the file that holds the keys."""
    yield _address(settings)
    yield _hosts(settings)
    yield _proxies(settings)
    if settings.metrics_token:
        yield Finding(Mark.OK, "metrics", "Whoever has the token finds them at /metrics.")
    yield from _short(settings)
    yield _data(settings)
    if not settings.own_keys:
        yield _keys(settings)


def members(here: Parts) -> Finding:
    """Look at who signs in."""
    settings = here.settings
    if settings.user_header:
        return Finding(
            Mark.OK,
            "members",
            f"Your web server says who they are, in {settings.user_header}. Have it set that header on every request.",
        )
    if count := len(here.members.everybody()):
        return Finding(Mark.OK, "members", f"There {'is 1' if count == 1 else f'are {count}'}; everybody signs in.")
    if settings.open:
        return Finding(Mark.NOTE, "members", "There are none, and SEGUE_OPEN lets in whoever reaches the studio.")
    if settings.public_url or settings.proxies or not is_loopback(settings.host):
        return Finding(
            Mark.NOTE, "members", "There are none, so nobody comes in from elsewhere. Invite yourself: member invite."
        )
    return Finding(Mark.OK, "members", "There are none: whoever sits at this machine comes in, and nobody else.")


def _address(settings: Settings) -> Finding:
    address = settings.public_url
    if address is None:
        if is_loopback(settings.host):
            return Finding(Mark.OK, "address", "Only this machine reaches it.")
        return Finding(Mark.NOTE, "address", "It is reached from elsewhere. Say how people know it: SEGUE_PUBLIC_URL.")
    if beyond_this_machine(address) and not settings.https:
        return Finding(
            Mark.NOTE, "address", f"People come to {address}: without https, passwords can be read on the way."
        )
    return Finding(Mark.OK, "address", f"People come to {address}.")


def _hosts(settings: Settings) -> Finding:
    names = ", ".join(sorted(own(settings)))
    more = " and any numeric address" if any_address(settings) else ""
    return Finding(Mark.OK, "hosts", f"It answers to {names}{more}, and to this machine's names for itself.")


def _proxies(settings: Settings) -> Finding:
    if count := settings.proxies:
        servers = "the web server" if count == 1 else f"the {count} web servers"
        if not is_loopback(settings.host):
            return Finding(
                Mark.NOTE,
                "proxies",
                f"It believes {servers} in front of it about who asks, and whoever else reaches it at {settings.host}: "
                "see to it that nobody does.",
            )
        return Finding(Mark.OK, "proxies", f"It believes {servers} in front of it about who asks.")
    if settings.fronted:
        return Finding(
            Mark.TROUBLE,
            "proxies",
            f"People come to {settings.public_url}, so a web server of yours is in front, and it is not believed about "
            "who asks: all count as one, also when somebody guesses passwords. Set SEGUE_PROXIES=1.",
        )
    if settings.public_url and beyond_this_machine(settings.public_url):
        return Finding(
            Mark.NOTE,
            "proxies",
            "It believes nobody about who asks. If a web server of yours is in front, set SEGUE_PROXIES=1, or all who "
            "come through it count as one, who may pass for whoever sits at this machine.",
        )
    return Finding(Mark.OK, "proxies", "None is in front, or none is believed.")


def _short(settings: Settings) -> Iterator[Finding]:
    for name, word in sorted({(name, short(name, each)) for name, each in settings.secrets if len(each) < SHORT}):
        left_out = "only where it is a word of its own" if word else "wherever it stands, in other words too"
        yield Finding(
            Mark.NOTE,
            "secrets",
            f"What {name} keeps secret has fewer than {SHORT} characters: it is soon guessed, and the log leaves it "
            f"out {left_out}.",
        )


def _data(settings: Settings) -> Finding:
    folder = settings.data.absolute()
    if stat.S_IMODE(folder.stat().st_mode) & stat.S_IRWXO:
        return Finding(Mark.TROUBLE, "data", f"Everybody on this machine can get into {folder}: chmod 700 it.")
    return Finding(Mark.OK, "data", f"Not everybody on this machine gets into {folder}.")


def _keys(settings: Settings) -> Finding:
    path = settings.key_file
    settings.secret_keys()
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding(
            Mark.TROUBLE,
            "keys",
            f"Others on this machine can read {path}: chmod 600 it, then have it changed: rotate-key --forget.",
        )
    return Finding(Mark.OK, "keys", f"They are in {path}, for its owner only.")
