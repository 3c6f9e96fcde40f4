"""Audio and picture files: what they are by their bytes, whether they are whole, and making new ones.

Files come from other people's servers, so nothing is taken on trust: a probe reads the first bytes, compares
the announced size with the limits, and then decodes everything, in blocks.
"""

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from PIL import Image

from segue.audio.containers import AUDIO_TYPES
from segue.audio.grid import SAMPLE_RATE

Floats = npt.NDArray[np.float32]

MAX_SECONDS = 600
MAX_SAMPLES = 16_000_000  # of all channels: three minutes of stereo as a CD has it, 32 MB as a WAV
MIN_SAMPLE_RATE = 8_000
MAX_SAMPLE_RATE = 192_000
MAX_CHANNELS = 2
MAX_PIXELS = 4096 * 4096

BLOCK_FRAMES = 65_536
MAX_RIFF_CHUNKS = 1_000  # a real file has a handful; this only ends the walk through a hostile one
STREAMED_SIZES = range(0x7FFF_0000, 0x1_0000_0000)  # what writers put in a header before they know the length
MP3_SLACK_FRAMES = 2 * 1152  # an MP3's announced length may count the encoder's padding
OGG_MAX_PAGE = 65_307
OGG_LAST_PAGE = 0x04
UNKNOWN_FRAMES = 1 << 62  # libsndfile announces about 2**63 frames when a header does not say


class UnreadableAudio(ValueError):
    """Not a whole WAV, MP3, FLAC or OGG file within the limits. The message says what is wrong with it."""


class UnreadablePicture(ValueError):
    """Not a whole JPEG, PNG or WebP picture within the limits. The message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    media_type: str
    extension: str  # with its dot
    duration: float  # seconds, by the frames that decoded
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class PictureInfo:
    media_type: str
    extension: str  # with its dot
    width: int
    height: int


PICTURE_TYPES = {  # Pillow's name: media type, extension
    "JPEG": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "WEBP": ("image/webp", ".webp"),
}


def probe_audio(path: Path) -> AudioInfo:
    """What the audio file is, after decoding all of it. Raises UnreadableAudio."""
    claimed = _claimed_audio_format(path)
    if claimed == "WAV":
        _refuse_cut_wav(path)
    if claimed == "OGG":
        _refuse_cut_ogg(path)
    try:
        with soundfile.SoundFile(path) as sound:
            if claimed not in (sound.format, sound.format.removesuffix("EX")):
                raise UnreadableAudio(f"begins like {claimed} but is {sound.format}")
            _refuse_odd_sound(sound)
            frames = _decode(sound)
            media_type, extension = AUDIO_TYPES[claimed]
            duration = frames / sound.samplerate
            return AudioInfo(media_type, extension, duration, sound.samplerate, sound.channels)
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        raise UnreadableAudio(f"{claimed} that cannot be decoded: {error}") from error


def probe_picture(path: Path) -> PictureInfo:
    """What the picture file is, after decoding all of it. Raises UnreadablePicture."""
    try:
        with Image.open(path, formats=tuple(PICTURE_TYPES)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnreadablePicture(f"{image.width} x {image.height} pixels, more than {MAX_PIXELS:,}")
            image.load()
            media_type, extension = PICTURE_TYPES[image.format or ""]
            return PictureInfo(media_type, extension, image.width, image.height)
    except UnreadablePicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePicture(f"more than {MAX_PIXELS:,} pixels") from error
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, struct.error, zlib.error) as error:
        raise UnreadablePicture(f"not a whole JPEG, PNG or WebP picture: {error}") from error


def read_mono(path: Path, seconds: float = MAX_SECONDS) -> tuple[Floats, int]:
    """The channels' mean of the first `seconds`, float32 in -1..1, and the sample rate. Or UnreadableAudio."""
    try:
        with soundfile.SoundFile(path) as sound:
            frames = sound.read(round(seconds * sound.samplerate), dtype="float32", always_2d=True)
            return np.nan_to_num(frames.mean(axis=1, dtype=np.float32)), sound.samplerate
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        raise UnreadableAudio(f"cannot be decoded: {error}") from error


def encode_flac(samples: Floats, sample_rate: int = SAMPLE_RATE) -> bytes:
    """Frames of shape (n,) or (n, channels), -1..1, as 16-bit FLAC: exact, in half the bytes of a WAV."""
    return _encode(samples, sample_rate, "FLAC")


def encode_wav(samples: Floats, sample_rate: int = SAMPLE_RATE) -> bytes:
    """Frames of shape (n,) or (n, channels), -1..1, as 16-bit WAV."""
    return _encode(samples, sample_rate, "WAV")


