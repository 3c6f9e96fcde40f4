"""Making a clip from a terminal: asked for, waited for, and canceled by Ctrl-C."""

from __future__ import annotations

import secrets
import sys

import click

from segue.cli import progress
from segue.cli.drive import Drive
from segue.models import Clip, State
from segue.parts import Parts
from segue.providers.base import Provider
from segue.recipe import Recipe

INTERRUPTED = 130
"""What a shell expects of a program that ended by Ctrl-C."""


def chosen(here: Parts, name: str, option: str) -> Provider:
    """The provider of that name, or the end of the command, which names those there are."""
    if name not in here.providers:
        raise click.BadParameter(
            f"{name!r} is not set up here; there is: {', '.join(here.providers)}.", param_hint=repr(option)
        )
    return here.providers[name]


def make(here: Parts, recipe: Recipe) -> Clip:
    """A clip of this recipe that is over, well or not. Ctrl-C cancels it and ends the program."""
    clip = here.clips.submit(recipe, token=secrets.token_urlsafe(16))
    drive = Drive(here.clips, clip.id)
    drive.start()
    try:
        with progress.shown() as show:
            for standing in drive.watch():
                show(standing)
    except KeyboardInterrupt:
        click.echo("Canceling …", err=True)
        here.clips.cancel(clip.id)
        here.clips.call_off(clip.id)
        drive.join()
        click.echo(_last_words(here, _found(here, clip.id)), err=True)
        sys.exit(INTERRUPTED)
    drive.join()
    return _found(here, clip.id)


def _found(here: Parts, clip_id: str) -> Clip:
    clip = here.clips.find(clip_id)
    assert clip is not None
    return clip


def _last_words(here: Parts, clip: Clip) -> str:
    if clip.state is not State.CANCELED:
        return "It was over before it could be canceled."
    provider = here.providers[clip.provider]
    if clip.submitted_at and provider.capabilities.costs and not provider.capabilities.cancel:
        return f"Canceled. {provider.title} may finish the run, and charge for it, all the same."
    return "Canceled."
