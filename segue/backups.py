"""Backups: a studio as one tar file, taken while it runs.

In it are, in this order: the manifest; the key that signs cookies; every table's rows as JSON, a row a line, all of one
moment; the files that those rows name; and the SHA-256 of everything before, as `sha256sum -c` reads it. A file that
does not end with them is not whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from sqlalchemy import Connection, Table, select

from segue import belonging
from segue.db import Base, Database, newest_revision
from segue.errors import MediaError
from segue.media import Media
from segue.models import Clip, Studio
from segue.version import VERSION

FORMAT = 1
"""Of the file as a whole; what is in the tables goes by the schema's revision."""
MANIFEST, SECRET, SUMS = "segue-backup.json", "secret_key", "SHA256SUMS"
ROWS = 2000
"""Rows in one member of the tar, so that none has to fit into memory with all the others."""
TRIES = 3
TABLES = [table for table in Base.metadata.sorted_tables if table is not Studio.__table__]
"""What is in it: wherever it is restored, that is another studio."""


@dataclass
class Taken:
    """What is in a backup: how many clips and files, and the keys of those that are not there, or not as they were.

    What is known to be gone is not missed.
    """

    clips: int = 0
    files: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether everything is in it, and as it was."""
        return not (self.missing or self.damaged)


class _Named(NamedTuple):
    """A file that a row names; `gone`: it is known not to be there as it was."""

    key: str
    digest: str
    gone: bool


def take(database: Database, media: Media, secret: Path, out: BinaryIO) -> Taken:
    """Write a backup to `out`, which need not be seekable.

    Raises Apart, and MediaError where kept files are not to be had.
    """
    belonging.check(database, media)
    taken = Taken()
    with tarfile.open(fileobj=out, mode="w|") as tar, tempfile.TemporaryFile("w+", encoding="ascii") as named:
        archive = _Archive(tar)
        archive.add(MANIFEST, _manifest())
        if secret.exists():
            archive.add(SECRET, secret.read_bytes())
        with database.snapshot() as snapshot:
            for table in TABLES:
                for number, rows in enumerate(_parts(snapshot, table), 1):
                    archive.add(f"tables/{table.name}/{number:06}.jsonl", rows)
            taken.clips = _name_files(snapshot, named)
        named.seek(0)
        for line in named:
            _add_file(archive, media, _Named(*json.loads(line)), taken)
        archive.finish()
    return taken


class _Archive:
    """A tar that remembers the digest of everything that is put into it."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._now = time.time()
        self._sums: list[str] = []

    def add(self, name: str, content: bytes) -> str:
        """Put something in; returns its digest."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(content), 0o600, int(self._now)
        self._tar.addfile(member, io.BytesIO(content))
        digest = hashlib.sha256(content).hexdigest()
        self._sums.append(f"{digest}  {name}\n")
        return digest

    def finish(self) -> None:
        """Put in the digests of all that is in it."""
        self.add(SUMS, "".join(self._sums).encode())


def _manifest() -> bytes:
    facts = {
        "format": FORMAT,
        "program": VERSION,
        "revision": newest_revision(),
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(facts, indent=2).encode() + b"\n"


def _parts(snapshot: Connection, table: Table) -> Iterator[bytes]:
    """The rows of a table as lines of JSON, some at a time."""
    found = snapshot.execute(select(table).execution_options(yield_per=ROWS))
    for rows in found.mappings().partitions():
        yield "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows).encode()


def _name_files(snapshot: Connection, named: TextIO) -> int:
    """Write down each file that is kept of clips; returns how many clips there are."""
    clips = 0
    files = (Clip.audio, Clip.audio_hash, Clip.spectrogram, Clip.spectrogram_hash, Clip.gone_at)
    for audio, audio_hash, picture, picture_hash, gone_at in snapshot.execute(
        select(*files).execution_options(yield_per=ROWS)
    ):
        clips += 1
        for key, digest in ((audio, audio_hash), (picture, picture_hash)):
            if key:
                # A picture is drawn from the sound: where that is gone, it cannot be had any more, either.
                named.write(json.dumps((key, digest, gone_at is not None)) + "\n")
    return clips


def _add_file(archive: _Archive, media: Media, file: _Named, taken: Taken) -> None:
    content = _content(media, file.key)
    if content is None:
        if not file.gone:
            taken.missing.append(file.key)
        return
    taken.files += 1
    if archive.add(f"media/{file.key}", content) != file.digest and not file.gone:
        taken.damaged.append(file.key)


def _content(media: Media, key: str) -> bytes | None:
    """A kept file; None where it is not there, or its disk cannot read it."""
    for attempt in range(TRIES):
        try:
            file = media.find(key)
            return b"".join(file.chunks()) if file else None
        except OSError:
            return None
        except MediaError:
            if attempt == TRIES - 1:
                raise
    return None
