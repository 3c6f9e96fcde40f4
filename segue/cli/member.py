"""Members from a terminal: above all the first one, before anybody can sign in."""

from __future__ import annotations

from shlex import quote
from socket import gethostname

import click
from flask.cli import with_appcontext

from segue.errors import InvalidMember
from segue.models import Member, Role
from segue.parts import Parts, parts


@click.group()
def member() -> None:
    """Invite people, give them a new link, show them out."""


@member.command()
@click.argument("name")
@click.option("--owner", is_flag=True, help="May look after the others, too. The first one always may.")
@with_appcontext
def invite(name: str, owner: bool) -> None:
    """Print a link with which NAME chooses a password, once, within seven days."""
    here = parts()
    try:
        token = here.members.invite(name, Role.OWNER if owner else Role.MEMBER)
    except InvalidMember as error:
        known = here.members.named(name)
        hint = f" `member reset {quote(name)}` prints one." if known else ""
        raise click.ClickException(error.message + hint) from error
    if here.settings.user_header:
        click.echo(f"{name} may come in through the web server in front.")
    else:
        click.echo(_link(here, token))


@member.command()
@click.argument("name")
@with_appcontext
def reset(name: str) -> None:
    """Print a new link for NAME; the old password ends, and every browser is signed out."""
    here = parts()
    token = here.members.reset(_named(here, name).id)
    assert token is not None
    click.echo(_link(here, token))


@member.command()
@click.argument("name")
@with_appcontext
def remove(name: str) -> None:
    """Show NAME out at once; what they made stays."""
    here = parts()
    try:
        here.members.remove(_named(here, name).id)
    except InvalidMember as error:
        raise click.ClickException(error.message) from error


@member.command(name="list")
@with_appcontext
def everybody() -> None:
    """Print who is here: role, name, and whether they have come in yet."""
    here = parts()
    everyone = here.members.everybody()
    if not everyone:
        click.echo("Nobody yet.", err=True)
    for one in everyone:
        click.echo(f"{one.role}\t{one.name}{'' if one.comes or here.settings.user_header else '  (invited)'}")


def _named(here: Parts, name: str) -> Member:
    found = here.members.named(name)
    if found is None:
        raise click.ClickException(f"Nobody here is called {name}.")
    return found


def _link(here: Parts, token: str) -> str:
    settings = here.settings
    # Where it listens to all, the others come by the machine's name.
    host = gethostname() if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    return f"{settings.public_url or f'http://{host}:{settings.port}'}/invitations/{token}"
