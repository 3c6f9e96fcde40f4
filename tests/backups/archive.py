"""What tests of backups share: commands run, and archives read and written."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask
from sqlalchemy import select

from segue import backups
from segue.models import Clip
from segue.parts import Parts
from segue.recipe import Recipe
from tests.studio import made

Archive = dict[str, bytes]
"""What is in a backup, by name."""


def riffed(app: Flask) -> list[Clip]:
    """Clips, each made from the one before, whose ids are in no order."""
    clips = app.extensions["segue"].clips
    found = [made(app, Recipe("bells"))]
    for number in range(3):
        clip = clips.submit(Recipe(f"riff {number}", take=number), f"riff {number}", parent_id=found[-1].id)
        clips.advance(clip.id)
        found.append(clips.find(clip.id))
    clips.change(found[0].id, lambda clip: clip.describe("Évening 🔔", "one\ntwo\u2028three\x1e", "slow, low"))
    return found


def ran(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def backed_up(app: Flask, path: Path) -> Path:
    result = ran(app, "backup", str(path))
    assert result.exit_code == 0, result.output
    return path


def rows_of(here: Parts) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables that are in a backup."""
    with here.database.reader.connect() as connection:
        return {
            table.name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=repr)
            for table in backups.TABLES
        }


def members_of(path: Path) -> Archive:
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def archived(path: Path, members: Archive) -> Path:
    """A backup of these members, with the digests to go with them."""
    members.pop("SHA256SUMS", None)
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in members.items())
    with tarfile.open(path, "w") as tar:
        for name, body in [*members.items(), ("SHA256SUMS", sums.encode())]:
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return path
