"""The doctor: what is well, what is worth knowing, what is wrong; in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from segue import create_app, doctor
from segue.config import Settings
from segue.db import newest_revision
from segue.doctor import examine
from segue.findings import Mark
from segue.media import ROOM
from segue.models import Clip
from segue.parts import Parts
from segue.recipe import SEED_DEFAULT, Recipe
from tests.servers import behaviours, life
from tests.servers.upstream import Upstream
from tests.serving import PATIENCE, free_port
from tests.terminal import settings_for


@contextmanager
def _studio(folder: Path, *upstreams: Upstream, **settings: str) -> Iterator[Flask]:
    environ = {"SEGUE_DATA": str(folder / "data"), **settings}
    for upstream in upstreams:
        environ |= settings_for(upstream)
    app = create_app(Settings.load(environ))
    yield app
    app.extensions["segue"].database.close()


def _visit(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["doctor", *words])


def _line(result: Result, about: str) -> str:
    return next(line for line in result.stdout.splitlines() if line.partition(" ")[2].lstrip().startswith(about))


def _spoil(app: Flask, name: str, sql: str) -> None:
    parts: Parts = app.extensions["segue"]
    with sqlite3.connect(parts.settings.data / name) as connection:
        connection.execute(sql)
    connection.close()


def test_a_solo_studio_is_well_and_told_how_to_get_more(app: Flask) -> None:
    result = _visit(app)
    assert result.exit_code == 0
    for about in ("settings", "database", "queue", "media", "disk", "Built-in band"):
        assert _line(result, about).startswith("ok ")
    assert _line(result, "players").startswith("note ")
    assert "SEGUE_CHAINHUB_KEY" in _line(result, "players")
    assert "webhooks" not in result.stdout.lower()
    assert result.stderr == ""


def test_a_provider_that_is_well_is_said_to_be_without_paying(tmp_path: Path, upstream: Upstream) -> None:
    with _studio(tmp_path, upstream) as app:
        result = _visit(app)
    assert result.exit_code == 0
    assert _line(result, "ChainHub").startswith("ok ")
    assert "players" not in result.stdout
    assert "webhooks" not in result.stdout.lower()
    assert upstream.gateway.creates == []


def test_replicate_without_https_is_said_to_send_no_webhooks(tmp_path: Path, replicate: Upstream) -> None:
    replicate.gateway.on_get(behaviours.answer(200, {}))
    with _studio(tmp_path, replicate) as app:
        assert "SEGUE_PUBLIC_URL" in _visit(app).stdout


def test_a_setting_nobody_reads_is_noted_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with _studio(tmp_path, SEGUE_WORKER="2") as app:
        result = _visit(app)
    assert result.exit_code == 0
    said = "SEGUE_WORKER is no setting of Segue's: is SEGUE_WORKERS meant?"
    assert f"note     settings: {said}\n" in result.stdout
    assert said in caplog.text


def test_a_password_so_short_that_it_is_hardly_one_is_noted_and_not_shown(tmp_path: Path) -> None:
    short = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "abcdefghijk", "SEGUE_CHAINHUB_KEY": "abcd"}
    with _studio(tmp_path, SEGUE_CHAINHUB_URL=f"http://127.0.0.1:{free_port()}", **short) as app:
        result = _visit(app)
    told = [line for line in result.stdout.splitlines() if "secrets: " in line]
    assert [line.split()[3] for line in told] == ["AWS_SECRET_ACCESS_KEY", "SEGUE_CHAINHUB_KEY"]
    assert all("has fewer than 12 characters" in line for line in told)
    assert "a word of its own" in told[0]
    assert "in other words too" in told[1]
    assert "abcd" not in result.output


def test_an_address_without_a_password_is_no_secret(tmp_path: Path) -> None:
    settings = Settings.load({"SEGUE_DATA": str(tmp_path), "SEGUE_QUEUE_URL": "redis://q/0"})
    assert settings.secrets == []


def test_a_key_that_is_refused_is_trouble_and_not_shown(tmp_path: Path, upstream: Upstream) -> None:
    with _studio(tmp_path, upstream) as app:
        upstream.gateway.key = "another key by now"
        result = _visit(app)
    assert result.exit_code == 1
    assert _line(result, "ChainHub").startswith("trouble ")
    assert "SEGUE_CHAINHUB_KEY" in _line(result, "ChainHub")
    assert "Retry" not in result.stdout
    assert "loopback-key" not in result.output


def test_a_provider_that_hangs_does_not_hold_up_the_rest(tmp_path: Path, upstream: Upstream) -> None:
    upstream.gateway.on_get(behaviours.hang(PATIENCE))
    with _studio(tmp_path, upstream) as app:
        findings = list(doctor.examine(app.extensions["segue"], patience=5.0))
    assert [(found.mark, found.about) for found in findings][-2:] == [
        (Mark.OK, "Built-in band"),
        (Mark.TROUBLE, "ChainHub"),
    ]
    assert "5 seconds" in findings[-1].words


def test_a_database_of_another_revision_is_trouble(app: Flask) -> None:
    _spoil(app, "segue.db", "UPDATE alembic_version SET version_num = '0000'")
    result = _visit(app)
    assert result.exit_code == 1
    assert _line(result, "database").startswith("trouble ")
    assert newest_revision() in _line(result, "database")


def test_a_database_that_cannot_be_written_is_trouble(app: Flask) -> None:
    _spoil(
        app,
        "segue.db",
        "CREATE TRIGGER full BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'no room left'); END",
    )
    result = _visit(app)
    assert result.exit_code == 1
    assert "no room left" in _line(result, "database")


def test_a_queue_that_does_not_answer_is_trouble(app: Flask) -> None:
    _spoil(app, "queue.db", "DROP TABLE task")
    result = _visit(app)
    assert result.exit_code == 1
    assert _line(result, "queue").startswith("trouble ")


def test_media_that_cannot_be_written_are_trouble(app: Flask, settings: Settings) -> None:
    (settings.data / "media" / "drafts").rmdir()
    result = _visit(app)
    assert result.exit_code == 1
    assert _line(result, "media").startswith("trouble ")


def test_a_bucket_that_is_not_to_be_had_is_named_with_its_address_and_settings(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "loopback-key", "AWS_REGION": "us-east-1"}
    nowhere = f"http://127.0.0.1:{free_port()}"
    with _studio(tmp_path, SEGUE_MEDIA_URL="s3://segue/clips", AWS_ENDPOINT_URL_S3=nowhere, **keys) as app:
        line = _line(_visit(app), "media")
    assert line.startswith(f"trouble  media: s3://segue/clips at {nowhere} cannot be used: ")
    assert "Check SEGUE_MEDIA_URL" in line
    assert "loopback-key" not in line


def test_everything_that_is_kept_is_named(app: Flask, settings: Settings) -> None:
    told = _line(_visit(app), "settings")
    for name in ("segue.db", "media", "queue.db"):
        assert str(settings.data / name) in told


@pytest.mark.databases("postgresql")
def test_what_other_machines_cannot_share_is_worth_a_note_each(app: Flask) -> None:
    result = _visit(app)
    assert result.exit_code == 0
    for about, setting in (("queue", "QUEUE_URL"), ("media", "MEDIA_URL"), ("keys", "SECRET_KEY")):
        assert f"note     {about}: " in result.stdout
        assert f"another one needs SEGUE_{setting}" in result.stdout


def test_a_data_folder_that_everybody_gets_into_is_trouble(app: Flask, settings: Settings) -> None:
    assert _line(_visit(app), "data:").startswith("ok ")
    settings.data.chmod(0o755)
    result = _visit(app)
    assert result.exit_code == 1
    assert _line(result, "data:").startswith("trouble ")
    assert f"{settings.data}: chmod 700" in _line(result, "data:")


@pytest.mark.parametrize(
    ("free", "mark", "words"),
    [
        (25 * 10**8, Mark.OK, "2.5 GB"),
        (10**9, Mark.OK, "1.0 GB"),
        (10**9 - 10**5, Mark.NOTE, "999.9 MB"),
        (ROOM, Mark.NOTE, "104.9 MB"),
        (ROOM - 10**5, Mark.TROUBLE, "104.8 MB"),
        (0, Mark.TROUBLE, "0 kB"),
    ],
)
def test_room_on_the_disk_is_judged(free: int, mark: Mark, words: str) -> None:
    finding = doctor.room(free)
    assert finding.mark is mark
    assert words in finding.words


def test_one_real_clip_is_made_on_request(tmp_path: Path, upstream: Upstream) -> None:
    with _studio(tmp_path, upstream) as app:
        result = _visit(app, "--blend", "chainhub")
    assert result.exit_code == 0
    assert len(upstream.gateway.creates) == 1
    assert upstream.gateway.creates[0].input["seed_image_id"] == SEED_DEFAULT
    warning, made = result.stdout.splitlines()[-2:]
    assert warning.startswith("note ")
    assert "may cost" in warning
    assert made.startswith("ok ")
    assert Path(made.rpartition(": ")[2]).read_bytes() == upstream.files.media.audio


def test_a_real_clip_that_fails_is_trouble_with_its_own_sentence(tmp_path: Path, upstream: Upstream) -> None:
    upstream.gateway.script = life.failed("no drums today")
    with _studio(tmp_path, upstream) as app:
        result = _visit(app, "--blend", "chainhub")
    assert result.exit_code == 1
    assert _line(result, "blend: The model failed").startswith("trouble ")
    assert "no drums today" in result.stdout


def test_the_band_plays_on_request_without_a_warning(app: Flask) -> None:
    result = _visit(app, "--blend", "sketch")
    assert result.exit_code == 0
    assert "cost" not in result.stdout
    assert _line(result, "blend").startswith("ok ")


def test_a_player_nobody_knows_is_refused_with_those_there_are(tmp_path: Path, upstream: Upstream) -> None:
    with _studio(tmp_path, upstream) as app:
        result = _visit(app, "--blend", "nobody")
    assert result.exit_code == 2
    assert "chainhub, sketch" in result.stderr
    assert result.stdout == ""
    assert upstream.gateway.requests == []


def test_a_finding_stays_on_its_line(tmp_path: Path) -> None:
    with _studio(tmp_path / "odd\nok       folder") as app:
        assert "\nok       folder" not in _visit(app).stdout


def test_clips_that_nobody_has_weighed_are_said_not_to_count(app: Flask, here: Parts, done: Clip) -> None:
    assert "Not counted" not in _line(_visit(app), "storage")
    with here.database.write() as session:
        session.get_one(Clip, done.id).size = None
    assert "Clips take 0 kB" in _line(_visit(app), "storage")
    assert "Not counted: 1 clip that was not weighed yet" in _line(_visit(app), "storage")
    here.storage.weigh()
    assert "Not counted" not in _line(_visit(app), "storage")


def test_where_the_keys_are_is_told_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with _studio(Path()) as app:
        assert f"They are in {tmp_path / 'data' / 'secret_key'}," in _line(_visit(app), "keys")


def test_clips_that_nobody_works_on_are_worth_a_note(app: Flask) -> None:
    here: Parts = app.extensions["segue"]
    clip = here.clips.submit(Recipe("bells"), "token")
    assert not [finding for finding in examine(here) if finding.about == "clips"]
    with here.database.write() as session:
        session.get_one(Clip, clip.id).next_look_at -= 60
    (finding,) = [finding for finding in examine(here) if finding.about == "clips"]
    assert finding.mark is Mark.NOTE
    assert "1 clip waits" in finding.words


@pytest.mark.parametrize(
    ("told", "mark"),
    [
        ({"SEGUE_PUBLIC_URL": "https://segue.example.org"}, "trouble "),
        ({"SEGUE_PUBLIC_URL": "http://segue.example.org"}, "trouble "),
        ({"SEGUE_PUBLIC_URL": "http://segue.example.org", "SEGUE_HOST": "0.0.0.0"}, "note "),  # noqa: S104
        ({"SEGUE_PUBLIC_URL": "https://segue.example.org", "SEGUE_PROXIES": "1"}, "ok "),
        ({"SEGUE_PUBLIC_URL": "http://localhost:8000"}, "ok "),
        ({"SEGUE_HOST": "0.0.0.0", "SEGUE_PROXIES": "1"}, "note "),  # noqa: S104
    ],
)
def test_a_web_server_in_front_that_is_not_believed_is_trouble(tmp_path: Path, told: dict[str, str], mark: str) -> None:
    with _studio(tmp_path, **told) as app:
        assert _line(_visit(app), "proxies").startswith(mark)
