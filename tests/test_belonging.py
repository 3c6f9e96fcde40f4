"""Belonging: a database and files of two studios are told apart before anything is lost by it."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, select

from segue import belonging, create_app, library
from segue.belonging import MARK, Apart
from segue.config import Settings
from segue.db import Database
from segue.errors import MediaError
from segue.inventory import ORPHAN_SECONDS
from segue.library import KEPT_IN_BIN
from segue.media import Folder
from segue.models import Clip, Studio
from segue.parts import Parts
from tests.places import IN_BOTH, content, put
from tests.servers.s3 import S3


@pytest.fixture
def stranger(settings: Settings, app: Flask, done: Clip, tmp_path: Path) -> Iterator[Flask]:
    """A studio with a database of its own and the files of another one, as by a setting that was forgotten."""
    stranger = _stranger(settings, tmp_path)
    yield stranger
    stranger.extensions["segue"].database.close()


def _stranger(settings: Settings, tmp_path: Path) -> Flask:
    """In the same place for files, with another database."""
    if settings.media_url:
        return create_app(settings.model_copy(update={"data": tmp_path / "other"}))
    (tmp_path / "other").mkdir(exist_ok=True)
    (tmp_path / "other" / "media").symlink_to(settings.data.absolute() / "media")
    return create_app(Settings.load({"SEGUE_DATA": str(tmp_path / "other")}))


def _run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def _files(here: Parts) -> set[str]:
    return {file.key for file in here.media.files()}


def _age(settings: Settings) -> None:
    """Let the files in a folder be old enough to be anybody's orphans."""
    for path in (settings.data / "media").rglob("*.*"):
        os.utime(path, (time.time() - ORPHAN_SECONDS - 60,) * 2)


def _unmarked(here: Parts) -> None:
    """As a studio of before there were marks."""
    here.media.remove(MARK)
    with here.database.write() as session:
        session.execute(delete(Studio))


def _gone(here: Parts, clip: Clip) -> float | None:
    found = here.clips.find(clip.id)
    assert found
    return found.gone_at


@IN_BOTH
def test_a_new_studio_marks_its_files_and_goes_on_knowing_them(here: Parts) -> None:
    with here.database.read() as session:
        studio = session.scalars(select(Studio)).one()
    assert studio.marked_at
    assert content(here.media, MARK).decode().strip() == studio.id
    assert belonging.together(here.database, here.media)


@pytest.mark.databases("sqlite", "postgresql")
def test_of_many_processes_that_start_together_all_agree(database_at: Path | str, tmp_path: Path) -> None:
    first = Database(database_at)
    first.migrate()
    media = Folder(tmp_path / "media")
    media.prepare()
    studios = [Database(database_at) for _ in range(6)]
    with ThreadPoolExecutor(6) as together:
        list(together.map(lambda database: belonging.check(database, media), studios))
    with first.read() as session:
        assert session.scalars(select(Studio.id)).all() == [content(media, MARK).decode().strip()]
    for database in (first, *studios):
        database.close()


def test_one_that_was_killed_between_two_steps_is_marked_by_the_next(here: Parts) -> None:
    for was_put in (False, True):
        with here.database.write() as session:
            session.scalars(select(Studio)).one().marked_at = None
        if not was_put:
            here.media.remove(MARK)
        belonging.check(here.database, here.media)
        with here.database.read() as session:
            assert session.scalars(select(Studio)).one().marked_at
        assert here.media.find(MARK)


