"""A backup is brought back where nothing is, from either place for files to either."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from segue import backups, create_app, keeping, library, pace, restoring
from segue.config import Settings
from segue.db import Base, downgrade, newest_revision
from segue.limits import month_of
from segue.models import Clip, Role, State, Tally
from segue.parts import Parts
from segue.recipe import Recipe
from segue.shelf import Wish
from tests.backups.archive import archived, backed_up, members_of, ran, rows_of
from tests.bench import Bench
from tests.places import IN_BOTH, content
from tests.servers.postgres import Postgres
from tests.servers.s3 import S3
from tests.servers.upstream import Upstream
from tests.web.conftest import entered


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_a_studio_moves_from_either_database_to_either(
    app: Flask, here: Parts, family: list[Clip], tmp_path: Path, postgres: Postgres, into: str
) -> None:
    nora = entered(app, "Nora", Role.OWNER)
    library.heart(here.database, family[1].id, "", on=True)
    path = backed_up(app, tmp_path / "segue.tar")
    address = postgres.fresh()
    environ = {"SEGUE_DATA": str(tmp_path / "other")} | ({"SEGUE_DATABASE_URL": address} if into != "sqlite" else {})
    other = create_app(Settings.load(environ))
    result = ran(other, "restore", str(path))
    assert (result.exit_code, result.stdout) == (0, "4 clips, 1 member and 8 files are back.\n")
    there: Parts = other.extensions["segue"]
    there.storage.weigh()
    assert rows_of(there) == rows_of(here)
    owner = there.members.named("Nora")
    assert owner
    found = library.find(there.database, Wish(words="évening", who=owner.id)).cards
    assert [card.id for card in found] == [family[0].id]
    assert library.find(there.database, Wish(who=owner.id)).cards[0].id == family[-1].id
    assert there.clips.submit(Recipe("one more"), "one more").id
    assert nora.get("/library").status_code == 200
    there.database.close()
    postgres.drop(address)


@IN_BOTH
@pytest.mark.parametrize("to", ["folder", "s3"])
def test_everything_comes_back(app: Flask, here: Parts, family: list[Clip], tmp_path: Path, s3: S3, to: str) -> None:
    browser = entered(app, "Nora", Role.OWNER)
    library.heart(here.database, family[1].id, "", on=True)
    path = backed_up(app, tmp_path / "segue.tar")
    before = rows_of(here)
    environ = {"SEGUE_DATA": str(tmp_path / "other")} | (s3.settings(s3.bucket()) if to == "s3" else {})
    settings = Settings.load(environ)
    other = create_app(settings)
    result = ran(other, "restore", str(path))
    assert (result.exit_code, result.stdout) == (0, "4 clips, 1 member and 8 files are back.\n")
    there: Parts = other.extensions["segue"]
    assert result.stderr == f"Restoring into {there.database.place}, with the files in {there.media.place}.\n"
    there.storage.weigh()
    assert rows_of(there) == before
    for clip in family:
        assert hashlib.sha256(content(there.media, clip.audio or "")).hexdigest() == clip.audio_hash
        assert hashlib.sha256(content(there.media, clip.spectrogram or "")).hexdigest() == clip.spectrogram_hash
    assert [card.id for card in library.find(there.database, Wish("evening")).cards] == [family[0].id]
    assert [card.id for card in library.find(there.database, Wish(hearts=True)).cards] == [family[1].id]
    other.extensions["segue"].database.close()
    again = create_app(settings)
    cookie = browser.get_cookie("session")
    assert cookie
    known = again.test_client()
    known.set_cookie("session", cookie.value)
    assert known.get("/members").status_code == 200, "who was signed in still is"
    again.extensions["segue"].database.close()


def test_cards_and_formats_that_are_made_again_are_counted_once(
    app: Flask, here: Parts, family: list[Clip], empty: Flask, tmp_path: Path
) -> None:
    def ask(app: Flask) -> None:
        for address in ("card", "audio?format=wav"):
            assert app.test_client().get(f"/clips/{family[0].id}/{address}", buffered=True).status_code == 200

    ask(app)
    assert ran(empty, "restore", str(backed_up(app, tmp_path / "segue.tar"))).exit_code == 0
    there: Parts = empty.extensions["segue"]
    there.storage.weigh()
    ask(empty)
    kept = sum(file.size for file in there.media.files() if keeping.FILE.fullmatch(file.key))
    assert there.storage.fill().used == here.storage.fill().used == kept


def test_it_comes_from_standard_input_as_well(path: Path, empty: Flask, whole: tuple[bytes, list[Clip]]) -> None:
    run, folder = empty.test_cli_runner().invoke, empty.extensions["segue"].settings.data
    before = set(folder.iterdir())
    half = run(args=["restore", "-"], input=whole[0][:50_000])
    assert half.exit_code == 1
    assert half.stderr.splitlines()[-1].startswith("Error: The file is no backup, or it is damaged or cut short")
    result = run(args=["restore", "-"], input=whole[0])
    assert (result.exit_code, result.stdout) == (0, "4 clips, 0 members and 8 files are back.\n")
    assert set(folder.iterdir()) == before


def test_a_studio_that_has_run_and_made_nothing_is_empty(path: Path, empty: Flask) -> None:
    there: Parts = empty.extensions["segue"]
    with there.database.write() as session:
        assert pace.first(session, "recover", time.time())
    result = ran(empty, "restore", str(path))
    assert result.exit_code == 0, result.output


def test_where_the_key_is_given_none_is_written(path: Path, tmp_path: Path) -> None:
    app = create_app(Settings.load({"SEGUE_DATA": str(tmp_path / "given"), "SEGUE_SECRET_KEY": "x" * 64}))
    assert ran(app, "restore", str(path)).exit_code == 0
    assert not (tmp_path / "given" / "secret_key").exists()
    app.extensions["segue"].database.close()


@pytest.mark.parametrize("revision", ["0001_clips", "0004_family", "0005_shelf"])
def test_one_of_an_older_program_is_brought_up_to_date(
    path: Path, whole: tuple[bytes, list[Clip]], empty: Flask, tmp_path: Path, revision: str
) -> None:
    members, family = members_of(path), whole[1]
    old = create_app(Settings.load({"SEGUE_DATA": str(tmp_path / "old")}))
    with old.extensions["segue"].database.writer.begin() as connection:
        downgrade(connection, revision)
        columns = {
            name: {row.name for row in connection.execute(text(f"PRAGMA table_info({name})"))}
            for name in Base.metadata.tables
        }
    old.extensions["segue"].database.close()
    facts = json.loads(members["segue-backup.json"])
    members["segue-backup.json"] = json.dumps(facts | {"revision": revision}).encode()
    for name in [name for name in members if name.startswith("tables/")]:
        known = columns[name.split("/")[1]]
        rows = [json.loads(line) for line in members.pop(name).splitlines()]
        if known:
            kept = [{column: row[column] for column in row if column in known} for row in rows]
            # The youngest first: what a clip was made from comes after it.
            members[name] = "".join(json.dumps(row) + "\n" for row in reversed(kept)).encode()
    result = ran(empty, "restore", str(archived(tmp_path / "old.tar", members)))
    assert result.exit_code == 0, result.output
    there: Parts = empty.extensions["segue"]
    with there.database.reader.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest_revision()
    back = {clip.id: clip for clip in library.those(there.database, [clip.id for clip in family])}
    assert [back[clip.id].parent_id for clip in family] == [clip.parent_id for clip in family]
    assert {card.id for card in library.find(there.database, Wish("riff")).cards} == {clip.id for clip in family[1:]}


def test_what_was_being_made_is_asked_after_or_ends_and_is_never_run_twice(tmp_path: Path, upstream: Upstream) -> None:
    with Bench(tmp_path / "first", upstream) as first:
        followed = first.submit("followed")
        first.step()
        assert first.clip(followed).prediction_id
        queued, asked = first.submit("queued"), first.submit("asked")
        with first.database.write() as session:
            session.get_one(Clip, asked.id).submit(playing=False, now=first.now)
        with (tmp_path / "segue.tar").open("wb") as out:
            backups.take(first.database, first.media, tmp_path / "none", out)
        creates = len(upstream.gateway.creates)
    with Bench(tmp_path / "second", upstream) as second:
        back = restoring.restore(second.database, second.media, tmp_path / "second" / "key", tmp_path / "segue.tar")
        assert back.ended == 2
        second.clips.resume()
        done = second.finish(followed)
        assert done.state is State.SUCCEEDED
        for clip in (queued, asked):
            ended = second.clip(clip)
            assert ended.state is State.FAILED
            assert "Press Retry" in (ended.error or "")
        assert len(upstream.gateway.creates) == creates
        with second.database.read() as session:
            assert session.scalars(select(Tally.runs)).all() == [2], "what was never asked for is given back"


def test_how_long_a_backup_lay_about_is_on_nobodys_tally(tmp_path: Path, upstream: Upstream) -> None:
    with Bench(tmp_path / "first", upstream) as first:
        asked = first.submit("asked")
        with first.database.write() as session:
            session.get_one(Clip, asked.id).submit(playing=False, now=first.now)
        with (tmp_path / "fresh.tar").open("wb") as out:
            backups.take(first.database, first.media, tmp_path / "none", out)
    month = timedelta(days=30)
    members = members_of(tmp_path / "fresh.tar")
    facts = json.loads(members["segue-backup.json"])
    taken_at = datetime.fromisoformat(facts["taken_at"]) - month
    members["segue-backup.json"] = json.dumps(facts | {"taken_at": taken_at.isoformat()}).encode()
    (name,) = (name for name in members if name.startswith("tables/clip/"))
    row = json.loads(members[name])
    began = {key: row[key] - month.total_seconds() for key in ("created_at", "submitted_at")}
    members[name] = json.dumps(row | began).encode() + b"\n"
    (name,) = (name for name in members if name.startswith("tables/tally/"))
    members[name] = json.dumps(json.loads(members[name]) | {"month": month_of(began["created_at"])}).encode() + b"\n"
    old = archived(tmp_path / "old.tar", members)
    with Bench(tmp_path / "second", upstream) as second:
        assert restoring.restore(second.database, second.media, None, old).ended == 1
        ended = second.clip(asked)
        assert ended.finished_at == pytest.approx(taken_at.timestamp(), abs=2.0)
        with second.database.read() as session:
            assert session.scalars(select(Tally.seconds)).one() < 2.0
