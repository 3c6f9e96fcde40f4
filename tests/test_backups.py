"""A backup: taken while the studio runs, brought back where nothing is, from either place for files to either."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from segue import backups, belonging, create_app, keeping, library, pace, restoring
from segue.config import Settings
from segue.db import Base, downgrade, newest_revision
from segue.limits import month_of
from segue.models import Clip, Role, State, Tally
from segue.parts import Parts
from segue.recipe import Recipe
from segue.shelf import Wish
from tests.bench import Bench
from tests.places import IN_BOTH, content, put
from tests.servers.postgres import Postgres
from tests.servers.s3 import S3
from tests.servers.upstream import Upstream
from tests.serving import PATIENCE, Serving
from tests.studio import made, opened
from tests.terminal import running
from tests.visitor import Visitor
from tests.web.conftest import entered

Members = dict[str, bytes]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    """A studio in which nothing is yet."""
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path / "empty")}))
    yield app
    app.extensions["segue"].database.close()


def _family(app: Flask) -> list[Clip]:
    """Clips, each made from the one before, whose ids are in no order."""
    clips = app.extensions["segue"].clips
    found = [made(app, Recipe("bells"))]
    for number in range(3):
        clip = clips.submit(Recipe(f"riff {number}", take=number), f"riff {number}", parent_id=found[-1].id)
        clips.advance(clip.id)
        found.append(clips.find(clip.id))
    clips.change(found[0].id, lambda clip: clip.describe("Évening 🔔", "one\ntwo\u2028three\x1e", "slow, low"))
    return found


@pytest.fixture
def family(app: Flask) -> list[Clip]:
    return _family(app)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Clip]]:
    """A backup that is whole, and the clips in it."""
    folder = tmp_path_factory.mktemp("whole")
    app = opened(Settings.load({"SEGUE_DATA": str(folder / "data")}))
    clips = _family(app)
    return _backup(app, folder / "segue.tar").read_bytes(), clips


@pytest.fixture
def path(whole: tuple[bytes, list[Clip]], tmp_path: Path) -> Path:
    """A backup that may be spoilt."""
    path = tmp_path / "segue.tar"
    path.write_bytes(whole[0])
    return path


def _run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def _backup(app: Flask, path: Path) -> Path:
    result = _run(app, "backup", str(path))
    assert result.exit_code == 0, result.output
    return path


def _rows(here: Parts) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables that are in a backup."""
    with here.database.reader.connect() as connection:
        return {
            table.name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=repr)
            for table in backups.TABLES
        }


def _members(path: Path) -> Members:
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def _written(path: Path, members: Members) -> Path:
    """A backup of these members, with the digests to go with them."""
    members.pop("SHA256SUMS", None)
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in members.items())
    with tarfile.open(path, "w") as tar:
        for name, body in [*members.items(), ("SHA256SUMS", sums.encode())]:
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return path


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_a_studio_moves_from_either_database_to_either(
    app: Flask, here: Parts, family: list[Clip], tmp_path: Path, postgres: Postgres, into: str
) -> None:
    nora = entered(app, "Nora", Role.OWNER)
    library.heart(here.database, family[1].id, "", on=True)
    path = _backup(app, tmp_path / "segue.tar")
    address = postgres.fresh()
    environ = {"SEGUE_DATA": str(tmp_path / "other")} | ({"SEGUE_DATABASE_URL": address} if into != "sqlite" else {})
    other = create_app(Settings.load(environ))
    result = _run(other, "restore", str(path))
    assert (result.exit_code, result.output) == (0, "4 clips, 1 member and 8 files are back.\n")
    there: Parts = other.extensions["segue"]
    there.storage.weigh()
    assert _rows(there) == _rows(here)
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
    path = _backup(app, tmp_path / "segue.tar")
    before = _rows(here)
    environ = {"SEGUE_DATA": str(tmp_path / "other")} | (s3.settings(s3.bucket()) if to == "s3" else {})
    settings = Settings.load(environ)
    other = create_app(settings)
    result = _run(other, "restore", str(path))
    assert (result.exit_code, result.output) == (0, "4 clips, 1 member and 8 files are back.\n")
    there: Parts = other.extensions["segue"]
    there.storage.weigh()
    assert _rows(there) == before
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
    assert _run(empty, "restore", str(_backup(app, tmp_path / "segue.tar"))).exit_code == 0
    there: Parts = empty.extensions["segue"]
    there.storage.weigh()
    ask(empty)
    kept = sum(file.size for file in there.media.files() if keeping.FILE.fullmatch(file.key))
    assert there.storage.fill().used == here.storage.fill().used == kept


