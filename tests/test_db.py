"""The database: migrations agree with the models, writers take turns."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import QueuePool, bindparam, column, func, inspect, select, table, text
from sqlalchemy.exc import DBAPIError, OperationalError

from segue import library
from segue.db import LOCK_SECONDS, MIGRATIONS, Database, downgrade, newest_revision
from segue.errors import SettingsError
from segue.models import Clip, Invitation, Member, Role, Tally, Visit
from segue.recipe import Recipe
from segue.shelf import Wish
from tests.servers.postgres import PASSWORD, Postgres

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def database(database_at: Path | str) -> Iterator[Database]:
    """One that is up to date."""
    database = Database(database_at)
    database.migrate()
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """One that nobody has used yet."""
    if request.param == "sqlite":
        database = Database(tmp_path / "segue.db")
        yield database
        database.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    database = Database(address := server.fresh())
    yield database
    database.close()
    server.drop(address)


def _upgrade(database: Database, revision: str, *, back: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with database.writer.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if back else command.upgrade)(config, revision)


def test_migrations_make_exactly_the_models_tables(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.reader.connect() as connection:
        # The search index and what belongs to it are the database's own.
        ours = {"include_name": lambda name, _kind, _parents: not str(name).startswith("shelf")}
        difference = compare_metadata(MigrationContext.configure(connection, opts=ours), Clip.metadata)
    assert difference == []


def test_a_schema_that_waits_for_a_backup_to_end_keeps_no_reader_waiting(postgres: Postgres) -> None:
    database = Database(address := postgres.migrated())
    with database.writer.begin() as connection:
        downgrade(connection, "0005_shelf")
    newer, reader = Database(address), Database(address, patience=LOCK_SECONDS * 2)
    upgrading = threading.Thread(target=newer.migrate)
    with database.snapshot() as backup:
        backup.execute(select(func.count()).select_from(table("clip")))
        upgrading.start()
        with reader.reader.connect() as connection:
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER%'"
            while not connection.execute(text(waits)).scalar():
                time.sleep(0.05)
            assert connection.execute(select(func.count()).select_from(table("clip"))).scalar() == 0
    upgrading.join()
    assert newer._revision() == newest_revision()
    for each in (database, newer, reader):
        each.close()
    postgres.drop(address)


def test_a_snapshot_sees_one_moment_and_nobody_waits_for_it(database: Database) -> None:
    count = select(func.count()).select_from(Clip)
    with database.snapshot() as snapshot:
        assert snapshot.execute(count).scalar() == 0
        with database.write() as session:
            session.add(Clip.of(Recipe("bells"), "token", 1.0))
        assert snapshot.execute(count).scalar() == 0
    with database.snapshot() as snapshot:
        assert snapshot.execute(count).scalar() == 1


def test_migrating_twice_is_harmless_and_keeps_what_is_there(database: Database) -> None:
    with database.write() as session:
        session.add(Clip.of(Recipe("bells"), "token", 1.0))
    database.migrate()
    with database.reader.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest_revision()
        assert connection.execute(text("SELECT count(*) FROM clip")).scalar() == 1
        assert inspect(connection).has_table("clip")


REVISIONS = ["0001_clips", "0002_pace", "0004_family", "0005_shelf", "0006_care"]


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_older_database_is_brought_up_to_date_with_the_clips_in_it(empty: Database, revision: str) -> None:
    _upgrade(empty, revision)
    number, at = ("number, ", ":at, ") if revision >= "0005" else ("", "")
    with empty.writer.begin() as connection:
        old = text(
            f"INSERT INTO clip ({number}id, token, prompt_a, prompt_b, alpha, seed_image_id, denoising, "  # noqa: S608
            "num_inference_steps, provider, state, version, created_at, next_look_at, looks, stumbles, held_until) "
            f"VALUES ({at}:name, :name, :name, '', 0.5, 'vibes', 0.75, 50, 'sketch', 'queued', 1, :at, 1.0, 0, 0, 0.0)"
        )
        connection.execute(old, [{"name": "bells", "at": 1}, {"name": "café", "at": 2}])
    empty.migrate()
    with empty.read() as session:
        clip = session.get_one(Clip, "bells")
        assert (clip.tries, clip.stumbling_since, clip.heard) == (0, None, None)
        assert (clip.number, clip.title, clip.shared, clip.guests_download) == (1, "bells", False, True)
        assert clip.due(2.0)
    assert [card.id for card in library.find(empty, Wish("cafe")).cards] == ["café"]
    with empty.write() as session:
        session.add(newest := Clip.of(Recipe("rain"), "token", 3.0))
    assert [card.id for card in library.find(empty, Wish()).cards] == [newest.id, "café", "bells"]


@pytest.mark.parametrize("revision", ["0005_shelf", "0006_care"])
def test_members_and_what_is_theirs_outlast_an_upgrade(empty: Database, revision: str) -> None:
    _upgrade(empty, revision)
    told = {"name": "bells", "who": "nora", "shared": 5.0}
    with empty.writer.begin() as connection:
        for statement in (
            "INSERT INTO member (id, name, key, role, created_at) VALUES (:who, 'Nora', 'nora', 'owner', 1.0)",
            "INSERT INTO invitation (digest, member_id, expires_at) VALUES ('an invitation', :who, 9.0)",
            "INSERT INTO visit (digest, member_id, expires_at) VALUES ('a visit', :who, 9.0)",
            "INSERT INTO tally (member_id, month, provider, runs, seconds, spent) VALUES "
            "(:who, '2026-10', 'cog', 3, 7.5, 0.25)",
            "INSERT INTO clip (number, id, token, prompt_a, prompt_b, alpha, seed_image_id, denoising, "
            "num_inference_steps, provider, state, version, created_at, next_look_at, looks, stumbles, held_until, "
            "member_id, own_title, notes, tags, shared_at, guests_download, price, audio) VALUES "
            "(7, :name, :name, :name, '', 0.5, 'vibes', 0.75, 50, 'cog', 'succeeded', 1, 1.0, 1.0, 0, 0, 0.0, "
            ":who, 'Évening', 'low', 'slow', :shared, false, 0.25, 'be/bells/audio.wav')",
            "INSERT INTO heart (member_id, clip_id) VALUES (:who, :name)",
        ):
            connection.execute(text(statement), told)
    empty.migrate()
    with empty.read() as session:
        nora = session.scalars(select(Member)).one()
        assert (nora.id, nora.name, nora.role, nora.comes) == ("nora", "Nora", Role.OWNER, False)
        assert [session.scalars(select(kind.digest)).one() for kind in (Invitation, Visit)] == [
            "an invitation",
            "a visit",
        ]
        tally = session.scalars(select(Tally)).one()
        assert (tally.member_id, tally.month, tally.runs, tally.seconds, tally.spent) == (
            "nora",
            "2026-10",
            3,
            7.5,
            0.25,
        )
        clip = session.get_one(Clip, "bells")
        assert (clip.member_id, clip.title, clip.price, clip.audio) == ("nora", "Évening", 0.25, "be/bells/audio.wav")
        assert (clip.shared, clip.shared_at, clip.guests_download) == (True, 5.0, False)
        assert (clip.size, clip.gone_at) == (None, None)
    for wish in (Wish("evening"), Wish(hearts=True, who="nora"), Wish(mine=True, who="nora"), Wish(tag="slow")):
        assert [card.id for card in library.find(empty, wish).cards] == ["bells"]


def test_every_step_can_be_taken_back(database: Database) -> None:
    _upgrade(database, "base", back=True)
    with database.reader.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    database.migrate()
    assert library.find(database, Wish("bells")).cards == []


def test_of_many_programs_that_start_together_one_migrates_and_the_others_wait(empty: Database) -> None:
    studios = [Database(empty.where) for _ in range(4)]
    with ThreadPoolExecutor(4) as together:
        list(together.map(Database.migrate, studios))
    with empty.reader.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [
            newest_revision()
        ]
    for studio in studios:
        studio.close()


def test_an_older_program_leaves_a_newer_database_alone_and_says_so(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    setting = "SEGUE_DATA" if isinstance(database.where, Path) else "SEGUE_DATABASE_URL"
    with pytest.raises(SettingsError, match=rf"made by a newer Segue: upgrade the program.* {setting}\.") as told:
        database.migrate()
    assert PASSWORD not in told.value.message
    with database.reader.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999_later"


@pytest.mark.databases("sqlite")
def test_the_write_ahead_log_is_on(tmp_path: Path) -> None:
    database = Database(tmp_path / "segue.db")
    database.migrate()
    with database.reader.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    database.close()


def test_a_transaction_sees_what_it_read_until_it_ends(database: Database) -> None:
    with database.write() as session:
        session.add(clip := Clip.of(Recipe("bells"), "token", 1.0))

    def count_up() -> None:
        for _ in range(25):
            with database.write() as session:
                found = session.get_one(Clip, clip.id)
                found.looks += 1

    writers = [threading.Thread(target=count_up) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.read() as session:
        assert session.get_one(Clip, clip.id).looks == 100


def test_threads_share_what_they_look_with(database: Database) -> None:
    looks = [database.prepared(select(func.count()).select_from(kind)) for kind in (Clip, Member)]
    for look in looks * 20:
        poll = threading.Thread(target=look)
        poll.start()
        poll.join()
    pool = database.reader.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 1


def test_a_look_that_fails_is_told_like_any_other_and_the_next_is_well(database: Database) -> None:
    missing = database.prepared(select(column("nothing")).select_from(table("nowhere")))
    for _ in range(2):
        with pytest.raises(DBAPIError):
            missing()
    assert database.prepared(select(func.count()).select_from(Clip))() == (0,)


def test_a_writer_waits_for_another_only_so_long(database: Database, database_at: Path | str) -> None:
    hasty = Database(database_at, patience=0.1)
    anything = select(func.count()).select_from(Clip)
    with database.write() as session:
        session.add(Clip.of(Recipe("bells"), "token", 1.0))
        session.flush()
        with pytest.raises(OperationalError), hasty.write() as another:
            another.scalars(anything)
    with hasty.write() as another:
        assert another.scalars(anything).one() == 1
    hasty.close()


@pytest.mark.parametrize("text", ["a\0b", "\0"])
def test_any_text_may_be_looked_for(database: Database, text: str) -> None:
    find = database.prepared(select(Clip.version).where(Clip.id == bindparam("id")))
    assert find(id=text) is None
    with database.read() as session:
        assert session.get(Clip, text) is None


def test_a_file_that_is_no_database_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "segue.db").write_text("this is a shopping list, not a database")
    database = Database(tmp_path / "segue.db")
    with pytest.raises(SettingsError, match="SEGUE_DATA"):
        database.migrate()
    database.close()


def test_what_was_written_outlives_a_power_cut(tmp_path: Path) -> None:
    database = Database(tmp_path / "segue.db")
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "each commit is synced to the disk"
        connection.rollback()
    database.close()
