import subprocess
import sys

from segue.audio import grid


def test_the_grid_adds_up() -> None:
    assert grid.BPM == 93.75
    assert grid.BEAT_SAMPLES == 28_224
    assert grid.STEP == 7_056
    assert grid.LOOP_SAMPLES == 225_792
    assert grid.STEPS * grid.STEP == grid.LOOP_SAMPLES
    assert grid.COLUMNS * grid.HOP == grid.LOOP_SAMPLES
    assert grid.BEATS * 60 / grid.BPM == grid.LOOP_SAMPLES / grid.SAMPLE_RATE == 5.12


def test_knowing_the_grid_and_the_band_loads_no_numeric_library() -> None:
    code = """
import sys, segue.audio, segue.audio.grid, segue.sketch
print(sorted({"numpy", "scipy", "soundfile", "PIL"} & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
