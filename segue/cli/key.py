"""The keys that sign cookies and forms, from a terminal."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from segue import keys
from segue.parts import parts

SIGNED_IN = "Nobody is signed out: what the old key signed is believed for sixty days more."


@click.command()
@with_appcontext
def rotate_key() -> None:
    """Sign cookies and forms with a new key from the next start on; nobody is signed out.

    Do it when the old one may have been seen by somebody. Every running process goes on with the old one until it is
    started again.
    """
    settings = parts().settings
    if settings.own_keys:
        click.echo("The key is given in SEGUE_SECRET_KEY. Put this one before it, with a space between, and restart:")
        click.echo(keys.fresh())
        return
    try:
        keys.rotate(settings.key_file)
    except OSError as error:
        raise click.ClickException(f"{settings.key_file} cannot be written: {error.strerror}.") from error
    click.echo(f"A new key is in {settings.key_file}. {SIGNED_IN}")
    click.echo("Restart the studio, and its workers, to have it used.")
