"""The two files of a run, in the hosted model's shape: 5.11 s of mono 16-bit sound, a 512 x 512 picture."""

import io
import math
import struct
import wave
import zlib
from array import array
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SAMPLE_RATE = 44_100
SAMPLES = 225_351
BEATS = 8
BEAT_SAMPLES = 28_224
SIZE = 512
BEAT_COLUMNS = SIZE // BEATS
NOTES = (220.0, 261.63, 329.63, 440.0, 329.63, 261.63, 246.94, 196.0)
"""One note a beat, in Hz."""
DECAY = 4.0
TOP = 10_000.0
SILENCE = 255
SOUND_STARTS = 44
"""Bytes of a WAV before its first sample."""
HEADER_ENDS = 33
"""Bytes of a PNG up to the end of its header chunk."""

HOSTED = Path(__file__).parents[3] / "shared" / "riffusion-samples"


@dataclass(frozen=True, slots=True)
class Media:
    audio: bytes
    spectrogram: bytes
    spectrogram_name: str = "spectrogram.jpg"


@cache
def made_media() -> Media:
    """Two bars of plain tones and a PNG that shows them: the same bytes every time."""
    return Media(wav(tones()), png(strokes()), "spectrogram.png")


@cache
def hosted_media() -> Media:
    """What the hosted model returned, where such samples lie beside the repository; else `made_media()`."""
    audio, spectrogram = HOSTED / "hosted_output.wav", HOSTED / "hosted_output.jpg"
    if not (audio.is_file() and spectrogram.is_file()):
        return made_media()
    return Media(audio.read_bytes(), spectrogram.read_bytes())


def marked(media: Media, mark: bytes) -> Media:
    """The same sound and picture (a WAV and a PNG), to be told apart by a mark in their bytes that nobody notices."""
    beyond = SOUND_STARTS + len(mark)
    return Media(
        media.audio[:SOUND_STARTS] + mark + media.audio[beyond:],
        media.spectrogram[:HEADER_ENDS]
        + _chunk(b"tEXt", b"Comment\0" + mark.hex().encode())
        + media.spectrogram[HEADER_ENDS:],
        media.spectrogram_name,
    )


def tones() -> "array[int]":
    fade = [12_000 * math.exp(-DECAY * sample / BEAT_SAMPLES) for sample in range(BEAT_SAMPLES)]
    sound = array("h")
    for note in NOTES:
        turn = math.tau * note / SAMPLE_RATE
        sound.extend(int(level * math.sin(turn * sample)) for sample, level in enumerate(fade))
    return sound[:SAMPLES]


def wav(sound: "array[int]") -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(sound.tobytes())
    return file.getvalue()


def strokes() -> list[bytearray]:
    """Rows from the top: a dark stroke a beat at its note's mel band, fading to the white of silence."""
    rows = [bytearray([SILENCE]) * SIZE for _ in range(SIZE)]
    for beat, note in enumerate(NOTES):
        row = rows[SIZE - 1 - int(SIZE * mel(note) / mel(TOP))]
        for column in range(BEAT_COLUMNS):
            level = math.exp(-DECAY * column / BEAT_COLUMNS) ** 0.25
            row[beat * BEAT_COLUMNS + column] = SILENCE - int(SILENCE * level)
    return rows


def mel(hertz: float) -> float:
    """HTK's scale."""
    return 2595.0 * math.log10(1.0 + hertz / 700.0)


def png(rows: list[bytearray]) -> bytes:
    """An 8-bit greyscale PNG."""
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
