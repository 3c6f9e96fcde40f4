"""How a clip comes along, on standard error: a bar where somebody watches, else a line for each change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from segue.clips import Standing
from segue.models import STAGES

Show = Callable[[Standing], None]

LABEL_WIDTH = max(map(len, STAGES.values()))


@contextmanager
def shown() -> Iterator[Show]:
    """A function that shows how a clip stands."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    with click.progressbar(length=100, file=sys.stderr, show_eta=False, label=" " * LABEL_WIDTH) as bar:

        def show(standing: Standing) -> None:
            # Bars of one width, so that a shorter label leaves nothing of a longer one behind.
            bar.label = STAGES[standing.state].ljust(LABEL_WIDTH)
            bar.update((standing.progress or 0) - bar.pos)
            bar.render_progress()

        yield show


def _lines() -> Show:
    told = ""

    def show(standing: Standing) -> None:
        nonlocal told
        line = " ".join(filter(None, (f"{STAGES[standing.state]}.", standing.note)))
        if line != told:
            told = line
            click.echo(line, err=True)

    return show