def test_it_is_for_its_owner_only_and_replaces_the_one_before(app: Flask, family: list[Clip], tmp_path: Path) -> None:
    path = tmp_path / "segue.tar"
    path.write_bytes(b"the one before")
    _backup(app, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert _members(path)["segue-backup.json"]
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []


def test_it_goes_to_standard_output_as_well(app: Flask, family: list[Clip], tmp_path: Path) -> None:
    result = _run(app, "backup", "-")
    assert result.exit_code == 0
    (tmp_path / "piped.tar").write_bytes(result.stdout_bytes)
    members = _members(tmp_path / "piped.tar")
    assert f"media/{family[0].audio}" in members
    assert list(members)[-1] == "SHA256SUMS"


def test_one_that_lacks_something_is_said_to_and_replaces_no_whole_one(
    app: Flask, here: Parts, family: list[Clip], tmp_path: Path
) -> None:
    path = _backup(app, tmp_path / "segue.tar")
    yesterdays = path.read_bytes()
    here.media.remove(family[0].audio or "")
    put(here.media, family[1].audio or "", b"other bytes")
    result = _run(app, "backup", str(path))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"A backup of {here.database.place}, with the files in {here.media.place}.\n")
    assert f"4 clips and 7 files are in {path}.incomplete." in result.stderr
    assert "1 file that should be there could not be read." in result.stderr
    assert "1 file in it had been damaged before." in result.stderr
    assert path.read_bytes() == yesterdays
    members = _members(tmp_path / "segue.tar.incomplete")
    assert f"media/{family[2].audio}" in members
    assert list(members)[-1] == "SHA256SUMS"
    piped = _run(app, "backup", "-")
    assert (piped.exit_code, "7 files are in -." in piped.stderr) == (1, True)


def test_what_is_known_to_be_gone_is_missed_by_no_backup(
    app: Flask, here: Parts, family: list[Clip], tmp_path: Path
) -> None:
    here.media.remove(family[0].audio or "")
    put(here.media, family[1].audio or "", b"other bytes")
    assert _run(app, "check", "--mend").exit_code == 1
    assert f"media/{family[1].audio}" in _members(_backup(app, tmp_path / "segue.tar"))


def test_it_comes_from_standard_input_as_well(path: Path, empty: Flask, whole: tuple[bytes, list[Clip]]) -> None:
    run, folder = empty.test_cli_runner().invoke, empty.extensions["segue"].settings.data
    before = set(folder.iterdir())
    half = run(args=["restore", "-"], input=whole[0][:50_000])
    assert half.exit_code == 1
    assert half.stderr.startswith("Error: The file is no backup, or it is damaged or cut short")
    result = run(args=["restore", "-"], input=whole[0])
    assert (result.exit_code, result.stdout) == (0, "4 clips, 0 members and 8 files are back.\n")
    assert set(folder.iterdir()) == before


def test_a_studio_that_has_run_and_made_nothing_is_empty(path: Path, empty: Flask) -> None:
    there: Parts = empty.extensions["segue"]
    with there.database.write() as session:
        assert pace.first(session, "recover", time.time())
    result = _run(empty, "restore", str(path))
    assert result.exit_code == 0, result.output


