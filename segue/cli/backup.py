"""Backups from a terminal: taken while the studio runs, and brought back where nothing is yet."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from segue import backups, logs, restoring
from segue.backups import Taken
from segue.errors import SegueError, cause
from segue.parts import parts

STDIO = Path("-")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup(file: Path) -> None:
    """Put the whole studio into FILE, a tar for your eyes only, while it runs; or write it to standard output, as -.

    FILE is there when it is whole, and not before. Where files of clips are missing or damaged, the rest goes into
    FILE.incomplete, FILE stays as it was, and the exit code is 1. Whoever has it has the studio: its clips, the digests
    of its passwords and its secret key.
    """
    here = parts()
    if file == STDIO and sys.stdout.isatty():
        raise click.BadParameter("a terminal cannot keep it; send it on with > or |.", param_hint="'FILE'")
    click.echo(f"A backup of {here.database.place}, with the files in {here.media.place}.", err=True)
    try:
        with logs.hushed(), _draft(file) as draft:
            taken = backups.take(here.database, here.media, here.settings.key_file, draft.out)
            file = draft.keep(file if taken.whole else file.with_name(f"{file.name}.incomplete"))
    except OSError as error:
        raise click.ClickException(f"{file} could not be written: {error.strerror or error}.") from error
    except SegueError as error:
        raise click.ClickException(f"There is no backup. {error.message}") from error
    except SQLAlchemyError as error:
        raise click.ClickException(f"There is no backup. The database cannot be used: {cause(error)}.") from error
    where = "went to standard output" if file == STDIO else f"are in {file}"
    click.echo(f"{_count(taken.clips, 'clip')} and {_count(taken.files, 'file')} {where}.", err=True)
    if not taken.whole:
        _tell_of_losses(taken)
        sys.exit(1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True))
@click.option("--take-over", is_flag=True, help="Into another studio's place for files; it notices.")
@with_appcontext
def restore(file: Path, take_over: bool) -> None:
    """Bring back what is in FILE, a backup, into a studio in which nothing is yet; or what standard input has, as -.

    Another database and other media are fine. Start the studio afterwards.
    """
    here = parts()
    if file == STDIO and sys.stdin.isatty():
        raise click.BadParameter("a terminal has no backup; send it in with < or |.", param_hint="'FILE'")
    click.echo(f"Restoring into {here.database.place}, with the files in {here.media.place}.", err=True)
    try:
        with logs.hushed(), _given(file, here.settings.data) as path:
            secret = None if here.settings.own_keys else here.settings.key_file
            back = restoring.restore(here.database, here.media, secret, path, take_over=take_over)
    except OSError as error:
        raise click.ClickException(f"{error.filename or file} cannot be used: {error.strerror or error}.") from error
    except SegueError as error:
        raise click.ClickException(error.message) from error
    except SQLAlchemyError as error:
        raise click.ClickException(f"Nothing was restored. The database cannot be used: {cause(error)}.") from error
    click.echo(
        f"{_count(back.clips, 'clip')}, {_count(back.members, 'member')} and {_count(back.files, 'file')} are back."
    )
    if back.ended:
        click.echo(
            f"{_count(back.ended, 'clip')} had been in the making and ended; their pages say so, and have Retry."
        )


@contextmanager
def _given(file: Path, folder: Path) -> Iterator[Path]:
    """`file`, or what standard input has as a file in `folder`: it is read more than once."""
    if file != STDIO:
        yield file
        return
    with tempfile.NamedTemporaryFile(dir=folder) as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)


class Draft:
    """What is written before anybody knows that it is whole; it has no path where it is standard output."""

    def __init__(self, out: BinaryIO, path: Path | None = None) -> None:
        self.out = out
        self._path = path

    def keep(self, file: Path) -> Path:
        """Make it `file`, in one step; returns where it is."""
        if self._path is None:
            return STDIO
        self.out.flush()
        os.fsync(self.out.fileno())
        return self._path.replace(file)


@contextmanager
def _draft(file: Path) -> Iterator[Draft]:
    """A draft beside `file`; nothing stays of it unless it is kept."""
    if file == STDIO:
        yield Draft(sys.stdout.buffer)
        return
    # Whoever stops it, or closes its terminal, leaves nothing behind, either; under nohup it goes on.
    for ends in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ends) is not signal.SIG_IGN:
            signal.signal(ends, lambda number, _: sys.exit(128 + number))
    _clear_away(file)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}.", suffix=".part", delete=False) as out:
        path = Path(out.name)
        _lock(out.fileno())
        try:
            yield Draft(cast(BinaryIO, out), path)
        finally:
            path.unlink(missing_ok=True)


def _clear_away(file: Path) -> None:
    """Remove drafts of `file` that were left by a program that was killed: nobody holds a lock on them any more."""
    own = re.compile(rf"{re.escape(file.name)}\.[a-z0-9_]{{8}}\.part")
    for path in file.parent.iterdir():
        if own.fullmatch(path.name):
            with suppress(OSError), path.open("rb") as draft:
                if _lock(draft.fileno()):
                    path.unlink()


def _lock(handle: int) -> bool:
    """Whether an open file is this program's alone, for as long as it is open."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        # Somebody else's, or on a disk that knows no locks.
        return False
    return True


def _tell_of_losses(taken: Taken) -> None:
    if taken.missing:
        click.echo(f"{_count(len(taken.missing), 'file')} that should be there could not be read.", err=True)
    if taken.damaged:
        click.echo(f"{_count(len(taken.damaged), 'file')} in it had been damaged before.", err=True)
    click.echo("`check` says which.", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
