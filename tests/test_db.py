"""The database: migrations agree with the models, writers take turns."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import QueuePool, func, inspect, select, text

from segue.db import MIGRATIONS, Database, newest_revision
from segue.errors import SettingsError
from segue.models import Clip
from segue.recipe import Recipe


def test_migrations_make_exactly_the_models_tables(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = Database(tmp_path / "segue.db")
    database.migrate()
    with database.reader.connect() as connection:
        # The search index and what belongs to it are the database's own.
        ours = {"include_name": lambda name, kind, _parents: kind != "table" or not str(name).startswith("shelf")}
        difference = compare_metadata(MigrationContext.configure(connection, opts=ours), Clip.metadata)
    database.close()
    assert difference == []


def test_a_snapshot_sees_one_moment_and_nobody_waits_for_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "segue.db")
    database.migrate()
    count = select(func.count()).select_from(Clip)
    with database.snapshot() as snapshot:
        assert snapshot.execute(count).scalar() == 0
        with database.write() as session:
            session.add(Clip.of(Recipe("bells"), "token", 1.0))
        assert snapshot.execute(count).scalar() == 0
    with database.snapshot() as snapshot:
        assert snapshot.execute(count).scalar() == 1
    database.close()


def test_migrating_twice_is_harmless_and_keeps_what_is_there(tmp_path: Path) -> None:
    database = Database(tmp_path / "segue.db")
    database.migrate()
    with database.write() as session:
        session.add(Clip.of(Recipe("bells"), "token", 1.0))
    database.migrate()
    with database.reader.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest_revision()
        assert connection.execute(text("SELECT count(*) FROM clip")).scalar() == 1
        assert inspect(connection).has_table("clip")
    database.close()


@pytest.mark.parametrize("revision", ["0001_clips", "0002_pace", "0004_family"])
def test_an_older_database_is_brought_up_to_date_with_the_clips_in_it(tmp_path: Path, revision: str) -> None:
    database = Database(tmp_path / "segue.db")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with database.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.exec_driver_sql(
            "INSERT INTO clip (id, token, prompt_a, prompt_b, alpha, seed_image_id, denoising, num_inference_steps, "
            "provider, state, version, created_at, next_look_at, looks, stumbles, held_until) VALUES "
            "('of-old', 'token', 'bells', '', 0.5, 'vibes', 0.75, 50, 'sketch', 'queued', 1, 1.0, 1.0, 0, 0, 0.0)"
        )
    database.migrate()
    with database.read() as session:
        clip = session.get_one(Clip, "of-old")
        assert (clip.tries, clip.stumbling_since, clip.heard) == (0, None, None)
        assert (clip.number, clip.title, clip.shared) == (1, "bells", False)
        assert clip.claimable(2.0)
    database.close()


def test_the_write_ahead_log_is_on(tmp_path: Path) -> None:
    database = Database(tmp_path / "segue.db")
    database.migrate()
    with database.reader.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    database.close()


def test_a_transaction_sees_what_it_read_until_it_ends(tmp_path: Path) -> None:
    database = Database(tmp_path / "segue.db")
    database.migrate()
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
    database.close()


def test_threads_that_end_give_their_connection_back(tmp_path: Path) -> None:
    database = Database(tmp_path / "segue.db")
    database.migrate()
    count = database.prepared(select(func.count()).select_from(Clip))
    for _ in range(40):
        poll = threading.Thread(target=count)
        poll.start()
        poll.join()
    gc.collect()
    pool = database.reader.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0
    database.close()


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
