"""The doctor, from a terminal."""

from __future__ import annotations

import sys
from contextlib import nullcontext

import click
from flask.cli import with_appcontext

from segue import doctor as checks
from segue import logs
from segue.cli.making import chosen, make
from segue.findings import Finding, Mark
from segue.models import State
from segue.parts import Parts, parts
from segue.recipe import SEED_DEFAULT, Recipe, tidy

NEEDED = {"database", "queue", "media"}
"""What a clip is not made without, whoever plays it."""


@click.command()
@click.option("--blend", "name", metavar="PLAYER", help="Then make one real clip with that player. It may cost money.")
@click.option("-v", "--verbose", is_flag=True, help="Show the log as well.")
@with_appcontext
def doctor(name: str | None, verbose: bool) -> None:
    """Check everything that a clip needs, and say what is wrong in words.

    Each line begins with ok, note (worth knowing) or trouble. The exit code is 0 when all is well, 1 when something
    is not.
    """
    here = parts()
    if name is not None:
        chosen(here, name, "--blend")
    with nullcontext() if verbose else logs.hushed():
        troubles = {finding.about for finding in checks.examine(here) if _tell(finding)}
        if name is not None and _tell(_trial(here, name, troubles)):
            troubles.add("blend")
    sys.exit(1 if troubles else 0)


def _tell(finding: Finding) -> bool:
    """Say it; whether it is trouble."""
    click.echo(f"{finding.mark:<8} {finding.about}: {tidy(finding.words)}")
    return finding.mark is Mark.TROUBLE


def _trial(here: Parts, name: str, troubles: set[str]) -> Finding:
    if lacking := sorted(troubles & NEEDED):
        return Finding(Mark.TROUBLE, "blend", f"No clip was made: see to the {' and the '.join(lacking)} first.")
    provider = here.providers[name]
    capabilities = provider.capabilities
    if capabilities.costs:
        _tell(Finding(Mark.NOTE, "blend", f"{provider.title} now makes one real clip, which may cost money."))
    seed = SEED_DEFAULT if SEED_DEFAULT in capabilities.seeds else capabilities.seeds[0]
    clip = make(here, Recipe("funky synth solo", "90's rap", seed_image_id=seed, provider=name))
    if clip.state is State.SUCCEEDED and clip.audio and clip.finished_at:
        seconds = clip.finished_at - clip.created_at
        return Finding(
            Mark.OK, "blend", f"{provider.title} made a clip in {seconds:.1f} s: {here.media.where(clip.audio)}"
        )
    return Finding(Mark.TROUBLE, "blend", clip.error or "The clip was canceled from elsewhere.")
