"""The grid every clip is laid on, in samples and in picture columns.

All of Riffusion's musical seeds pulse every 64 columns of 10 ms, which fixes everything below.
"""

SAMPLE_RATE = 44_100
"""Frames a second: what the model writes and what browsers play without resampling."""

HOP = 441
"""Samples between two picture columns: 10 ms at `SAMPLE_RATE`."""

COLUMNS = 512
"""Columns in a picture, the width the model was trained on."""

COLUMNS_PER_BEAT = 64
"""The pulse read off the seeds: 0.64 s a beat."""

BEATS_PER_BAR = 4
BARS = 2

BEATS = BEATS_PER_BAR * BARS
"""Eight beats of 64 columns are the 512 columns of a picture."""

BEAT_SAMPLES = COLUMNS_PER_BEAT * HOP
"""28,224 samples."""

BPM = 60 * SAMPLE_RATE / BEAT_SAMPLES
"""93.75 beats a minute."""

STEPS_PER_BEAT = 4

STEPS = BEATS * STEPS_PER_BEAT
"""Sixteenth notes in a loop: 32."""

STEP = BEAT_SAMPLES // STEPS_PER_BEAT
"""Samples in a sixteenth note: 7,056, exactly 16 columns."""

LOOP_SAMPLES = BEATS * BEAT_SAMPLES
"""225,792 samples = 5.12 s. The model's own files are one hop (10 ms) short of it."""
