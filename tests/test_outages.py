"""A PostgreSQL that goes away: said plainly while it is gone, found again by itself, and nothing lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from sqlalchemy.exc import OperationalError

from segue import create_app
from segue.config import Settings
from segue.db import Database
from segue.errors import SettingsError
from segue.leases import LEASE_SECONDS
from segue.models import Clip, State
from segue.recipe import Recipe
from tests.bench import Bench
from tests.servers import behaviours
from tests.servers.postgres import PASSWORD, Postgres
from tests.servers.upstream import Upstream
from tests.servers.wire import Exchange
from tests.serving import PATIENCE, Serving, free_port
from tests.studio import made
from tests.terminal import settings_for
from tests.visitor import Visitor


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL that nobody else uses; whoever stops it starts it again."""
    with Postgres() as running:
        yield running


@pytest.fixture
def studio(server: Postgres, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(Settings.load({"SEGUE_DATA": str(tmp_path), "SEGUE_DATABASE_URL": server.fresh()}))
    yield app
    app.extensions["segue"].database.close()


def test_a_restart_is_not_noticed_by_who_asks_after_it(server: Postgres, studio: Flask) -> None:
    client = studio.test_client()
    clip = made(studio, Recipe("bells"))
    pages = ["/", "/library", f"/clips/{clip.id}", f"/clips/{clip.id}/status", "/readyz"]
    assert [client.get(page).status_code for page in pages] == [200] * 5
    server.restart()
    assert client.get(f"/clips/{clip.id}/status").status_code == 200
    server.restart()
    assert made(studio, Recipe("rain")).state is State.SUCCEEDED
    server.restart()
    assert [client.get(page).status_code for page in pages] == [200] * 5


def test_a_slow_taker_of_a_backup_is_not_cut_off_and_a_loss_is_not_hidden(server: Postgres, studio: Flask) -> None:
    database: Database = studio.extensions["segue"].database
    with database.snapshot() as snapshot:
        assert snapshot.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "0"
    with pytest.raises(OperationalError, match="terminating connection"), database.snapshot() as snapshot:
        own = snapshot.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        server.tell(f"SELECT pg_terminate_backend({own})")
        snapshot.exec_driver_sql("SELECT 1")
    with database.snapshot() as snapshot:
        assert snapshot.exec_driver_sql("SELECT 1").scalar() == 1


def test_a_command_whose_database_goes_ends_with_a_sentence(server: Postgres, studio: Flask, tmp_path: Path) -> None:
    run, path = studio.test_cli_runner().invoke, tmp_path / "segue.tar"
    assert run(args=["backup", str(path)]).exit_code == 0
    server.stop()
    try:
        results = [run(args=words) for words in (["check"], ["backup", str(path)], ["restore", str(path)])]
    finally:
        server.start()
    assert [result.exit_code for result in results] == [2, 1, 1]
    for result in results:
        assert isinstance(result.exception, SystemExit)
        *where, told = result.stderr.splitlines()
        assert len(where) <= 1
        assert "database cannot be used" in told
        assert PASSWORD not in result.stderr


def test_the_doctor_names_the_server_and_not_its_password(server: Postgres, studio: Flask) -> None:
    told = studio.test_cli_runner().invoke(args=["doctor"])
    assert told.exit_code == 0
    assert f"ok       database: postgresql://127.0.0.1:{server.port}/studio" in told.stdout
    assert "note     queue: It is a file on this machine" in told.stdout
    assert PASSWORD not in told.output


def test_while_it_is_away_pages_say_so_and_afterwards_all_is_well(
    server: Postgres, studio: Flask, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    client = studio.test_client()
    clip = made(studio, Recipe("bells"))
    server.stop()
    page = client.get(f"/clips/{clip.id}")
    assert page.status_code == 503
    assert "Out of reach for a moment" in page.text
    poll = client.get(f"/clips/{clip.id}/status")
    assert poll.status_code == 503
    assert "Wait a moment" in poll.text
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert '"trouble":["database"]' in ready.text
    assert client.get("/healthz").status_code == 200
    doctor = studio.test_cli_runner().invoke(args=["doctor"])
    assert (doctor.exit_code, type(doctor.exception)) == (1, SystemExit)
    assert "trouble  database: It cannot be used: " in doctor.stdout
    for about in ("queue", "media", "disk", "Built-in band"):
        assert f"ok       {about}: " in doctor.stdout
    server.start()
    assert client.get(f"/clips/{clip.id}").status_code == 200
    told = page.text + poll.text + ready.text + doctor.output + caplog.text + "".join(capsys.readouterr())
    assert PASSWORD not in told
    assert caplog.text.count("the database cannot be used: connection failed") == 2


def test_a_run_is_written_down_though_the_server_is_away_for_longer_than_a_lease(
    server: Postgres, tmp_path: Path, upstream: Upstream
) -> None:
    database = Database(address := server.fresh())
    database.migrate()
    database.close()
    with Bench(tmp_path, upstream, where=address) as bench:
        clip = bench.submit()

        def away(exchange: Exchange) -> None:
            server.stop()
            behaviours.honest(exchange)
            back.start()

        back = threading.Timer(LEASE_SECONDS + 1, server.start)
        upstream.gateway.on_create(away, times=1)
        worker = threading.Thread(target=bench.step)
        worker.start()
        while not upstream.gateway.creates:
            time.sleep(0.05)
        # Another looks after the same clip as soon as the database is back.
        other = bench.another_process()
        bench.now += LEASE_SECONDS * 2
        other.advance(clip.id)
        worker.join()
        back.join()
        assert bench.finish(clip).state is State.SUCCEEDED
        assert len(upstream.gateway.creates) == 1


def test_a_machine_that_is_cut_off_in_a_transaction_gives_up_the_lock(server: Postgres) -> None:
    database, other = Database(address := server.fresh()), None
    database.migrate()
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "1min"
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "10s"
    other = Database(address)
    with pytest.raises(OperationalError), database.write() as session:
        session.add(Clip.of(Recipe("bells"), "token", 1.0))
        session.flush()
        server.tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'")
        with other.write() as another:
            another.add(Clip.of(Recipe("rain"), "another token", 1.0))
    with other.read() as session:
        assert [clip.prompt_a for clip in session.query(Clip)] == ["rain"]
    database.close()
    other.close()


@pytest.mark.parametrize(
    "address", ["postgresql://segue:{secret}@127.0.0.1:{port}/segue", "postgresql://no host:{secret}@/?host=/nowhere"]
)
def test_a_server_that_is_not_there_is_said_in_one_sentence(address: str) -> None:
    database = Database(address.format(secret=PASSWORD, port=free_port()))
    with pytest.raises(SettingsError, match=r"^it cannot use its database postgresql:.*SEGUE_DATABASE_URL") as told:
        database.migrate()
    assert told.value.exit_code == (2 if "no host" in address else 1), "a service manager may try again"
    assert PASSWORD not in told.value.message
    assert "\n" not in told.value.message


def test_a_wrong_password_is_said_and_not_shown(server: Postgres) -> None:
    database = Database(server.fresh().replace(PASSWORD, "do-not-guess"))
    with pytest.raises(SettingsError, match="password authentication failed") as told:
        database.migrate()
    assert "do-not-guess" not in told.value.message
    assert told.value.exit_code == 2, "no service manager mends that by trying again"


def test_a_server_that_comes_up_later_than_the_studio_is_for_a_service_manager_to_wait_for(tmp_path: Path) -> None:
    with Postgres() as late:
        serving = Serving(tmp_path / "data", SEGUE_DATABASE_URL=(address := late.fresh()), SEGUE_QUEUE_URL=address)
        late.stop()
        serving.begin()
        assert serving.process is not None
        assert serving.process.wait(PATIENCE) == 1
        assert serving.log.read_text().startswith("Segue did not start: it cannot use its database")
        late.start()
        with serving:
            assert Visitor(serving.address).form()


def test_a_server_that_is_away_is_told_in_a_line(server: Postgres, tmp_path: Path, upstream: Upstream) -> None:
    where = {"SEGUE_DATABASE_URL": server.fresh(), "SEGUE_WORKERS": "2"}
    with Serving(tmp_path / "data", **where, **settings_for(upstream)) as serving:
        visitor = Visitor(serving.address)
        clip = visitor.blend(prompt_a="bells")
        visitor.wait(clip)
        before = len(serving.log.read_text().splitlines())
        gone = threading.Event()

        def answer_once_it_is_gone(exchange: Exchange) -> None:
            exchange.act()
            assert gone.wait(PATIENCE)
            behaviours.honest(exchange)

        upstream.gateway.on_create(answer_once_it_is_gone)
        waiting = visitor.blend(prompt_a="rain")
        while len(upstream.gateway.creates) < 2:
            time.sleep(0.05)
        server.stop()
        gone.set()
        for page in ("/readyz", f"/clips/{clip}", f"/clips/{clip}/status", "/library") * 3:
            assert requests.get(f"{serving.address}{page}", timeout=30).status_code == 503
        while "could not be written down" not in serving.log.read_text():
            time.sleep(0.05)
        time.sleep(5)
        server.start()
        assert visitor.wait(waiting)["status"] == "succeeded"
        lines = serving.log.read_text().splitlines()[before:]
    assert not [line for line in lines if "Traceback" in line]
    assert len([line for line in lines if "written down" in line]) == 2, "once when it goes away, once when it is back"
    assert max(map(len, lines)) < 400
