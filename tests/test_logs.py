"""The log: a line an event, about a clip, without a secret; nobody can forge a line or lose one."""

from __future__ import annotations

import json
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segue import logs
from segue.config import Settings
from tests.servers import behaviours, life, shapes
from tests.servers.gateway import Replicate
from tests.servers.upstream import Upstream
from tests.serving import ROOT, Serving
from tests.terminal import settings_for
from tests.visitor import Visitor

KEY = "very/secret+key"
TOKEN = "r8_another-secret"
FORGED = "well\n2026-11-23 05:10:00,123 INFO segue [-] all is paid\r\x1b[2K\u2028\x85done"

log = logging.getLogger("segue.test")


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    settings = _settings(tmp_path)
    logs.set_up(settings)
    return settings


@pytest.fixture
def as_json(tmp_path: Path) -> Settings:
    settings = _settings(tmp_path, SEGUE_LOG="json")
    logs.set_up(settings)
    return settings


def _settings(folder: Path, **more: str) -> Settings:
    return Settings.load({"SEGUE_DATA": str(folder), "SEGUE_CHAINHUB_KEY": KEY, **more})


def _logged(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.split("\n")[:-1]


def _fall() -> None:
    try:
        raise ValueError(f"Bearer {KEY}")
    except ValueError:
        log.exception("fell over %s", KEY)


def test_an_event_is_a_line_with_its_clip(plain: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with logs.about("k3f9"):
        log.info("queued for %s", "chainhub")
    log.info("idle")
    about, idle = _logged(capsys)
    assert about.endswith(" INFO segue.test [k3f9] queued for chainhub")
    assert idle.endswith(" INFO segue.test [-] idle")


def test_json_has_the_same_in_fields(as_json: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with logs.about("k3f9"):
        log.warning("slow: %d s", 7)
    (line,) = _logged(capsys)
    told = json.loads(line)
    assert list(told) == ["time", "level", "logger", "clip", "request", "message", "error"]
    assert [told[name] for name in ("level", "logger", "clip", "message", "error")] == [
        "WARNING",
        "segue.test",
        "k3f9",
        "slow: 7 s",
        None,
    ]


def test_what_is_about_one_clip_is_no_longer_so_afterwards(plain: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with logs.about("outer"):
        with logs.about("inner"):
            log.info("one")
        log.info("two")
    assert [line.split("[")[1] for line in _logged(capsys)] == ["inner] one", "outer] two"]


@pytest.mark.parametrize("format_", ["plain", "json"])
def test_nobody_forges_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], format_: str) -> None:
    logs.set_up(_settings(tmp_path, SEGUE_LOG=format_))
    log.info("said: %s", FORGED)
    (line,) = capsys.readouterr().err.splitlines()
    assert "\x1b" not in line
    assert "all is paid" in line


def test_a_traceback_is_on_the_same_line(plain: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    _fall()
    (line,) = _logged(capsys)
    assert "fell over" in line
    assert " ⏎ Traceback (most recent call last): ⏎ " in line
    assert "ValueError" in line


def test_no_secret_gets_into_the_log_by_any_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for format_ in ("plain", "json"):
        settings = _settings(tmp_path, SEGUE_LOG=format_, REPLICATE_API_TOKEN=TOKEN)
        logs.set_up(settings)
        log.info(f"in the message: {KEY}")
        log.info("in the arguments: %s and %r", {"key": KEY}, TOKEN)
        log.info("in an address: https://example.org/?key=very%2Fsecret%2Bkey")
        log.info("signed with %s", settings.secret_keys())
        _fall()
        told = capsys.readouterr().err
        assert told.count("[key]") == 7
        for secret in (KEY, "secret%2Bkey", TOKEN, settings.secret_keys()[0]):
            assert secret not in told


def test_a_short_secret_is_left_out_where_it_is_a_word_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s"}
    logs.set_up(_settings(tmp_path, SEGUE_DATABASE_URL="postgresql://segue:segue@db/segue", **keys))
    said = ("postgresql://segue:segue@other/segue", "password=segue, {'key': 's'}", "Bearer s", "refused: segue.")
    plain = ("segue.runs lasts 3 s-bends", "/srv/segue/segue/runs.py, in seguing", "https://segue.example.org/s")
    for words in (*said, *plain):
        log.info("%s", words)
    assert [line.partition(" [-] ")[2] for line in _logged(capsys)] == [
        "postgresql://segue:[key]@other/segue",
        "password=[key], {'key': '[key]'}",
        "Bearer [key]",
        "refused: [key].",
        *plain,
    ]


def test_a_players_key_is_left_out_wherever_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(_settings(tmp_path, SEGUE_CHAINHUB_KEY="r8-key"))
    log.info("https://r8-key@host/r8-key/x, -pr8-key.")
    assert _logged(capsys)[0].endswith("https://[key]@host/[key]/x, -p[key].")


def test_the_chatty_ones_are_only_heard_when_something_is_wrong(
    plain: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("huey", "huey.consumer", "alembic.runtime"):
        logging.getLogger(name).info("busy")
        logging.getLogger(name).warning("wrong")
    assert [line.rpartition("] ")[2] for line in _logged(capsys)] == ["wrong"] * 3


def test_only_errors_are_logged_where_a_command_speaks_for_itself(
    plain: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with logs.hushed():
        log.warning("told otherwise")
        log.error("our fault")
    log.info("again")
    assert [line.rpartition("] ")[2] for line in _logged(capsys)] == ["our fault", "again"]


def test_a_line_that_cannot_be_made_shows_nothing_of_its_arguments(
    plain: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = logging.Logger("quiet")
    quiet.addHandler(next(handler for handler in logging.getLogger().handlers if isinstance(handler, logs.Handler)))
    quiet.info("%d", KEY)
    assert KEY not in capsys.readouterr().err


def test_what_ends_a_thread_or_the_program_is_logged_like_the_rest(tmp_path: Path) -> None:
    script = (
        "import threading, warnings\n"
        "from segue import logs\nfrom segue.config import Settings\n"
        "settings = Settings.load()\nlogs.set_up(settings)\n"
        "warnings.warn('an odd thing')\n"
        "def fall(): raise ValueError(settings.chainhub_key.get_secret_value())\n"
        "thread = threading.Thread(target=fall, name='walk')\nthread.start()\nthread.join()\n"
        "fall()\n"
    )
    environ = {"SEGUE_DATA": str(tmp_path), "SEGUE_CHAINHUB_KEY": KEY, "SEGUE_LOG": "json"}
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    warning, thread, program = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.returncode == 1
    assert "an odd thing" in warning["message"]
    assert "walk" in thread["message"]
    for told in (thread, program):
        assert told["level"] == "CRITICAL"
        assert told["error"].endswith("ValueError: [key]")


# --- A whole studio


@pytest.fixture
def paid() -> Iterator[Upstream]:
    with Upstream(Replicate, key=TOKEN) as running:
        yield running


@pytest.mark.parametrize("format_", ["plain", "json"])
def test_a_studio_gives_no_key_away_whatever_happens(
    tmp_path: Path, upstream: Upstream, paid: Upstream, format_: str
) -> None:
    key = upstream.gateway.key
    data = tmp_path / "data"
    settings = {**settings_for(upstream), **settings_for(paid), "SEGUE_LOG": format_}
    settings["SEGUE_FILE_HOSTS"] = f"{upstream.files.netloc} {paid.files.netloc}"
    seen: list[bytes] = []
    upstream.gateway.script = paid.gateway.script = life.NEXT_LOOK
    with Serving(data, **settings) as serving:
        visitor = Visitor(serving.address)
        endings = {visitor.blend(prompt_a="bells", provider=name): "succeeded" for name in ("chainhub", "replicate")}
        _wait(visitor, endings)
        for host, secret in ((upstream, key), (paid, TOKEN)):
            host.gateway.on_create(behaviours.answer(401, shapes.nested(f"Invalid token {secret}")), times=1)
            host.gateway.on_create(behaviours.answer(403, shapes.problem(f"{secret} may not do that")), times=1)
        for name in ("chainhub", "replicate") * 2:
            clip = visitor.blend(prompt_a="horns", provider=name)
            endings[clip] = "failed"
            _wait(visitor, {clip: "failed"})
        _set_a_trap(data / "segue.db")
        unforeseen = visitor.blend(prompt_a="trapped", provider="sketch")
        endings[unforeseen] = "failed"
        _wait(visitor, endings)
        for clip in endings:
            seen += [visitor.http.get(f"{serving.address}{path}", timeout=30).content for path in _pages(clip)]
    told = serving.log.read_text()
    seen += [told.encode(), *(path.read_bytes() for path in data.glob("*.db*"))]
    secrets = [key, TOKEN, (data / "secret_key").read_text()]
    for text in seen:
        for secret in secrets:
            assert secret.encode() not in text
    assert "[key]" in told
    for clip in endings:
        assert clip in told
    assert "the trap was sprung" in _line_of(told, unforeseen, "unforeseen")
    _check_lines(told, format_)


def _pages(clip: str) -> tuple[str, ...]:
    return "/", f"/?from={clip}", f"/clips/{clip}", f"/clips/{clip}/status"


def _wait(visitor: Visitor, endings: dict[str, str]) -> None:
    assert {clip: visitor.wait(clip)["status"] for clip in endings} == endings


def _set_a_trap(database: Path) -> None:
    """An error that nobody foresees, when a clip of that prompt is about to succeed."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TRIGGER trap BEFORE UPDATE ON clip WHEN NEW.prompt_a = 'trapped' AND NEW.state = 'succeeded' "
            "BEGIN SELECT RAISE(ABORT, 'the trap was sprung'); END"
        )
    connection.close()


def _line_of(told: str, clip: str, words: str) -> str:
    return next(line for line in told.splitlines() if clip in line and words in line)


def _check_lines(told: str, format_: str) -> None:
    """Every line is the log's own, but for the two that `python app.py` greets with."""
    lines: list[Any] = [line for line in told.splitlines() if not line.startswith(("Players:", "Segue is at"))]
    if format_ == "json":
        assert all({"time", "level", "message"} < set(json.loads(line)) for line in lines)
    else:
        assert all(line[:4].isdigit() and "] " in line for line in lines)
