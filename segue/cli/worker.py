"""The queue's worker as a program of its own."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from segue.parts import parts

WORKERS = 4
"""Threads, where the settings say that the web server has none."""


@click.command()
@with_appcontext
def worker() -> None:
    """Run the queue's worker alone, without a web server; on as many machines as there are."""
    here = parts()
    here.clips.resume()
    click.echo("Working. Ctrl-C stops.")
    here.jobs.alone(here.settings.workers or WORKERS).run()
