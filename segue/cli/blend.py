"""A clip from a terminal, for scripts: standard output carries nothing but where it is, or the clip itself."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from segue import logs, recipe
from segue.cli.destination import AUDIO, PICTURES, Destination, NotWritten
from segue.cli.making import chosen, make
from segue.errors import InvalidRecipe, LimitReached, MediaError
from segue.models import Clip, State
from segue.parts import Parts, parts
from segue.recipe import Recipe

STDOUT = Path("-")
OPTIONS = {
    "prompt_a": "PROMPT_A",
    "prompt_b": "PROMPT_B",
    "seed_image_id": "--seed",
    "num_inference_steps": "--steps",
}
"""What a recipe's field is called here, unless it is called the same."""


@click.command()
@click.argument("prompt_a")
@click.argument("prompt_b", default="")
@click.option("--alpha", type=float, default=recipe.ALPHA_DEFAULT, show_default=True, help="0 is all A, 1 is all B.")
@click.option("--seed", "seed_image_id", default=recipe.SEED_DEFAULT, show_default=True, help="Where it starts from.")
@click.option(
    "--denoising", type=float, default=recipe.DENOISING_DEFAULT, show_default=True, help="How far from there."
)
@click.option("--steps", "num_inference_steps", type=int, default=recipe.STEPS_DEFAULT, show_default=True)
@click.option("--provider", help="Who plays.  [default: as on the form]")
@click.option("--take", type=int, help="Repeats a run, where the player can.")
@click.option("--out", type=click.Path(path_type=Path), help=f"Where to: a file ending in {', '.join(AUDIO)}; or -.")
@click.option("--picture", type=click.Path(path_type=Path), help="Where to put its spectrogram, too.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("-v", "--verbose", is_flag=True, help="Show the log as well.")
@with_appcontext
def blend(out: Path | None, picture: Path | None, force: bool, verbose: bool, **fields: Any) -> None:
    """Make a clip of one prompt or two.

    Prints where it is: the file given as --out, or else the one that the studio keeps. The exit code is 0 when it was
    made, 1 when it was not, 2 when it could not be asked for, 130 when Ctrl-C canceled it.
    """
    here = parts()
    fields["provider"] = fields["provider"] or here.preferred
    audio = None if out in (None, STDOUT) else Destination(out, "--out", AUDIO, force)
    drawing = None if picture is None else Destination(picture, "--picture", PICTURES, force)
    for destination in filter(None, (audio, drawing)):
        destination.check()
    if out == STDOUT and sys.stdout.isatty():
        raise click.BadParameter("a terminal cannot play it; send it on with > or |.", param_hint="'--out'")
    try:
        wanted = Recipe(**fields)
        with nullcontext() if verbose else logs.hushed():
            _check(here, wanted)
            clip = make(here, wanted)
    except InvalidRecipe as error:
        raise _refusal(error.field, error.message) from error
    except LimitReached as error:
        click.echo(error.message, err=True)
        sys.exit(2)
    if clip.state is not State.SUCCEEDED:
        _end(clip.error or "The clip was canceled from elsewhere.")
    if clip.heard:
        click.echo(f"Heard: {clip.heard}", err=True)
    try:
        _deliver(here, clip, out, audio, drawing)
    except (NotWritten, MediaError) as error:
        _end(error.message)


def _check(here: Parts, wanted: Recipe) -> None:
    """End the command where that recipe's provider cannot make it."""
    provider = chosen(here, wanted.provider, "--provider")
    if wanted.seed_image_id not in provider.capabilities.seeds:
        seeds = ", ".join(provider.capabilities.seeds)
        raise _refusal("seed_image_id", f"{provider.title} has no {wanted.seed_image_id}; there is: {seeds}.")
    if wanted.take is not None and not provider.capabilities.takes:
        raise _refusal("take", f"{provider.title} draws its own takes; leave it out.")


def _refusal(field: str, message: str) -> click.BadParameter:
    return click.BadParameter(message, param_hint=repr(OPTIONS.get(field, f"--{field}")))


def _deliver(here: Parts, clip: Clip, out: Path | None, audio: Destination | None, drawing: Destination | None) -> None:
    from segue.audio.files import converted_audio, converted_picture

    assert clip.audio
    assert clip.spectrogram
    if drawing:
        with here.media.local(clip.spectrogram) as picture:
            drawing.write(picture, here.media.where(clip.spectrogram), converted_picture)
    if out is None:
        click.echo(here.media.where(clip.audio))
        return
    with here.media.local(clip.audio) as sound:
        if audio:
            audio.write(sound, here.media.where(clip.audio), converted_audio)
            click.echo(out)
        else:
            sys.stdout.buffer.write(sound.read_bytes())


def _end(words: str) -> None:
    click.echo(words, err=True)
    sys.exit(1)
