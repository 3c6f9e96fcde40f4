"""Backups from a terminal: taken while the studio runs, and brought back where nothing is yet."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import click
from flask.cli import with_appcontext

from segue import backups, logs, restoring
from segue.backups import Taken
from segue.errors import SegueError
from segue.parts import parts

STDOUT = Path("-")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup(file: Path) -> None:
    """Put the whole studio into FILE, a tar for your eyes only, while it runs; or write it to standard output, as -.

    FILE is there when it is whole, and not before. Whoever has it has the studio: its clips, the digests of its
    passwords and its secret key.
    """
    here = parts()
    if file == STDOUT and sys.stdout.isatty():
        raise click.BadParameter("a terminal cannot keep it; send it on with > or |.", param_hint="'FILE'")
    click.echo(f"A backup of {here.database.place}, with the files in {here.media.place}.", err=True)
    try:
        with logs.hushed(), _whole(file) as out:
            taken = backups.take(here.database, here.media, here.settings.key_file, out)
    except OSError as error:
        raise click.ClickException(f"{file} could not be written: {error.strerror or error}.") from error
    except SegueError as error:
        raise click.ClickException(f"There is no backup. {error.message}") from error
    click.echo(f"{_count(taken.clips, 'clip')} and {_count(taken.files, 'file')} are in {file}.", err=True)
    _tell_of_losses(taken)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@with_appcontext
def restore(file: Path) -> None:
    """Bring back what is in FILE, a backup, into a studio in which nothing is yet; another database and other media
    are fine. Start the studio afterwards."""
    here = parts()
    try:
        with logs.hushed():
            back = restoring.restore(here.database, here.media, here.settings.key_file, file)
    except SegueError as error:
        raise click.ClickException(error.message) from error
    click.echo(
        f"{_count(back.clips, 'clip')}, {_count(back.members, 'member')} and {_count(back.files, 'file')} are back."
    )
    if back.ended:
        click.echo(
            f"{_count(back.ended, 'clip')} had been in the making and ended; their pages say so, and have Retry."
        )


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """What is written becomes `file` in one step when all of it is there; nothing stays of it otherwise."""
    if file == STDOUT:
        yield sys.stdout.buffer
        return
    # Whoever stops it leaves nothing behind, either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}.", suffix=".part", delete=False) as out:
        draft = Path(out.name)
        try:
            yield cast(BinaryIO, out)
            out.flush()
            os.fsync(out.fileno())
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)


def _tell_of_losses(taken: Taken) -> None:
    if taken.missing:
        click.echo(f"{_count(len(taken.missing), 'file')} that should be there could not be read.", err=True)
    if taken.damaged:
        click.echo(f"{_count(len(taken.damaged), 'file')} in it had been damaged before.", err=True)
    if taken.missing or taken.damaged:
        click.echo("`check` says which.", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
