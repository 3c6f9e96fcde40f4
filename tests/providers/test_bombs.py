"""Small things that unpack into large ones: answers, files and pictures, each stopped before it fills the memory."""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile

from segue.audio.files import UnreadableAudio, UnreadablePicture, converted_audio, probe_audio, probe_picture
from segue.providers.base import ProviderError, Spoilt
from segue.providers.files import FILE_LIMIT, Files
from segue.providers.hosts import Hosts
from segue.providers.http import Http, NoAnswer
from tests.servers import behaviours
from tests.servers.upstream import Upstream

MEGABYTE = 1024 * 1024


@contextmanager
def _within(megabytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """Half a gigabyte of nothing, in half a megabyte."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        for _ in range(512):
            file.write(bytes(MEGABYTE))
    return packed.getvalue()


def test_an_answer_that_unpacks_without_end_is_stopped(upstream: Upstream, bomb: bytes) -> None:
    packed = {"Content-Encoding": "gzip"}
    upstream.gateway.on_get(behaviours.answer(200, bomb, content_type="application/json", headers=packed))
    with _within(24), pytest.raises(NoAnswer, match="makes no sense"):
        Http(upstream.gateway.base, upstream.gateway.key, "The house").get("/predictions/abc")


@pytest.mark.parametrize("times", [1, 2])
def test_a_file_that_unpacks_without_end_is_stopped(upstream: Upstream, bomb: bytes, times: int) -> None:
    packed = {"Content-Encoding": ", ".join(["gzip"] * times)}
    for _ in range(times - 1):
        bomb = gzip.compress(bomb)
    upstream.files.on_audio(behaviours.answer(200, bomb, content_type="audio/wav", headers=packed))
    into = BytesIO()
    # What it is written into counts as well, and grows by doubling.
    with _within(3 * FILE_LIMIT // MEGABYTE), pytest.raises(Spoilt, match="too large"):
        files = Files("The house", Hosts().also(upstream.files.address))
        files.fetch(upstream.files.output("abc")["audio"], into)
    assert len(into.getvalue()) <= FILE_LIMIT


def test_a_file_packed_without_end_is_refused(upstream: Upstream) -> None:
    packed = {"Content-Encoding": ", ".join(["gzip"] * 50)}
    upstream.files.on_audio(behaviours.answer(200, gzip.compress(b"x"), content_type="audio/wav", headers=packed))
    with pytest.raises(ProviderError):
        Files("The house", Hosts().also(upstream.files.address)).fetch(upstream.files.output("abc")["audio"], BytesIO())


def test_an_answer_nested_without_end_makes_no_sense(upstream: Upstream) -> None:
    upstream.gateway.on_get(behaviours.answer(200, b"[" * 900_000, content_type="application/json"))
    with pytest.raises(NoAnswer, match="makes no sense"):
        Http(upstream.gateway.base, upstream.gateway.key, "The house").get("/predictions/abc")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *more: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compress(bytes(min((width + 1) * height, 4 * MEGABYTE)), 9)
    chunks = [_chunk(b"IHDR", header), *more, _chunk(b"IDAT", packed), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


BOMBS = {
    "wide": _png(2**31 - 1, 1),
    "square": _png(60_000, 60_000),
    "text": _png(8, 8, _chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(200 * MEGABYTE), 9))),
    "profile": _png(8, 8, _chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(200 * MEGABYTE), 9))),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_picture_that_unpacks_without_end_is_stopped(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture"
    path.write_bytes(BOMBS[kind])
    assert len(BOMBS[kind]) < MEGABYTE
    with _within(64), pytest.raises(UnreadablePicture):
        probe_picture(path)


@pytest.mark.parametrize(("rate", "channels", "seconds"), [(192_000, 2, 60), (44_100, 2, 240), (48_000, 1, 500)])
def test_a_sound_that_unpacks_without_end_is_stopped(tmp_path: Path, rate: int, channels: int, seconds: int) -> None:
    path = tmp_path / "sound.flac"
    with soundfile.SoundFile(path, "w", rate, channels) as sound:
        for _ in range(seconds):
            sound.write(np.zeros((rate, channels), np.int16))
    assert path.stat().st_size < MEGABYTE
    with _within(8), pytest.raises(UnreadableAudio, match="more than"):
        probe_audio(path)


def test_what_is_let_in_can_be_had_in_another_format_without_using_much_up(tmp_path: Path) -> None:
    path = tmp_path / "sound.flac"
    with soundfile.SoundFile(path, "w", 44_100, 2) as sound:
        for _ in range(180):
            sound.write(np.zeros((44_100, 2), np.int16))
    assert probe_audio(path).duration == 180
    with _within(80):
        assert len(converted_audio(path, ".wav")) == pytest.approx(180 * 44_100 * 4, rel=0.01)


def test_the_bombs_are_pictures_but_for_what_they_unpack_to(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(_png(8, 8, _chunk(b"zTXt", b"note\0\0" + zlib.compress(b"words"))))
    assert probe_picture(path).width == 8