def test_what_cannot_be_restored_leaves_the_key_as_it_was(path: Path, empty: Flask) -> None:
    key = empty.extensions["segue"].settings.key_file
    before = key.read_bytes()
    members = _members(path)
    name = next(name for name in members if name.startswith("tables/clip/"))
    members[name] += members[name]
    result = _run(empty, "restore", str(_written(path, members)))
    assert result.exit_code == 1
    assert key.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("tables/clip/000001.jsonl", b"[1]\n"),
        ("tables/clip/000001.jsonl", b'{"id": "x", "nope": 1}\n'),
        ("tables/clip/000001.jsonl", b'{"id": {"a": 1}}\n'),
        ("tables/clip/000001.jsonl", b"[" * 100_000 + b"\n"),
        ("tables/alembic_version/000001.jsonl", b'{"version_num": "zzz"}\n'),
        ("tables/studio/000001.jsonl", b'{"id": "another"}\n'),
        ("tables/nosuch/000001.jsonl", b'{"id": "x", "nope": 1}\n'),
        ("segue-backup.json", b"[" * 100_000),
        ("segue-backup.json", b'{"format": 1, "program": "x", "revision": ["a"], "taken_at": 7}'),
        ("secret_key", b"short"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence_and_leaves_nothing_behind(
    path: Path, empty: Flask, name: str, body: bytes
) -> None:
    here: Parts = empty.extensions["segue"]
    key = here.settings.key_file.read_bytes()
    result = _run(empty, "restore", str(_written(path, _members(path) | {name: body})))
    assert result.exit_code == 1
    assert re.fullmatch(r"Error: [^\n]{20,400}\n", result.stderr), result.stderr
    assert not isinstance(result.exception, RecursionError)
    assert _rows(here)["clip"] == []
    assert [file.key for file in here.media.files() if file.key != belonging.MARK] == []
    assert here.settings.key_file.read_bytes() == key


def test_a_backup_with_a_hole_as_large_as_a_disk_is_refused(path: Path, empty: Flask, tmp_path: Path) -> None:
    hole = tmp_path / "media" / "aa" / "hole.flac"
    hole.parent.mkdir(parents=True)
    with hole.open("wb") as file:
        file.truncate(3 * 10**9)
    packed = tmp_path / "hole.tar"
    subprocess.run(["tar", "-S", "-C", str(tmp_path), "-cf", str(packed), "media/aa/hole.flac"], check=True)
    result = _run(empty, "restore", str(packed))
    assert result.exit_code == 1
    assert "is larger than any" in result.stderr


def test_a_key_that_cannot_be_written_ends_it_before_anything_is_restored(path: Path, empty: Flask) -> None:
    key = empty.extensions["segue"].settings.key_file
    before, draft = key.read_bytes(), key.with_name(f"{key.name}.{os.getpid()}")
    draft.mkdir()
    result = _run(empty, "restore", str(path))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert _rows(empty.extensions["segue"])["clip"] == []
    draft.rmdir()
    assert _run(empty, "restore", str(path)).exit_code == 0, "it can be tried again"
    assert key.read_bytes() != before


def test_where_the_key_is_given_none_is_written(path: Path, tmp_path: Path) -> None:
    app = create_app(Settings.load({"SEGUE_DATA": str(tmp_path / "given"), "SEGUE_SECRET_KEY": "x" * 64}))
    assert _run(app, "restore", str(path)).exit_code == 0
    assert not (tmp_path / "given" / "secret_key").exists()
    app.extensions["segue"].database.close()


def test_a_bucket_that_is_away_ends_it_and_leaves_no_half_file(tmp_path: Path, s3: S3) -> None:
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path / "data"), **s3.settings(s3.bucket())}))
    made(app, Recipe("bells"))
    s3.down()
    try:
        result = _run(app, "backup", str(tmp_path / "segue.tar"))
    finally:
        s3.up()
    assert result.exit_code == 1
    assert "There is no backup. Segue's storage cannot be reached." in result.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_a_place_that_cannot_be_written_is_said_in_words(app: Flask, tmp_path: Path) -> None:
    result = _run(app, "backup", str(tmp_path / "nowhere" / "segue.tar"))
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
    _backup(app, path)
    assert list(tmp_path.glob("*.part")) == [], "nobody writes it any more"


def test_what_another_backup_is_writing_is_left_to_it(app: Flask, family: list[Clip], tmp_path: Path) -> None:
    path = tmp_path / "segue.tar"
    others = [tmp_path / f"segue.tar.{name}.part" for name in ("abcd_123", "my_notes_on_it")]
    for other in others:
        other.touch()
    with others[0].open("rb") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)
        _backup(app, path)
        assert all(other.exists() for other in others)
    _backup(app, path)
    assert [other.exists() for other in others] == [False, True]


