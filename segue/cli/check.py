"""Looking through everything that is kept, from a terminal."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from segue import logs
from segue.errors import MediaError
from segue.inventory import Inventory
from segue.parts import parts
from segue.recipe import tidy


@click.command()
@click.option("--mend", is_flag=True, help="Remove orphans, draw pictures again, mark what cannot be mended.")
@with_appcontext
def check(mend: bool) -> None:
    """Look whether every kept file is there and as it was, and whether there are files that nothing names.

    The studio may go on running. The exit code is 0 when all is well, or was mended, 1 when something is not, and 2
    when the files are not to be had at all.
    """
    here, found, left = parts(), 0, 0
    click.echo(f"Looking at {here.database.place}, and at the files in {here.media.place}.", err=True)
    try:
        with logs.hushed():
            for flaw in Inventory(here.database, here.media, mend=mend).look():
                found += 1
                left += not flaw.mended
                click.echo(f"{flaw.wrong:<8} {flaw.where}: {tidy(flaw.words)}")
    except MediaError as error:
        click.echo(error.message, err=True)
        sys.exit(2)
    click.echo("Everything is there, and as it was." if not found else f"{found} found, {left} left to see to.")
    sys.exit(1 if left else 0)
