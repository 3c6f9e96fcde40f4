import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from segue.audio.files import (
    UnreadableAudio,
    UnreadablePicture,
    converted_audio,
    converted_picture,
    encode_flac,
    encode_wav,
    probe_audio,
    probe_picture,
    read_mono,
)

SAMPLES = Path(__file__).parents[3] / "shared" / "riffusion-samples"
SOUND = (0.1 * np.random.default_rng(3).standard_normal((44_100, 2))).astype(np.float32)
PICTURE = np.random.default_rng(4).integers(0, 256, (64, 80, 3), dtype=np.uint8)

AUDIO_FORMATS = ["WAV", "MP3", "FLAC", "OGG"]
PICTURE_FORMATS = ["JPEG", "PNG", "WEBP"]


def audio(container: str, sound: np.ndarray = SOUND, rate: int = 44_100, subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, rate, format=container, subtype=subtype)
    return buffer.getvalue()


def picture(container: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, container)
    return buffer.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


# --- Audio


@pytest.mark.parametrize(
    ("container", "media_type", "extension"),
    [
        ("WAV", "audio/wav", ".wav"),
        ("WAVEX", "audio/wav", ".wav"),
        ("MP3", "audio/mpeg", ".mp3"),
        ("FLAC", "audio/flac", ".flac"),
        ("OGG", "audio/ogg", ".ogg"),
    ],
)
def test_audio_is_told_by_its_bytes(file: Path, container: str, media_type: str, extension: str) -> None:
    file.write_bytes(audio(container))
    info = probe_audio(file)
    assert (info.media_type, info.extension) == (media_type, extension)
    assert (info.sample_rate, info.channels) == (44_100, 2)
    assert info.duration == pytest.approx(1, abs=0.06)


