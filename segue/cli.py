"""Commands for those who run the studio: `flask --app app NAME`."""

from __future__ import annotations

import click
from flask import Flask

from segue.parts import parts


def register(app: Flask) -> None:
    """Give `app` its commands."""
    app.cli.add_command(worker)


@click.command()
def worker() -> None:
    """Run the queue's worker alone, without a web server."""
    here = parts()
    here.clips.resume()
    click.echo("Working. Ctrl-C stops.")
    here.jobs.alone().run()