def _flipped(name: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        with tarfile.open(path) as tar:
            at = next(member.offset_data for member in tar if member.name.startswith(name))
        whole = bytearray(path.read_bytes())
        whole[at + 5] ^= 1
        path.write_bytes(whole)

    return spoil


def _cut(share: float) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        os.truncate(path, round(path.stat().st_size * share))

    return spoil


def _without_its_end(path: Path) -> None:
    with tarfile.open(path) as tar:
        end = next(member.offset for member in tar if member.name == "SHA256SUMS")
    os.truncate(path, end)


def _newer(path: Path) -> None:
    members = _members(path)
    facts = json.loads(members["segue-backup.json"])
    members["segue-backup.json"] = json.dumps(facts | {"revision": "0999_future", "program": "9.0"}).encode()
    _written(path, members)


def _with(name: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        _written(path, _members(path) | {name: b"harm"})

    return spoil


def _linked(path: Path) -> None:
    """A link in the place of a file."""
    with tarfile.open(path) as whole:
        members = [(member, whole.extractfile(member).read()) for member in whole]  # type: ignore[union-attr]
    with tarfile.open(path, "w") as tar:
        for member, body in members:
            if member.name.endswith("audio.flac"):
                member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0
            tar.addfile(member, io.BytesIO(body))


def _no_tar(path: Path) -> None:
    path.write_bytes(b"dear diary " * 1000)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_flipped("media/"), "damaged"),
        (_flipped("tables/clip"), "damaged"),
        (_flipped("segue-backup.json"), "damaged"),
        (_flipped("SHA256SUMS"), "damaged"),
        (_cut(0.5), "cut short"),
        (_cut(0.97), "cut short"),
        (_cut(0), "no backup"),
        (_without_its_end, "cut short"),
        (_newer, "made by a newer Segue, 9.0: upgrade"),
        (_with("media/../../evil.txt"), "no backup of Segue's"),
        (_with("/etc/evil.txt"), "no backup of Segue's"),
        (_with("tables/../evil/1.jsonl"), "no backup of Segue's"),
        (_linked, "no backup of Segue's"),
        (_no_tar, "no backup"),
    ],
)
def test_what_is_not_whole_or_not_ours_is_refused_and_changes_nothing(
    path: Path, empty: Flask, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(path)
    there: Parts = empty.extensions["segue"]
    secret = (there.settings.data / "secret_key").read_bytes()
    result = _run(empty, "restore", str(path))
    assert result.exit_code == 1, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert [file.key for file in there.media.files()] == [belonging.MARK]
    assert _rows(there)["clip"] == []
    assert (there.settings.data / "secret_key").read_bytes() == secret


def test_rows_that_do_not_fit_are_refused_and_leave_the_database_as_it_was(
    path: Path, empty: Flask, tmp_path: Path
) -> None:
    members = _members(path)
    members["tables/heart/000001.jsonl"] = b'{"member_id": "", "clip_id": "nosuchclip"}\n'
    result = _run(empty, "restore", str(_written(tmp_path / "odd.tar", members)))
    assert result.exit_code == 1
    assert "do not fit" in result.stderr
    assert _rows(empty.extensions["segue"])["clip"] == []
    assert _run(empty, "restore", str(path)).exit_code == 0, "it can be tried again"


@pytest.mark.parametrize("what", ["a clip", "a member"])
def test_only_an_empty_studio_takes_one(path: Path, empty: Flask, what: str) -> None:
    if what == "a clip":
        made(empty, Recipe("mine"))
    else:
        empty.extensions["segue"].members.invite("Nora", Role.OWNER)
    before = _rows(empty.extensions["segue"])
    result = _run(empty, "restore", str(path))
    assert result.exit_code == 1
    assert "not empty" in result.stderr
    assert _rows(empty.extensions["segue"]) == before


@pytest.mark.parametrize("revision", ["0001_clips", "0004_family", "0005_shelf"])
def test_one_of_an_older_program_is_brought_up_to_date(
    path: Path, whole: tuple[bytes, list[Clip]], empty: Flask, tmp_path: Path, revision: str
) -> None:
    members, family = _members(path), whole[1]
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
    result = _run(empty, "restore", str(_written(tmp_path / "old.tar", members)))
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
    members = _members(tmp_path / "fresh.tar")
    facts = json.loads(members["segue-backup.json"])
    taken_at = datetime.fromisoformat(facts["taken_at"]) - month
    members["segue-backup.json"] = json.dumps(facts | {"taken_at": taken_at.isoformat()}).encode()
    (name,) = (name for name in members if name.startswith("tables/clip/"))
    row = json.loads(members[name])
    began = {key: row[key] - month.total_seconds() for key in ("created_at", "submitted_at")}
    members[name] = json.dumps(row | began).encode() + b"\n"
    (name,) = (name for name in members if name.startswith("tables/tally/"))
    members[name] = json.dumps(json.loads(members[name]) | {"month": month_of(began["created_at"])}).encode() + b"\n"
    old = _written(tmp_path / "old.tar", members)
    with Bench(tmp_path / "second", upstream) as second:
        assert restoring.restore(second.database, second.media, None, old).ended == 1
        ended = second.clip(asked)
        assert ended.finished_at == pytest.approx(taken_at.timestamp(), abs=2.0)
        with second.database.read() as session:
            assert session.scalars(select(Tally.seconds)).one() < 2.0


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
    result = _run(empty, "restore", str(tmp_path / "segue.tar"))
    assert result.exit_code == 0, result.output
    assert _run(empty, "check").exit_code == 0
    there: Parts = empty.extensions["segue"]
    rows = _rows(there)["clip"]
    assert first in {row["id"] for row in rows}
    for row in rows:
        assert row["state"].final
        if row["state"] is State.SUCCEEDED:
            assert hashlib.sha256(content(there.media, row["audio"])).hexdigest() == row["audio_hash"]
            assert row["audio"].startswith(keeping.folder(row["id"]))
