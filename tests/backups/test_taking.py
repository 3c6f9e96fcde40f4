"""A backup is one file, whole or not there, taken while the studio runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import time
from pathlib import Path

import pytest
from flask import Flask

from segue import keeping
from segue.config import Settings
from segue.models import Clip, State
from segue.parts import Parts
from segue.recipe import Recipe
from tests.backups.archive import backed_up, members_of, ran, rows_of
from tests.places import content, put
from tests.servers.s3 import S3
from tests.serving import PATIENCE, Serving
from tests.studio import made, opened
from tests.terminal import running
from tests.visitor import Visitor


def test_it_is_for_its_owner_only_and_replaces_the_one_before(app: Flask, family: list[Clip], tmp_path: Path) -> None:
    path = tmp_path / "segue.tar"
    path.write_bytes(b"the one before")
    backed_up(app, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert members_of(path)["segue-backup.json"]
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []


def test_it_goes_to_standard_output_as_well(app: Flask, family: list[Clip], tmp_path: Path) -> None:
    result = ran(app, "backup", "-")
    assert result.exit_code == 0
    (tmp_path / "piped.tar").write_bytes(result.stdout_bytes)
    members = members_of(tmp_path / "piped.tar")
    assert f"media/{family[0].audio}" in members
    assert list(members)[-1] == "SHA256SUMS"


def test_one_that_lacks_something_is_said_to_and_replaces_no_whole_one(
    app: Flask, here: Parts, family: list[Clip], tmp_path: Path
) -> None:
    path = backed_up(app, tmp_path / "segue.tar")
    yesterdays = path.read_bytes()
    here.media.remove(family[0].audio or "")
    put(here.media, family[1].audio or "", b"other bytes")
    result = ran(app, "backup", str(path))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"A backup of {here.database.place}, with the files in {here.media.place}.\n")
    assert f"4 clips and 7 files are in {path}.incomplete." in result.stderr
    assert "1 file that should be there could not be read." in result.stderr
    assert "1 file in it had been damaged before." in result.stderr
    assert path.read_bytes() == yesterdays
    members = members_of(tmp_path / "segue.tar.incomplete")
    assert f"media/{family[2].audio}" in members
    assert list(members)[-1] == "SHA256SUMS"
    piped = ran(app, "backup", "-")
    assert (piped.exit_code, "4 clips and 7 files went to standard output." in piped.stderr) == (1, True)


def test_check_names_every_file_that_a_backup_counts(
    app: Flask, here: Parts, family: list[Clip], tmp_path: Path
) -> None:
    lost = [family[0].audio, family[0].spectrogram, family[1].audio, family[2].spectrogram]
    for key in lost:
        here.media.remove(key or "")
    assert "4 files that should be there could not be read." in ran(app, "backup", str(tmp_path / "segue.tar")).stderr
    *flaws, _ = ran(app, "check").stdout.splitlines()
    assert len(flaws) == 4
    assert all(any(here.media.where(key or "") in flaw for flaw in flaws) for key in lost)
    assert ran(app, "check", "--mend").exit_code == 1
    backed_up(app, tmp_path / "segue.tar")


def test_what_is_known_to_be_gone_is_missed_by_no_backup(
    app: Flask, here: Parts, family: list[Clip], tmp_path: Path
) -> None:
    here.media.remove(family[0].audio or "")
    put(here.media, family[1].audio or "", b"other bytes")
    assert ran(app, "check", "--mend").exit_code == 1
    assert f"media/{family[1].audio}" in members_of(backed_up(app, tmp_path / "segue.tar"))


def test_a_bucket_that_is_away_ends_it_and_leaves_no_half_file(tmp_path: Path, s3: S3) -> None:
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path / "data"), **s3.settings(s3.bucket())}))
    made(app, Recipe("bells"))
    s3.down()
    try:
        result = ran(app, "backup", str(tmp_path / "segue.tar"))
    finally:
        s3.up()
    assert result.exit_code == 1
    assert "There is no backup. Segue's storage cannot be reached." in result.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_a_place_that_cannot_be_written_is_said_in_words(app: Flask, tmp_path: Path) -> None:
    result = ran(app, "backup", str(tmp_path / "nowhere" / "segue.tar"))
    assert result.exit_code == 1
    assert "could not be written: No such file or directory" in result.stderr


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_killed_midway_it_leaves_no_half_file(
    app: Flask, here: Parts, family: list[Clip], tmp_path: Path, how: int
) -> None:
    path, last = tmp_path / "segue.tar", here.settings.data / "media" / (family[-1].audio or "")
    sound = last.rename(tmp_path / "sound")
    os.mkfifo(last)
    with running(here.settings.data, {}, "backup", str(path)) as process:
        deadline = time.monotonic() + PATIENCE
        while not list(tmp_path.glob("*.part")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(how)
        process.wait(PATIENCE)
        assert process.returncode != 0
    assert not path.exists()
    assert bool(list(tmp_path.glob("*.part"))) is (how == signal.SIGKILL)
    sound.replace(last)
    backed_up(app, path)
    assert list(tmp_path.glob("*.part")) == [], "nobody writes it any more"


def test_what_another_backup_is_writing_is_left_to_it(app: Flask, family: list[Clip], tmp_path: Path) -> None:
    path = tmp_path / "segue.tar"
    others = [tmp_path / f"segue.tar.{name}.part" for name in ("abcd_123", "my_notes_on_it")]
    for other in others:
        other.touch()
    with others[0].open("rb") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)
        backed_up(app, path)
        assert all(other.exists() for other in others)
    backed_up(app, path)
    assert [other.exists() for other in others] == [False, True]


def test_one_taken_while_clips_are_made_restores_whole(tmp_path: Path, empty: Flask) -> None:
    with Serving(tmp_path / "busy") as busy:
        visitor = Visitor(busy.address)
        first = visitor.blend(prompt_a="first")
        visitor.wait(first)
        under_way = [visitor.blend(prompt_a=f"bells {number}") for number in range(8)]
        with running(tmp_path / "busy", {}, "backup", str(tmp_path / "segue.tar")) as process:
            under_way += [visitor.blend(prompt_a=f"more {number}") for number in range(8)]
            assert process.wait(PATIENCE) == 0
        for clip_id in under_way:
            assert visitor.wait(clip_id)["status"] == "succeeded", "nobody was disturbed"
    result = ran(empty, "restore", str(tmp_path / "segue.tar"))
    assert result.exit_code == 0, result.output
    assert ran(empty, "check").exit_code == 0
    there: Parts = empty.extensions["segue"]
    rows = rows_of(there)["clip"]
    assert first in {row["id"] for row in rows}
    for row in rows:
        assert row["state"].final
        if row["state"] is State.SUCCEEDED:
            assert hashlib.sha256(content(there.media, row["audio"])).hexdigest() == row["audio_hash"]
            assert row["audio"].startswith(keeping.folder(row["id"]))