def test_the_models_own_files_are_read(file: Path) -> None:
    """Those beside the project where they are, else a file of the hosted model's shape."""
    found = [path for path in SAMPLES.glob("*") if path.suffix in (".wav", ".mp3")]
    file.write_bytes(audio("WAV", SOUND[:1, 0].repeat(225_351)))
    for path in [*found, file]:
        assert 5.04 < probe_audio(path).duration < 5.13


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"R",
        b"<!doctype html><title>Not found</title>",
        b'{"detail": "not found"}',
        b"RIFF\x00\x00\x00\x00WAVE<html></html>",
        b"RIFF\x10\x00\x00\x00AVI LIST",
        b"ID3<html>" + b"not music " * 500,
        b"\xff\xfb<html>" + b"not music " * 500,
        b"fLaC<html>" + b"not music " * 500,
        b"OggS<html>" + b"not music " * 500,
        picture("PNG"),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_not_audio_is_refused(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    with pytest.raises(UnreadableAudio):
        probe_audio(file)


@pytest.mark.parametrize("container", AUDIO_FORMATS)
@pytest.mark.parametrize("share", [0.0002, 0.002, 0.3, 0.9])
def test_audio_cut_short_is_refused(file: Path, container: str, share: float) -> None:
    whole = audio(container)
    file.write_bytes(whole[: round(len(whole) * share)])
    with pytest.raises(UnreadableAudio):
        probe_audio(file)


@pytest.mark.parametrize("container", ["WAV", "FLAC", "OGG"])
def test_a_single_missing_byte_is_noticed(file: Path, container: str) -> None:
    file.write_bytes(audio(container)[:-1])
    with pytest.raises(UnreadableAudio):
        probe_audio(file)


@pytest.mark.parametrize("announced", [0xFFFF_FFFF, 0x7FFF_FFFF])
def test_a_wav_written_as_a_stream_is_read(file: Path, announced: int) -> None:
    whole = audio("WAV")
    at = whole.index(b"data") + 4
    file.write_bytes(whole[:at] + struct.pack("<I", announced) + whole[at + 4 :])
    assert probe_audio(file).duration == 1


def test_a_wav_with_other_chunks_before_its_sound_is_read(file: Path) -> None:
    whole = audio("WAV")
    at = whole.index(b"data")
    file.write_bytes(whole[:at] + b"LIST" + struct.pack("<I", 5) + b"hello\0" + whole[at:])
    assert probe_audio(file).duration == 1


@pytest.mark.parametrize(
    ("sound", "rate", "why"),
    [
        (SOUND[:0], 44_100, "no sound"),
        (SOUND, 4_000, "sample rate"),
        (SOUND, 384_000, "sample rate"),
        (np.zeros((10, 6), np.float32), 44_100, "channels"),
        (np.zeros(8_000 * 601, np.int16), 8_000, "longer"),
    ],
    ids=["empty", "slow", "fast", "surround", "long"],
)
def test_audio_out_of_bounds_is_refused(file: Path, sound: np.ndarray, rate: int, why: str) -> None:
    file.write_bytes(audio("WAV", sound, rate))
    with pytest.raises(UnreadableAudio, match=why):
        probe_audio(file)


def test_an_hour_of_silence_in_a_small_file_is_refused_unread(file: Path) -> None:
    file.write_bytes(audio("FLAC", np.zeros(8_000 * 3_600, np.int16), 8_000))
    assert file.stat().st_size < 200_000
    with pytest.raises(UnreadableAudio, match="longer"):
        probe_audio(file)


def test_both_encodings_are_sixteen_bit_and_exact(file: Path) -> None:
    for encode, media_type in ((encode_flac, "audio/flac"), (encode_wav, "audio/wav")):
        file.write_bytes(encode(SOUND))
        assert probe_audio(file).media_type == media_type
        decoded, rate = soundfile.read(file, dtype="float32")
        assert rate == 44_100
        assert np.abs(decoded - SOUND).max() <= 1 / 32768


@pytest.mark.parametrize("source", AUDIO_FORMATS)
@pytest.mark.parametrize("extension", [".wav", ".mp3", ".flac", ".ogg"])
def test_a_file_sounds_the_same_in_another_format(file: Path, source: str, extension: str) -> None:
    tone = 0.5 * np.sin(np.arange(88_200) * 440 * 2 * np.pi / 44_100)
    stereo = np.stack([tone, tone / 2], axis=1)
    file.write_bytes(audio(source, stereo))
    sound, rate = soundfile.read(io.BytesIO(converted_audio(file, extension)))
    assert rate == 44_100
    assert len(sound) == pytest.approx(88_200, abs=2 * 1152)
    loudness = np.sqrt(np.mean(sound[4_410:-4_410] ** 2, axis=0))
    assert loudness == pytest.approx(np.sqrt(np.mean(stereo**2, axis=0)), rel=0.02)


@pytest.mark.parametrize(("source", "extension"), [("WAV", ".flac"), ("FLAC", ".wav")])
def test_sixteen_bits_stay_exact_in_another_format(file: Path, source: str, extension: str) -> None:
    file.write_bytes(audio(source, np.linspace(-1, 1, 65_536)))
    before, _ = soundfile.read(file, dtype="int16")
    after, _ = soundfile.read(io.BytesIO(converted_audio(file, extension)), dtype="int16")
    assert np.array_equal(before, after)


def test_a_long_clip_becomes_an_ogg(file: Path) -> None:
    file.write_bytes(audio("WAV", np.tile(SOUND, (60, 1))))
    assert soundfile.info(io.BytesIO(converted_audio(file, ".ogg"))).frames == 60 * 44_100


def test_a_rate_that_a_format_does_not_know_is_said_so(file: Path) -> None:
    file.write_bytes(audio("WAV", rate=96_000))
    with pytest.raises(UnreadableAudio, match="MP3"):
        converted_audio(file, ".mp3")


def test_reading_to_mono_takes_the_mean_of_the_channels(file: Path) -> None:
    file.write_bytes(audio("WAV", SOUND, subtype="FLOAT"))
    mono, rate = read_mono(file)
    assert rate == 44_100
    assert mono.dtype == np.float32
    assert np.allclose(mono, SOUND.mean(axis=1), atol=1e-6)


def test_reading_what_is_not_audio_says_so(file: Path) -> None:
    file.write_bytes(b"<html>")
    with pytest.raises(UnreadableAudio):
        read_mono(file)


def test_numbers_that_are_none_are_read_as_silence(file: Path) -> None:
    file.write_bytes(audio("WAV", np.array([0.5, np.nan, np.nan], np.float32), subtype="FLOAT"))
    assert read_mono(file)[0].tolist() == [0.5, 0, 0]


# --- Pictures


@pytest.mark.parametrize(
    ("container", "media_type", "extension"),
    [("JPEG", "image/jpeg", ".jpg"), ("PNG", "image/png", ".png"), ("WEBP", "image/webp", ".webp")],
)
def test_a_picture_is_told_by_its_bytes(file: Path, container: str, media_type: str, extension: str) -> None:
    file.write_bytes(picture(container))
    info = probe_picture(file)
    assert (info.media_type, info.extension) == (media_type, extension)
    assert (info.width, info.height) == (80, 64)


def test_the_models_own_pictures_are_read(file: Path) -> None:
    found = [path for path in SAMPLES.rglob("*") if path.suffix in (".jpg", ".png")]
    Image.new("RGB", (512, 512)).save(file, "JPEG")
    for path in [*found, file]:
        info = probe_picture(path)
        assert (info.width, info.height) == (512, 512)


@pytest.mark.parametrize("container", PICTURE_FORMATS)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.95])
def test_a_picture_cut_short_is_refused(file: Path, container: str, share: float) -> None:
    whole = picture(container)
    file.write_bytes(whole[: round(len(whole) * share)])
    with pytest.raises(UnreadablePicture):
        probe_picture(file)


@pytest.mark.parametrize("data", [b"<svg></svg>", b'{"a": 1}', b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\0" * 99])
def test_what_is_not_a_picture_is_refused(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    with pytest.raises(UnreadablePicture):
        probe_picture(file)


def test_a_gif_is_refused_even_when_whole(file: Path) -> None:
    Image.fromarray(PICTURE).save(file, "GIF")
    with pytest.raises(UnreadablePicture):
        probe_picture(file)


@pytest.mark.parametrize("side", [4_097, 10_000, 20_000])
def test_a_picture_that_would_fill_the_memory_is_refused_unread(file: Path, side: int) -> None:
    Image.new("1", (side, side)).save(file, "PNG")
    with pytest.raises(UnreadablePicture, match="pixels"):
        probe_picture(file)


@pytest.mark.parametrize("source", PICTURE_FORMATS)
@pytest.mark.parametrize("extension", [".jpg", ".png", ".webp"])
def test_a_picture_looks_the_same_in_another_format(file: Path, source: str, extension: str) -> None:
    Image.new("L", (64, 48), 90).save(file, source)
    content = converted_picture(file, extension)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (64, 48)
        assert np.asarray(picture.convert("L")).mean() == pytest.approx(90, abs=2)
    file.write_bytes(content)
    assert probe_picture(file).extension == extension


def test_what_is_not_a_picture_is_not_converted(file: Path) -> None:
    file.write_bytes(b"<!doctype html>")
    with pytest.raises(UnreadablePicture):
        converted_picture(file, ".png")
