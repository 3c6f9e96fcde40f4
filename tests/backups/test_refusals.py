"""What is not whole, not ours or not fitting is refused in a sentence, and leaves nothing behind."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from segue import belonging
from segue.models import Role
from segue.parts import Parts
from segue.recipe import Recipe
from tests.backups.archive import archived, members_of, ran, rows_of
from tests.studio import made


def test_what_cannot_be_restored_leaves_the_key_as_it_was(path: Path, empty: Flask) -> None:
    key = empty.extensions["segue"].settings.key_file
    before = key.read_bytes()
    members = members_of(path)
    name = next(name for name in members if name.startswith("tables/clip/"))
    members[name] += members[name]
    result = ran(empty, "restore", str(archived(path, members)))
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
    result = ran(empty, "restore", str(archived(path, members_of(path) | {name: body})))
    assert result.exit_code == 1
    assert re.fullmatch(r"Restoring into [^\n]+\nError: [^\n]{20,400}\n", result.stderr), result.stderr
    assert not isinstance(result.exception, RecursionError)
    assert rows_of(here)["clip"] == []
    assert [file.key for file in here.media.files() if file.key != belonging.MARK] == []
    assert here.settings.key_file.read_bytes() == key


def test_a_backup_with_a_hole_as_large_as_a_disk_is_refused(path: Path, empty: Flask, tmp_path: Path) -> None:
    hole = tmp_path / "media" / "aa" / "hole.flac"
    hole.parent.mkdir(parents=True)
    with hole.open("wb") as file:
        file.truncate(3 * 10**9)
    packed = tmp_path / "hole.tar"
    subprocess.run(["tar", "-S", "-C", str(tmp_path), "-cf", str(packed), "media/aa/hole.flac"], check=True)
    result = ran(empty, "restore", str(packed))
    assert result.exit_code == 1
    assert "is larger than any" in result.stderr


def test_a_key_that_cannot_be_written_ends_it_before_anything_is_restored(path: Path, empty: Flask) -> None:
    key = empty.extensions["segue"].settings.key_file
    before, draft = key.read_bytes(), key.with_name(f"{key.name}.{os.getpid()}")
    draft.mkdir()
    result = ran(empty, "restore", str(path))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert rows_of(empty.extensions["segue"])["clip"] == []
    draft.rmdir()
    assert ran(empty, "restore", str(path)).exit_code == 0, "it can be tried again"
    assert key.read_bytes() != before


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
    members = members_of(path)
    facts = json.loads(members["segue-backup.json"])
    members["segue-backup.json"] = json.dumps(facts | {"revision": "0999_future", "program": "9.0"}).encode()
    archived(path, members)


def _with(name: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        archived(path, members_of(path) | {name: b"harm"})

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
    result = ran(empty, "restore", str(path))
    assert result.exit_code == 1, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert [file.key for file in there.media.files()] == [belonging.MARK]
    assert rows_of(there)["clip"] == []
    assert (there.settings.data / "secret_key").read_bytes() == secret


def test_rows_that_do_not_fit_are_refused_and_leave_the_database_as_it_was(
    path: Path, empty: Flask, tmp_path: Path
) -> None:
    members = members_of(path)
    members["tables/heart/000001.jsonl"] = b'{"member_id": "", "clip_id": "nosuchclip"}\n'
    result = ran(empty, "restore", str(archived(tmp_path / "odd.tar", members)))
    assert result.exit_code == 1
    assert "do not fit" in result.stderr
    assert rows_of(empty.extensions["segue"])["clip"] == []
    assert ran(empty, "restore", str(path)).exit_code == 0, "it can be tried again"


@pytest.mark.parametrize("what", ["a clip", "a member"])
def test_only_an_empty_studio_takes_one(path: Path, empty: Flask, what: str) -> None:
    if what == "a clip":
        made(empty, Recipe("mine"))
    else:
        empty.extensions["segue"].members.invite("Nora", Role.OWNER)
    before = rows_of(empty.extensions["segue"])
    result = ran(empty, "restore", str(path))
    assert result.exit_code == 1
    assert f"The studio in {empty.extensions['segue'].database.place} is not empty" in result.stderr
    assert rows_of(empty.extensions["segue"]) == before
