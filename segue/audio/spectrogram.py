"""Riffusion's picture of a sound: 512 mel bands up, 512 columns of 10 ms across.

The encoding is that of riffusion's `SpectrogramImageConverter`: a 100 ms Hann window every 10 ms, zero-padded
to 400 ms; the magnitudes gathered into 512 triangular HTK mel bands from 0 to 10,000 Hz; pixel =
255 - 255 * (amplitude / loudest) ** 0.25, cut to whole numbers; low notes at the bottom.

Column k is centred on k * 10 ms. The sound is mirrored by half a window at both ends, so the model's own
files of 225,351 samples and exact loops of 225,792 both fill 512 columns. Only the first 5.12 s are drawn;
a shorter sound is followed by silence, which is white.

Nothing above 10 kHz is drawn, so the sound is first resampled to 22 kHz: the same bins for half the work.
"""

import io
from functools import cache
from math import ceil, gcd
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import fft

from segue.audio.grid import BEATS, BPM, COLUMNS, SAMPLE_RATE

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

BANDS = 512
MIN_HZ = 0
MAX_HZ = 10_000
STEP_MS = 10
WINDOW_MS = 100
PADDED_MS = 400
POWER = 0.25

INNER_RATE = 22_000  # above twice 10 kHz, and 10 ms of it is a whole number of samples
INNER_HOP = INNER_RATE * STEP_MS // 1000
INNER_WINDOW = INNER_RATE * WINDOW_MS // 1000
INNER_FFT = INNER_RATE * PADDED_MS // 1000
BINS = MAX_HZ * PADDED_MS // 1000 + 1

FRAMES_AT_ONCE = 32  # keeps a block of spectra near 1 MB
BANDS_AT_ONCE = 32  # a group's bands share few bins, so its matrix stays small
PICTURE_SECONDS = BEATS * 60 / BPM
PNG_LEVEL = 3  # 6, the default, takes twice as long to save a tenth
INT16_SCALE = 32_768  # riffusion measures its loudest value on 16-bit samples


def encode_picture(samples: Floats, sample_rate: int = SAMPLE_RATE) -> bytes:
    """A grey 512 x 512 PNG of mono `samples` (-1..1), with riffusion's parameters in its EXIF tags.

    PNG, since the fourth power that turns pixels back into sound magnifies JPEG's errors, and a grey picture
    of 100 to 170 kB is small enough. Riffusion's tools read the tags from either.
    """
    bands = mel_bands(samples, sample_rate)
    exif = Image.Exif()
    exif.update(_tags(loudest=float(bands.max()) * INT16_SCALE))
    buffer = io.BytesIO()
    Image.fromarray(to_pixels(bands)).save(buffer, "PNG", exif=exif, compress_level=PNG_LEVEL)
    return buffer.getvalue()


def pixels(samples: Floats, sample_rate: int = SAMPLE_RATE) -> Pixels:
    """The picture of mono `samples`, shape (512, 512): row 0 the highest band, 0 the loudest, 255 silence."""
    return to_pixels(mel_bands(samples, sample_rate))


def to_pixels(bands: Floats) -> Pixels:
    """Mel amplitudes, lowest band first, as riffusion's pixels. Silence is all white."""
    loudest = bands.max()
    if loudest <= 0:
        return np.full(bands.shape, 255, np.uint8)
    return np.asarray(255 - 255 * (bands[::-1] / loudest) ** POWER).astype(np.uint8)


def mel_bands(samples: Floats, sample_rate: int = SAMPLE_RATE) -> Floats:
    """The amplitude in each mel band at each column, shape (512 bands, 512 columns), lowest band first."""
    sound = _at_inner_rate(samples, sample_rate)
    frames = np.lib.stride_tricks.sliding_window_view(sound, INNER_WINDOW)[::INNER_HOP][:COLUMNS]
    hann = _hann()
    bands = np.empty((COLUMNS, BANDS), np.float32)
    for start in range(0, COLUMNS, FRAMES_AT_ONCE):
        block = slice(start, start + FRAMES_AT_ONCE)
        magnitudes = np.abs(fft.rfft(frames[block] * hann, INNER_FFT, axis=1)[:, :BINS])
        for group in _band_groups():
            bands[block, group.bands] = magnitudes[:, group.bins] @ group.weights
    return bands.T * np.float32(SAMPLE_RATE / INNER_RATE)


def _at_inner_rate(samples: Floats, sample_rate: int) -> Floats:
    """The first 5.12 s at 22 kHz, mirrored by half a window at either end, then silence to the last column.

    Resampled by cutting its spectrum, exact for what is drawn. The padding before the sound is a whole number
    of samples at both rates, so columns do not shift.
    """
    unit = sample_rate // gcd(sample_rate, INNER_RATE)
    half_window = ceil(sample_rate * WINDOW_MS / 2000)
    lead = ceil(half_window / unit) * unit
    sound = samples[: round(PICTURE_SECONDS * sample_rate)]
    mirrored = np.pad(sound, half_window, mode="reflect")

    needed = PICTURE_SECONDS * sample_rate + 2 * (lead + half_window)
    length = unit * fft.next_fast_len(ceil(needed / unit), real=True)
    padded = np.zeros(length, np.float32)
    padded[lead - half_window : lead - half_window + mirrored.size] = mirrored
    inner_length = length // unit * (unit * INNER_RATE // sample_rate)
    resampled = fft.irfft(fft.rfft(padded)[: inner_length // 2 + 1], inner_length) * (inner_length / length)
    inner_lead = lead * INNER_RATE // sample_rate
    return np.asarray(resampled[inner_lead - INNER_WINDOW // 2 :], np.float32)


class _BandGroup(NamedTuple):
    bands: slice
    bins: slice
    weights: Floats


@cache
def _band_groups() -> tuple[_BandGroup, ...]:
    """The mel filters: a band rises from its lower neighbour's centre and falls to its upper neighbour's."""
    centres = _mel_to_hz(np.linspace(_hz_to_mel(MIN_HZ), _hz_to_mel(MAX_HZ), BANDS + 2))
    hz = np.arange(BINS) * (1000 / PADDED_MS)
    groups = []
    for first in range(0, BANDS, BANDS_AT_ONCE):
        edges = centres[first : first + BANDS_AT_ONCE + 2]
        low, high = np.searchsorted(hz, (edges[0], edges[-1]))
        inside = hz[low:high, None]
        rising = (inside - edges[:-2]) / (edges[1:-1] - edges[:-2])
        falling = (edges[2:] - inside) / (edges[2:] - edges[1:-1])
        weights = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
        groups.append(_BandGroup(slice(first, first + BANDS_AT_ONCE), slice(int(low), int(high)), weights))
    return tuple(groups)


def _hz_to_mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


def _mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(700 * (10 ** (mel / 2595) - 1))


@cache
def _hann() -> Floats:
    turn = 2 * np.pi * np.arange(INNER_WINDOW) / INNER_WINDOW
    return (0.5 - 0.5 * np.cos(turn)).astype(np.float32)


def _tags(loudest: float) -> dict[int, int | float]:
    """The EXIF tags of riffusion's `SpectrogramParams.to_exif`."""
    return {
        11000: SAMPLE_RATE,
        11005: 0,  # not stereo
        11010: STEP_MS,
        11020: WINDOW_MS,
        11030: PADDED_MS,
        11040: BANDS,
        11050: MIN_HZ,
        11060: MAX_HZ,
        11070: POWER,
        11080: loudest,
    }
