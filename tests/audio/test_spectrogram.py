import io
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from segue.audio.grid import BEAT_SAMPLES, HOP, LOOP_SAMPLES, SAMPLE_RATE
from segue.audio.spectrogram import encode_picture, mel_bands, pixels, to_pixels

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

SAMPLES = Path(__file__).parents[3] / "shared" / "riffusion-samples"
MODEL_FRAMES = 225_351  # what the model writes: 511 hops


def seconds(count: int, rate: int = SAMPLE_RATE) -> Array:
    return np.arange(count) / rate


def busy_sound(count: int) -> Floats:
    """Decaying tones on every beat over a little noise."""
    t = seconds(count)
    since_beat = (np.arange(count) % BEAT_SAMPLES) / SAMPLE_RATE
    pitch = 110 * 2 ** (np.arange(count) // BEAT_SAMPLES / 3)
    tones = sum(np.sin(2 * np.pi * n * pitch * t) / n for n in range(1, 8))
    noise = np.random.default_rng(5).standard_normal(count)
    return (0.2 * tones * np.exp(-since_beat * 5) + 0.002 * noise).astype(np.float32)


def riffusion_picture(samples: Floats) -> Array:
    """The encoding by its definition: full windows at 44.1 kHz and a dense mel filter bank, in double precision."""
    window, padded = 4410, 17640
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    mirrored = np.pad(samples.astype(np.float64), window // 2, mode="reflect")
    frames = np.stack([mirrored[k * HOP : k * HOP + window] * hann for k in range(512)])
    magnitudes = np.abs(np.fft.rfft(frames, padded, axis=1))
    hz = np.fft.rfftfreq(padded, 1 / SAMPLE_RATE)
    corners = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 10_000 / 700), 514) / 2595) - 1)
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    filters = np.clip(np.minimum((hz - low) / (centre - low), (high - hz) / (high - centre)), 0, None)
    bands = filters @ magnitudes.T
    return np.asarray(255 - 255 * (bands / bands.max()) ** 0.25)[::-1]


def hosted_output() -> tuple[Floats, Array]:
    """A file of the model and its picture; without the samples, a sound of that shape and its exact picture."""
    audio, picture = SAMPLES / "hosted_output.wav", SAMPLES / "hosted_output.jpg"
    if not audio.exists():
        sound = busy_sound(MODEL_FRAMES)
        return sound, riffusion_picture(sound)
    with wave.open(str(audio)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / np.float32(32768)
    return sound, np.asarray(Image.open(picture).convert("L"), np.float64)


def correlation(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    return float(np.corrcoef(np.ravel(a), np.ravel(b))[0, 1])


@pytest.mark.parametrize("count", [LOOP_SAMPLES, MODEL_FRAMES])
def test_a_picture_is_riffusions_to_a_level_of_grey(count: int) -> None:
    sound = busy_sound(count)
    drawn = pixels(sound)
    assert drawn.shape == (512, 512)
    assert drawn.dtype == np.uint8
    # Whole numbers are cut, not rounded, hence up to 1 below; the last columns of a loop mirror other samples.
    assert np.abs(drawn[:, :505] - np.floor(riffusion_picture(sound[:MODEL_FRAMES]))[:, :505]).max() <= 1


def test_a_picture_of_the_models_sound_is_the_models_picture() -> None:
    sound, picture = hosted_output()
    drawn = pixels(sound)
    # Turning a picture into sound guesses its phases, which costs about 2 %; a column or a row off costs 1 to 5 more.
    aligned = correlation(drawn, picture)
    assert aligned > 0.97
    for shift in (-1, 1):
        assert correlation(np.roll(drawn, shift, axis=1)[:, 2:-2], picture[:, 2:-2]) < aligned - 0.005
        assert correlation(np.roll(drawn, shift, axis=0)[2:-2], picture[2:-2]) < aligned - 0.005


@pytest.mark.parametrize("hz", [100, 440, 1_000, 8_000])
def test_a_sine_lights_the_mel_band_it_belongs_to(hz: int) -> None:
    drawn = pixels(np.sin(2 * np.pi * hz * seconds(LOOP_SAMPLES)).astype(np.float32))
    mel = 2595 * np.log10(1 + hz / 700)
    band_above_bottom = mel / (2595 * np.log10(1 + 10_000 / 700)) * 513 - 1
    darkest_row = int(drawn[:, 256].argmin())
    assert abs(511 - darkest_row - band_above_bottom) <= 1


@pytest.mark.parametrize("at", [0.5, 1.0, 2.56, 4.9])
def test_a_click_is_loudest_in_the_column_of_its_time(at: float) -> None:
    sound = np.zeros(LOOP_SAMPLES, np.float32)
    sound[round(at * SAMPLE_RATE)] = 1
    assert int(mel_bands(sound).sum(axis=0).argmax()) == round(at * 100)


@pytest.mark.parametrize("rate", [8_000, 22_050, 32_000, 48_000, 96_000])
def test_the_sample_rate_changes_neither_pitch_nor_time(rate: int) -> None:
    t = seconds(round(5.12 * rate), rate)
    sound = (np.sin(2 * np.pi * 1_000 * t) * (t >= 2)).astype(np.float32)
    drawn = pixels(sound, rate)
    t = seconds(LOOP_SAMPLES)
    expected = pixels((np.sin(2 * np.pi * 1_000 * t) * (t >= 2)).astype(np.float32))
    assert drawn[:, 400].argmin() == expected[:, 400].argmin()
    row = int(drawn[:, 400].argmin())
    assert np.abs(drawn[row, 180:220].astype(int) - expected[row, 180:220]).max() <= 3


def test_a_pixel_falls_with_the_fourth_root_of_the_amplitude() -> None:
    bands = np.array([[1.0], [1 / 16], [0.0]], np.float32)
    assert to_pixels(bands).ravel().tolist() == [255, 127, 0]


def test_a_longer_sound_is_cut_at_5_12_seconds() -> None:
    quiet_then_loud = np.concatenate([0.01 * busy_sound(LOOP_SAMPLES), busy_sound(LOOP_SAMPLES)])
    assert np.array_equal(pixels(quiet_then_loud), pixels(quiet_then_loud[:LOOP_SAMPLES]))


@pytest.mark.parametrize("count", [1, 2, 4_000, 100_000])
def test_a_shorter_sound_is_followed_by_white(count: int) -> None:
    drawn = pixels(np.ones(count, np.float32) * np.float32(0.5))
    assert drawn.shape == (512, 512)
    assert drawn.min() == 0
    assert drawn[:, count // HOP + 11 :].min(initial=255) > 240


def test_silence_is_white() -> None:
    assert pixels(np.zeros(LOOP_SAMPLES, np.float32)).min() == 255


def test_the_picture_file_is_grey_and_carries_riffusions_parameters() -> None:
    sound = busy_sound(LOOP_SAMPLES)
    image = Image.open(io.BytesIO(encode_picture(sound)))
    assert (image.format, image.mode, image.size) == ("PNG", "L", (512, 512))
    assert np.array_equal(np.asarray(image), pixels(sound))
    tags = dict(image.getexif())
    loudest = tags.pop(11080)
    assert tags == {
        11000: 44100,
        11005: 0,
        11010: 10,
        11020: 100,
        11030: 400,
        11040: 512,
        11050: 0,
        11060: 10000,
        11070: 0.25,
    }
    assert loudest == pytest.approx(float(mel_bands(sound).max()) * 32768, rel=1e-3)
