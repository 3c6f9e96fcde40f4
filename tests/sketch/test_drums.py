from dataclasses import fields, replace

import numpy as np
import pytest
from scipy import fft

from segue.audio.grid import SAMPLE_RATE
from segue.sketch.drums import STROKES
from segue.sketch.parameters import Kit

KIT = Kit(**{each.name: 0.5 for each in fields(Kit)})
KITS = {
    "skins": replace(KIT, machine=0.0, clap=0.0, rim=0.0, brush=0.0, ride=0.0),
    "circuits": replace(KIT, machine=1.0, clap=0.5),
    "brushes": replace(KIT, brush=1.0, clap=0.0, rim=0.0, ride=1.0),
    "everything": Kit(**{each.name: 1.0 for each in fields(Kit)}),
    "nothing": Kit(**{each.name: 0.0 for each in fields(Kit)}),
}


@pytest.mark.parametrize("kit", KITS)
@pytest.mark.parametrize("drum", STROKES)
def test_every_stroke_begins_and_ends_in_silence(drum: str, kit: str) -> None:
    stroke = STROKES[drum](KITS[kit], 0.8, 0)
    assert np.isfinite(stroke).all()
    assert stroke[0] == stroke[-1] == 0
    assert 0.05 < np.abs(stroke).max() < 6
    assert 0.03 * SAMPLE_RATE < stroke.size < 1.5 * SAMPLE_RATE


@pytest.mark.parametrize("tonic", range(12))
def test_the_kick_is_tuned_to_the_key(tonic: int) -> None:
    stroke = STROKES["kick"](replace(KITS["circuits"], weight=1.0), 1.0, tonic)[SAMPLE_RATE // 5 :]
    hz = fft.rfftfreq(1 << 18, 1 / SAMPLE_RATE)
    strongest = hz[np.argmax(np.abs(fft.rfft(stroke * np.hanning(stroke.size), 1 << 18)))]
    note = 69 + 12 * np.log2(strongest / 440)
    assert abs((note - tonic + 6) % 12 - 6) < 0.5


def test_harder_is_brighter() -> None:
    def highs(force: float) -> float:
        power = np.abs(fft.rfft(STROKES["snare"](KITS["skins"], force, 0))) ** 2
        hz = fft.rfftfreq(2 * power.size - 2, 1 / SAMPLE_RATE)[: power.size]
        return float(power[hz > 4_000].sum() / power.sum())

    assert highs(1.0) > 1.2 * highs(0.3)
