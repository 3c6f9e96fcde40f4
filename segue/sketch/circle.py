"""The loop as a circle: what is laid over its end goes on at its start."""

import numpy as np
import numpy.typing as npt

from segue.audio.grid import LOOP_SAMPLES

Mono = npt.NDArray[np.float32]
Stereo = npt.NDArray[np.float32]


def silence() -> Stereo:
    """A loop without a sound, shape (2, LOOP_SAMPLES)."""
    return np.zeros((2, LOOP_SAMPLES), np.float32)


def lay(loop: Mono | Stereo, start: int, sound: Mono | Stereo) -> None:
    """Add `sound`, no longer than the loop, from sample `start` on; any whole number will do."""
    start %= LOOP_SAMPLES
    room = LOOP_SAMPLES - start
    size = sound.shape[-1]
    loop[..., start : start + size] += sound[..., :room]
    if size > room:
        loop[..., : size - room] += sound[..., room:]
