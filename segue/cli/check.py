"""Looking through everything that is kept, from a terminal."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from segue import belonging, logs
from segue.errors import SegueError, cause
from segue.inventory import Inventory
from segue.parts import parts
from segue.recipe import tidy


@click.command()
@click.option("--mend", is_flag=True, help="Remove orphans, draw pictures again, mark what cannot be mended.")
@click.option("--take-over", is_flag=True, help="Have the files go with this database, whosever they were.")
@with_appcontext
def check(mend: bool, take_over: bool) -> None:
    """Look whether every kept file is there and as it was, and whether there are files that nothing names.

    The studio may go on running. The exit code is 0 when all is well, or was mended, 1 when something is not, and 2
    when the files are not to be had at all, or are another studio's.
    """
    here, found, left = parts(), 0, 0
    click.echo(f"Looking at {here.database.place}, and at the files in {here.media.place}.", err=True)
    try:
        with logs.hushed():
            if take_over:
                belonging.take_over(here.database, here.media)
            for flaw in Inventory(here.database, here.media, mend=mend).look():
                found += 1
                left += not flaw.mended
                click.echo(f"{flaw.wrong:<8} {flaw.where}: {tidy(flaw.words)}")
    except SegueError as error:
        click.echo(error.message, err=True)
        sys.exit(2)
    except SQLAlchemyError as error:
        click.echo(f"The database cannot be used: {cause(error)}.", err=True)
        sys.exit(2)
    click.echo("Everything is there, and as it was." if not found else f"{found} found, {left} left to see to.")
    sys.exit(1 if left else 0)