def converted_audio(path: Path, extension: str) -> bytes:
    """The audio file in the format that AUDIO_TYPES has for `extension`, with its rate and channels.

    16-bit samples stay exactly as they are wherever the format can hold them. Raises UnreadableAudio.
    """
    container = next(name for name, (_, known) in AUDIO_TYPES.items() if known == extension)
    subtype = "PCM_16" if container in ("WAV", "FLAC") else None
    buffer = io.BytesIO()
    try:
        with (
            soundfile.SoundFile(path) as sound,
            soundfile.SoundFile(
                buffer, "w", sound.samplerate, sound.channels, format=container, subtype=subtype
            ) as target,
        ):
            # In blocks: libsndfile dies over a minute of Vorbis given at once. As fractions, which hold 16 bits
            # exactly: from 16-bit numbers it spoils a stereo MP3.
            for block in sound.blocks(BLOCK_FRAMES, dtype="float32"):
                target.write(block)
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        raise UnreadableAudio(f"cannot be written as {container}: {error}") from error
    return buffer.getvalue()


def converted_picture(path: Path, extension: str) -> bytes:
    """The picture file in the format that PICTURE_TYPES has for `extension`. Raises UnreadablePicture."""
    container = next(name for name, (_, known) in PICTURE_TYPES.items() if known == extension)
    buffer = io.BytesIO()
    try:
        with Image.open(path, formats=tuple(PICTURE_TYPES)) as image:
            image.convert("RGB").save(buffer, container)
    except (OSError, ValueError) as error:
        raise UnreadablePicture(f"cannot be written as {container}: {error}") from error
    return buffer.getvalue()


def _encode(samples: Floats, sample_rate: int, container: str) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, sample_rate, format=container, subtype="PCM_16")
    return buffer.getvalue()


def _claimed_audio_format(path: Path) -> str:
    """The format that the file's first bytes announce."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        return "WAV"
    if head[:4] == b"fLaC":
        return "FLAC"
    if head[:4] == b"OggS":
        return "OGG"
    if head[:3] == b"ID3" or _is_mp3_frame(head):
        return "MP3"
    raise UnreadableAudio("empty" if not head else "not a WAV, MP3, FLAC or OGG file")


def _is_mp3_frame(head: bytes) -> bool:
    """Eleven set bits, then a version and a layer that are Layer III's (ISO 11172-3)."""
    return len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 == 0x02


def _refuse_cut_wav(path: Path) -> None:
    """Libsndfile plays what there is of a cut file, so the length its header promises is checked here."""
    size = path.stat().st_size
    with path.open("rb") as file:
        position = 12
        for _ in range(MAX_RIFF_CHUNKS):
            file.seek(position)
            header = file.read(8)
            if len(header) < 8:
                break
            name, length = struct.unpack("<4sI", header)
            if name == b"data":
                if length not in STREAMED_SIZES and position + 8 + length > size:
                    raise UnreadableAudio(f"WAV cut short: {size - position - 8:,} of {length:,} bytes")
                return
            position += 8 + length + length % 2  # chunks start at even positions
    raise UnreadableAudio("WAV without sound data")


def _refuse_cut_ogg(path: Path) -> None:
    """Libsndfile ends a file at its last page, so that must be whole and marked as the end (RFC 3533)."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - OGG_MAX_PAGE))
        tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    segments = page[27 : 27 + page[26]] if len(page) > 26 else b""
    whole = len(page) > 26 and len(page) >= 27 + page[26] + sum(segments)
    if not whole or not page[5] & OGG_LAST_PAGE:
        raise UnreadableAudio("OGG cut short")


def _refuse_odd_sound(sound: soundfile.SoundFile) -> None:
    if not MIN_SAMPLE_RATE <= sound.samplerate <= MAX_SAMPLE_RATE:
        raise UnreadableAudio(f"a sample rate of {sound.samplerate:,} Hz")
    if not 1 <= sound.channels <= MAX_CHANNELS:
        raise UnreadableAudio(f"{sound.channels} channels")
    if sound.frames < UNKNOWN_FRAMES:
        _refuse_long(sound, sound.frames)


def _refuse_long(sound: soundfile.SoundFile, frames: int) -> None:
    if frames > MAX_SECONDS * sound.samplerate:
        raise UnreadableAudio(f"longer than {MAX_SECONDS // 60} minutes")
    if frames * sound.channels > MAX_SAMPLES:
        raise UnreadableAudio(f"more than {MAX_SAMPLES:,} samples")


def _decode(sound: soundfile.SoundFile) -> int:
    """Decodes to the end and counts the frames."""
    block = bytearray(BLOCK_FRAMES * sound.channels * 2)
    frames = 0
    while got := sound.buffer_read_into(block, dtype="int16"):
        frames += got
        _refuse_long(sound, frames)
    if not frames:
        raise UnreadableAudio("no sound in it")
    slack = MP3_SLACK_FRAMES if sound.format == "MP3" else 0
    if frames + slack < sound.frames < UNKNOWN_FRAMES:
        raise UnreadableAudio(f"{sound.format} cut short: {frames:,} of {sound.frames:,} frames")
    return frames
