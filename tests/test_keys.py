"""The keys that sign cookies and forms: changed without signing anybody out."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest
from flask import Flask

from segue import create_app, keys
from segue.config import Settings
from segue.errors import SettingsError
from segue.members import VISIT_SECONDS
from tests.visitor import hidden
from tests.web.conftest import PASSWORD, entered


def _reopened(app: Flask, settings: Settings) -> Flask:
    app.extensions["segue"].database.close()
    return create_app(settings)


def test_a_new_key_signs_and_the_old_one_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    (first,) = keys.kept(path)
    keys.rotate(path)
    second, old = keys.kept(path)
    assert old == first
    assert second != first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys.rotate(path)
    assert keys.kept(path)[1:] == [second, first]


def test_a_key_that_was_seen_is_forgotten_at_once(app: Flask, settings: Settings) -> None:
    browser = entered(app, "Nora")
    result = app.test_cli_runner().invoke(args=["rotate-key", "--forget"])
    assert "Everybody signs in again" in result.output
    assert len(keys.kept(settings.key_file)) == 1
    again = _reopened(app, settings)
    stale = again.test_client()
    cookie = browser.get_cookie("session")
    assert cookie
    stale.set_cookie("session", cookie.value)
    assert "/sign-in" in stale.get("/").headers["Location"]
    again.extensions["segue"].database.close()


def test_an_old_key_is_believed_for_as_long_as_anybody_stays_signed_in(tmp_path: Path) -> None:
    assert keys.OLD_SECONDS == VISIT_SECONDS
    path = tmp_path / "secret_key"
    path.write_text(f"{'n' * 40}\n{'a' * 40} {time.time() + 60:.0f}\n{'b' * 40} {time.time() - 60:.0f}\n{'c' * 40}")
    assert keys.kept(path) == ["n" * 40, "a" * 40]
    keys.rotate(path)
    assert "b" * 40 not in path.read_text()


def test_nobody_is_signed_out_and_open_forms_stay_good(app: Flask, settings: Settings) -> None:
    browser = entered(app, "Nora")
    form = hidden(browser.get("/me").text, "csrf_token")
    cookie = browser.get_cookie("session")
    assert cookie
    assert "Restart" in app.test_cli_runner().invoke(args=["rotate-key"]).output
    app = _reopened(app, settings)
    later = app.test_client()
    later.set_cookie("session", cookie.value)
    assert later.get("/").status_code == 200
    answer = later.post("/me", data={"csrf_token": form, "old": PASSWORD, "password": "another four words"})
    assert answer.status_code == 303
    app.extensions["segue"].database.close()


def test_what_a_forgotten_key_signed_is_worth_nothing(app: Flask, settings: Settings) -> None:
    browser = entered(app, "Nora")
    cookie = browser.get_cookie("session")
    assert cookie
    settings.key_file.unlink()
    app = _reopened(app, settings)
    later = app.test_client()
    later.set_cookie("session", cookie.value)
    assert later.get("/").status_code == 303
    app.extensions["segue"].database.close()


def test_keys_may_be_given_for_many_machines(tmp_path: Path) -> None:
    given = {"SEGUE_DATA": str(tmp_path / "not there yet"), "SEGUE_SECRET_KEY": f"{'n' * 40} {'o' * 32}"}
    settings = Settings.load(given)
    assert settings.secret_keys() == ["n" * 40, "o" * 32]
    app = create_app(settings)
    assert not settings.key_file.exists()
    told = app.test_cli_runner().invoke(args=["rotate-key"]).output
    assert "SEGUE_SECRET_KEY" in told
    assert keys.long_enough([told.split()[-1]])
    app.extensions["segue"].database.close()


@pytest.mark.parametrize("given", ["short", f"{'n' * 40} short"])
def test_a_key_that_could_be_guessed_is_refused_and_not_shown(given: str) -> None:
    with pytest.raises(SettingsError, match="SEGUE_SECRET_KEY") as refusal:
        Settings.load({"SEGUE_SECRET_KEY": given})
    assert "short" not in refusal.value.message


def test_an_empty_file_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("\n")
    with pytest.raises(SettingsError, match="remove the file"):
        Settings.load({"SEGUE_DATA": str(tmp_path)}).secret_keys()