@IN_BOTH
def test_another_studios_files_are_neither_orphans_nor_lost(
    stranger: Flask, here: Parts, settings: Settings, done: Clip, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if not settings.media_url:
        _age(settings)
    before = _files(here)
    for words in (["check"], ["check", "--mend"]):
        result = _run(stranger, *words)
        assert result.exit_code == 2
        looked_at, told = result.stderr.splitlines()
        assert looked_at.startswith("Looking at ")
        assert "another studio's than the database" in told
        assert told.endswith("see docs/care.md.")
    assert _run(stranger, "doctor").exit_code == 1
    assert "are another studio's" in _run(stranger, "doctor").stdout
    path = tmp_path / "segue.tar"
    path.write_bytes(b"yesterday's")
    result = _run(stranger, "backup", str(path))
    assert (result.exit_code, path.read_bytes()) == (1, b"yesterday's")
    assert _files(here) == before
    caplog.clear()
    again = create_app(stranger.extensions["segue"].settings)
    assert "database and files do not go together" in caplog.text
    assert again.test_client().get("/readyz").status_code == 200, "it starts all the same"
    again.extensions["segue"].database.close()


@IN_BOTH
def test_the_bin_of_another_studio_is_not_emptied_here(
    stranger: Flask, here: Parts, done: Clip, caplog: pytest.LogCaptureFixture
) -> None:
    there: Parts = stranger.extensions["segue"]
    with here.database.read() as session, there.database.write() as other:
        copy = {column.key: getattr(session.get_one(Clip, done.id), column.key) for column in Clip.__table__.columns}
        other.add(Clip(**copy | {"binned_at": 1.0}))
    before = _files(here)
    library.empty_bin(there.database, there.media, time.time() + KEPT_IN_BIN)
    assert _files(here) == before
    assert there.clips.find(done.id)
    assert "do not go together" in caplog.text


@IN_BOTH
def test_a_restore_for_a_trial_leaves_the_studios_own_files_to_it(
    stranger: Flask, app: Flask, here: Parts, done: Clip, tmp_path: Path
) -> None:
    path = tmp_path / "segue.tar"
    assert _run(app, "backup", str(path)).exit_code == 0
    result = _run(stranger, "restore", str(path))
    assert result.exit_code == 1
    assert "another studio's" in result.stderr
    assert stranger.extensions["segue"].clips.find(done.id) is None
    result = _run(stranger, "restore", "--take-over", str(path))
    assert result.exit_code == 0, result.output
    assert _run(stranger, "check").exit_code == 0
    assert _run(app, "check", "--mend").exit_code == 2, "the other one notices"
    assert _run(app, "check", "--take-over").exit_code == 0
    assert _run(stranger, "check").exit_code == 2


@IN_BOTH
def test_a_mark_that_is_missing_is_no_reason_to_believe_that_all_is_lost(
    app: Flask, here: Parts, done: Clip, tmp_path: Path
) -> None:
    for file in list(here.media.files()):
        here.media.remove(file.key)
    result = _run(app, "check", "--mend")
    assert result.exit_code == 2
    assert "is the disk mounted" in result.stderr
    assert _gone(here, done) is None
    assert _run(app, "backup", str(tmp_path / "segue.tar")).exit_code == 1
    assert not (tmp_path / "segue.tar").exists()
    assert _run(app, "check", "--mend", "--take-over").exit_code == 1, "now they are lost indeed"
    assert _gone(here, done)


@IN_BOTH
def test_a_disk_that_is_not_mounted_at_the_first_start_is_not_marked(
    app: Flask, here: Parts, done: Clip, caplog: pytest.LogCaptureFixture
) -> None:
    _unmarked(here)
    sound = content(here.media, done.audio or "")
    here.media.remove(done.audio or "")
    caplog.clear()
    assert not belonging.together(here.database, here.media)
    assert "Not one of the newest clips" in caplog.text
    assert here.media.find(MARK) is None
    put(here.media, done.audio or "", sound)
    assert belonging.together(here.database, here.media)
    assert here.media.find(MARK)


@IN_BOTH
def test_a_new_database_over_files_of_before_there_were_marks_does_not_take_them(
    settings: Settings, here: Parts, done: Clip, tmp_path: Path
) -> None:
    _unmarked(here)
    stranger = _stranger(settings, tmp_path)
    with pytest.raises(Apart, match="knows nothing"):
        belonging.check(stranger.extensions["segue"].database, here.media)
    assert here.media.find(MARK) is None
    assert belonging.together(here.database, here.media), "its own does"
    stranger.extensions["segue"].database.close()


def test_a_bucket_that_is_not_there_gets_no_mark_and_refuses_no_start(
    tmp_path: Path, s3: S3, caplog: pytest.LogCaptureFixture
) -> None:
    environ = {
        "SEGUE_DATA": str(tmp_path / "data"),
        **s3.settings(s3.bucket()),
        "SEGUE_MEDIA_URL": "s3://no-such/clips",
    }
    app = create_app(Settings.load(environ))
    here: Parts = app.extensions["segue"]
    assert f"(NoSuchBucket). Files are kept in s3://no-such/clips at {s3.address}." in caplog.text
    with pytest.raises(MediaError, match="NoSuchBucket"):
        belonging.check(here.database, here.media)
    with here.database.read() as session:
        assert session.scalars(select(Studio)).all() == []
    assert _run(app, "check", "--mend").exit_code == 2
    assert _run(app, "backup", str(tmp_path / "segue.tar")).exit_code == 1
    here.database.close()


def test_a_bucket_that_is_away_refuses_no_start(tmp_path: Path, s3: S3, caplog: pytest.LogCaptureFixture) -> None:
    environ = {"SEGUE_DATA": str(tmp_path / "data"), **s3.settings(s3.bucket())}
    s3.down()
    try:
        with caplog.at_level(logging.ERROR):
            app = create_app(Settings.load(environ))
    finally:
        s3.up()
    assert "nobody can tell" in caplog.text
    app.extensions["segue"].database.close()
