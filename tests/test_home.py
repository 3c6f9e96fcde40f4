"""Home: whose the data folder is, who gets in, and who begins a studio in it."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from segue import home
from segue.config import Settings
from segue.errors import SettingsError
from tests.serving import ROOT, Serving
from tests.terminal import running

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _ended(data: Path, *words: str) -> tuple[int, str]:
    with running(data, {}, *words) as process:
        told = process.communicate()[1].decode()
    return process.returncode, told


def test_a_data_folder_that_is_made_is_for_its_owner_only(tmp_path: Path) -> None:
    home.enter(Settings.load({"SEGUE_DATA": str(tmp_path / "new" / "data")}))
    assert _mode(tmp_path / "new" / "data") == 0o700


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    home.enter(Settings.load({"SEGUE_DATA": str(tmp_path)}))
    assert _mode(tmp_path) == 0o750


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match=str(tmp_path / "file" / "data")):
        home.enter(Settings.load({"SEGUE_DATA": str(tmp_path / "file" / "data")}))


@AS_ROOT
def test_root_leaves_nothing_in_a_studio_that_is_somebody_elses(tmp_path: Path) -> None:
    data, nobody = tmp_path / "data", pwd.getpwnam("nobody")
    data.mkdir()
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    code, told = _ended(data, "member", "invite", "Nora")
    assert code == 2
    assert f"{data} belongs to nobody: run this as nobody" in told
    served = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=Serving(data).environ, capture_output=True, text=True, check=False
    )
    assert served.returncode == 2
    assert "belongs to nobody" in served.stderr
    assert list(data.iterdir()) == []


@AS_ROOT
def test_an_owner_without_a_name_is_told_by_number(tmp_path: Path) -> None:
    os.chown(tmp_path, 65532, 65532)
    with pytest.raises(SettingsError, match="belongs to #65532"):
        home.enter(Settings.load({"SEGUE_DATA": str(tmp_path)}))


@pytest.mark.parametrize("words", [("backup", "-"), ("check",), ("rotate-key",)])
def test_what_looks_after_a_studio_begins_none(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, told = _ended(tmp_path / "data", *words)
    assert code == 2
    assert f"there is no studio in {tmp_path / 'data'} yet" in told
    assert list(tmp_path.iterdir()) == []


def test_inviting_somebody_begins_one_whatever_they_are_called(tmp_path: Path) -> None:
    assert _ended(tmp_path / "data", "member", "invite", "doctor") == (0, "")
    assert _ended(tmp_path / "data", "doctor")[0] == 0


def test_a_studio_whose_database_is_a_server_is_there(tmp_path: Path) -> None:
    elsewhere = {"SEGUE_DATA": str(tmp_path / "data"), "SEGUE_DATABASE_URL": "postgresql://db/segue"}
    home.enter(Settings.load(elsewhere), begin=False)
    assert (tmp_path / "data").is_dir()
