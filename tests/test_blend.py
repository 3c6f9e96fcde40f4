"""A clip from a terminal: made, written, failed, canceled; and standard output that scripts can trust."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import Result
from flask import Flask
from PIL import Image
from sqlalchemy import select

from segue import create_app
from segue.config import Settings
from segue.models import Clip, State
from tests import terminal
from tests.servers import behaviours, life
from tests.servers.upstream import Upstream
from tests.servers.wire import Exchange
from tests.serving import PATIENCE, Serving
from tests.terminal import settings_for


@pytest.fixture
def hosted(tmp_path: Path, upstream: Upstream) -> Iterator[Flask]:
    """A studio in front of a gateway."""
    app = create_app(Settings.load({"SEGUE_DATA": str(tmp_path / "data"), **settings_for(upstream)}))
    yield app
    app.extensions["segue"].database.close()


def _blend(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=["blend", *map(str, words)])


def _clips(app: Flask) -> list[Clip]:
    with app.extensions["segue"].database.read() as session:
        return list(session.scalars(select(Clip)))


def _refused(app: Flask, result: Result, *words: str) -> None:
    """It ended before anything was submitted."""
    assert result.exit_code == 2
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr
    assert _clips(app) == []


def _until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- Made


def test_the_band_plays_and_the_kept_file_is_named(app: Flask) -> None:
    result = _blend(app, "funky synth solo", "90's rap", "--take", 7, "--alpha", 0.3, "--seed", "og_beat")
    assert result.exit_code == 0
    kept = Path(result.stdout.removesuffix("\n"))
    assert kept.is_absolute()
    assert soundfile.info(kept).frames > 0
    (clip,) = _clips(app)
    assert (clip.prompt_a, clip.prompt_b, clip.alpha) == ("funky synth solo", "90's rap", 0.3)
    assert (clip.seed_image_id, clip.take, clip.provider) == ("og_beat", 7, "sketch")
    assert result.stderr.splitlines()[-2:] == ["Ready to play.", f"Heard: {clip.heard}"]


def test_a_hosted_run_is_followed_to_its_end_and_copied_byte_for_byte(
    tmp_path: Path, hosted: Flask, upstream: Upstream
) -> None:
    out = tmp_path / "clip.WAV"
    result = _blend(hosted, "bells", "--denoising", 0.6, "--steps", 40, "--out", out, "--picture", tmp_path / "s.png")
    assert result.exit_code == 0
    assert result.stdout == f"{out}\n"
    assert out.read_bytes() == upstream.files.media.audio
    assert (tmp_path / "s.png").read_bytes() == upstream.files.media.spectrogram
    (run,) = upstream.gateway.creates
    assert (run.input["prompt_b"], run.input["denoising"], run.input["num_inference_steps"]) == ("", 0.6, 40)
    lines = result.stderr.splitlines()
    assert lines == list(dict.fromkeys(lines)), "a line for each change, and no more"
    assert len(lines) >= 3


def test_a_stumble_on_the_way_is_told_of(hosted: Flask, upstream: Upstream) -> None:
    upstream.gateway.on_get(behaviours.answer(500), times=1)
    result = _blend(hosted, "bells")
    assert result.exit_code == 0
    assert "Trying again by itself." in result.stderr


@pytest.mark.parametrize(("extension", "format_"), [("wav", "WAV"), ("flac", "FLAC"), ("ogg", "OGG"), ("mp3", "MP3")])
def test_each_extension_is_written_in_its_format(app: Flask, tmp_path: Path, extension: str, format_: str) -> None:
    out = tmp_path / f"clip.{extension}"
    assert _blend(app, "bells", "--out", out).exit_code == 0
    (clip,) = _clips(app)
    kept, _ = soundfile.read(app.extensions["segue"].media.path(clip.audio))
    assert soundfile.info(out).format == format_
    sound, rate = soundfile.read(out)
    assert (rate, sound.shape[1]) == (44_100, kept.shape[1])
    assert len(sound) == pytest.approx(len(kept), abs=3 * 1152)
    if extension in ("wav", "flac"):
        assert np.array_equal(sound, kept)
    else:
        assert np.sqrt(np.mean(sound**2)) == pytest.approx(np.sqrt(np.mean(kept**2)), rel=0.1)


def test_a_picture_is_written_in_the_format_of_its_extension(app: Flask, tmp_path: Path) -> None:
    assert _blend(app, "bells", "--picture", tmp_path / "s.webp").exit_code == 0
    with Image.open(tmp_path / "s.webp") as picture:
        assert picture.format == "WEBP"


def test_standard_output_can_be_the_clip_itself(app: Flask) -> None:
    result = _blend(app, "bells", "--out", "-")
    assert result.exit_code == 0
    (clip,) = _clips(app)
    assert result.stdout_bytes == app.extensions["segue"].media.path(clip.audio).read_bytes()


def test_nothing_is_left_beside_the_file(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    umask = os.umask(0o022)
    try:
        assert _blend(app, "bells", "--out", folder / "clip.flac").exit_code == 0
    finally:
        os.umask(umask)
    assert [path.name for path in folder.iterdir()] == ["clip.flac"]
    assert (folder / "clip.flac").stat().st_mode & 0o777 == 0o644


# --- Not made


def test_a_failure_is_told_in_the_clips_own_words(hosted: Flask, upstream: Upstream, tmp_path: Path) -> None:
    upstream.gateway.script = life.failed("no drums today")
    result = _blend(hosted, "bells", "--out", tmp_path / "clip.wav")
    assert result.exit_code == 1
    (clip,) = _clips(hosted)
    assert result.stderr.splitlines()[-1] == clip.error
    assert "no drums today" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "clip.wav").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("bells", "--alpha", 1.5), "--alpha"),
        (("bells", "--alpha", "loud"), "--alpha"),
        (("bells", "--alpha", "nan"), "--alpha"),
        (("bells", "--denoising", -1), "--denoising"),
        (("bells", "--steps", 0), "--steps"),
        (("bells", "--take", -1), "--take"),
        (("bells", "--seed", "polka"), "og_beat, agile"),
        (("bells", "--provider", "nobody"), "sketch"),
        ((" ",), "PROMPT_A"),
        (("x" * 501,), "PROMPT_A"),
        (("bells", "x" * 501), "PROMPT_B"),
        ((), "PROMPT_A"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(app: Flask, words: tuple[object, ...], complaint: str) -> None:
    _refused(app, _blend(app, *words), complaint)


def test_a_blend_over_the_limit_is_refused_with_when_it_goes_on(tmp_path: Path) -> None:
    told = {"SEGUE_STUDIO_LIMITS": "month=0", "SEGUE_PRICES": "sketch=0.01"}
    app = create_app(Settings.load({"SEGUE_DATA": str(tmp_path / "data"), **told}))
    _refused(app, _blend(app, "bells"), "this month's $0.00", "It goes on in")
    app.extensions["segue"].database.close()


def test_a_take_is_refused_where_the_player_draws_its_own(hosted: Flask, upstream: Upstream) -> None:
    _refused(hosted, _blend(hosted, "bells", "--take", 7), "--take", "ChainHub")
    assert upstream.gateway.requests == []


@pytest.mark.parametrize(
    "place",
    ["clip.aiff", "clip", "nowhere/clip.wav", "file/clip.wav", "folder.wav", "/proc/clip.wav", "x" * 300 + ".wav"],
)
@pytest.mark.parametrize("option", ["--out", "--picture"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_paid_for(
    hosted: Flask, upstream: Upstream, tmp_path: Path, place: str, option: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "folder.png").mkdir()
    if option == "--picture":
        place = place.replace(".wav", ".png")
    _refused(hosted, _blend(hosted, "bells", option, tmp_path / place), option)
    assert upstream.gateway.requests == []


def test_an_extension_nobody_knows_is_refused_with_those_there_are(app: Flask) -> None:
    _refused(app, _blend(app, "bells", "--out", "clip.aiff"), ".wav, .flac, .ogg or .mp3")


def test_a_file_that_is_there_is_only_replaced_by_force(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "clip.wav"
    out.write_text("the only take")
    _refused(app, _blend(app, "bells", "--out", out), "--force")
    assert out.read_text() == "the only take"
    whoever_reads_it = tmp_path / "read"
    whoever_reads_it.hardlink_to(out)
    assert _blend(app, "bells", "--out", out, "--force").exit_code == 0
    assert soundfile.info(out).frames > 0
    assert whoever_reads_it.read_text() == "the only take", "it was replaced, not written over"


def test_a_file_that_appears_meanwhile_is_not_replaced_and_the_clip_not_lost(
    hosted: Flask, upstream: Upstream, tmp_path: Path
) -> None:
    out = tmp_path / "clip.wav"

    def meanwhile(exchange: Exchange) -> None:
        out.write_text("somebody else's")
        behaviours.honest(exchange)

    upstream.gateway.on_create(meanwhile)
    result = _blend(hosted, "bells", "--out", out)
    assert result.exit_code == 1
    assert out.read_text() == "somebody else's"
    assert Path(result.stderr.split()[-1]).read_bytes() == upstream.files.media.audio


# --- As people type it


def test_scripts_get_the_path_and_nothing_else(tmp_path: Path, upstream: Upstream) -> None:
    out = tmp_path / "clip.wav"
    for words in (("--out", str(out)), ("--out", str(out), "--force", "--verbose")):
        with terminal.running(tmp_path / "data", settings_for(upstream), "blend", "bells", *words) as process:
            stdout, stderr = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, stderr
        assert stdout == f"{out}\n".encode()
        assert (b"INFO segue" in stderr) is ("--verbose" in words)


def test_somebody_who_watches_sees_a_bar(tmp_path: Path, upstream: Upstream) -> None:
    watcher, side = os.openpty()
    shown = b""
    with terminal.running(tmp_path / "data", settings_for(upstream), "blend", "bells", stderr=side) as process:
        os.close(side)
        with suppress(OSError):  # how Linux tells that the other side is closed
            while piece := os.read(watcher, 65_536):
                shown += piece
        process.communicate(timeout=PATIENCE)
    os.close(watcher)
    assert process.returncode == 0
    assert b"#" in shown
    assert "44%" in shown.decode()
    assert "Ready to play" in shown.decode()


def test_a_studio_that_runs_beside_it_does_no_harm(tmp_path: Path, upstream: Upstream) -> None:
    settings = settings_for(upstream)
    with Serving(tmp_path / "data", **settings), ExitStack() as commands:
        words = [("blend", f"bells {n}") for n in range(3)]
        for process in [commands.enter_context(terminal.running(tmp_path / "data", settings, *each)) for each in words]:
            stdout, stderr = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, stderr
            assert Path(stdout.decode().strip()).read_bytes() == upstream.files.media.audio
    assert len(upstream.gateway.creates) == 3


def _interrupted(process: subprocess.Popen[bytes]) -> str:
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, stderr
    assert stdout == b""
    assert b"Traceback" not in stderr
    return stderr.decode()


def _left(data: Path) -> Clip:
    app = create_app(Settings.load({"SEGUE_DATA": str(data)}))
    (clip,) = _clips(app)
    app.extensions["segue"].database.close()
    return clip


def test_ctrl_c_cancels_the_clip_and_its_run(tmp_path: Path, replicate: Upstream) -> None:
    replicate.gateway.script = life.STUCK
    with terminal.running(tmp_path / "data", settings_for(replicate), "blend", "bells") as process:
        _until(lambda: replicate.gateway.gets)
        assert _interrupted(process).splitlines()[-1] == "Canceled."
    (run,) = replicate.gateway.creates
    assert run.canceled
    assert _left(tmp_path / "data").state is State.CANCELED


def test_ctrl_c_while_a_run_is_being_created_cancels_that_run(tmp_path: Path, replicate: Upstream) -> None:
    replicate.gateway.script = life.STUCK
    replicate.gateway.on_create(behaviours.late(1))
    with terminal.running(tmp_path / "data", settings_for(replicate), "blend", "bells") as process:
        _until(lambda: replicate.gateway.creates)
        _interrupted(process)
    (run,) = replicate.gateway.creates
    assert run.canceled


def test_ctrl_c_says_where_a_run_may_cost_all_the_same(tmp_path: Path, upstream: Upstream) -> None:
    upstream.gateway.script = life.STUCK
    out = tmp_path / "clip.wav"
    words = ("blend", "bells", "--out", str(out))
    with terminal.running(tmp_path / "data", settings_for(upstream), *words) as process:
        _until(lambda: upstream.gateway.gets)
        assert "ChainHub may finish the run, and charge for it" in _interrupted(process)
    assert _left(tmp_path / "data").state is State.CANCELED
    assert not out.exists()
