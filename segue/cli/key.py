"""The keys that sign cookies and forms, from a terminal."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from segue import keys
from segue.parts import parts

FORGOTTEN = "Everybody signs in again: what older keys signed is believed no more."
SIGNED_IN = "Nobody is signed out: what the old key signed is believed for sixty days more."


@click.command()
@click.option("--forget", is_flag=True, help="Believe no older key any more: everybody signs in again.")
@with_appcontext
def rotate_key(forget: bool) -> None:
    """Sign cookies and forms with a new key from the next start on; nobody is signed out.

    Where somebody may have seen the old one, --forget it. Every running process goes on with the old one until it is
    started again.
    """
    settings = parts().settings
    if settings.own_keys:
        where = "in its place" if forget else "before it, with a space between,"
        click.echo(f"The key is given in SEGUE_SECRET_KEY. Put this one {where} and restart.")
        if not forget:
            click.echo("Where several web servers have it, put it behind the old one first, and restart them all.")
        click.echo(keys.fresh())
        return
    try:
        keys.rotate(settings.key_file, forget=forget)
    except OSError as error:
        raise click.ClickException(f"{settings.key_file} cannot be written: {error.strerror}.") from error
    click.echo(f"A new key is in {settings.key_file}. {FORGOTTEN if forget else SIGNED_IN}")
    click.echo("Restart the studio, and its workers, to have it used.")
