import numpy as np
import pytest

from segue.audio.grid import STEP, STEPS
from segue.sketch.parameters import blend
from segue.sketch.score import MODES, Luck, Note, Score, compose
from segue.sketch.seeds import SEEDS
from segue.sketch.words import read


def luck(take: int = 1) -> Luck:
    return Luck.of(np.random.default_rng(take))


def melodic(score: Score) -> list[Note]:
    return [*score.bass, *score.chords, *score.pad, *score.lead]


def size(score: Score) -> int:
    return len(score.kick) + len(score.snare) + len(score.hat) + len(melodic(score))


@pytest.mark.parametrize("seed", sorted(SEEDS))
@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_everyone_plays_in_one_key_at_any_alpha(seed: str, alpha: float) -> None:
    parameters = blend(read("happy pop piano"), read("dark techno"), alpha)
    notes = melodic(compose(parameters, SEEDS[seed], 1, luck()))
    played = {round(pitch - SEEDS[seed].tonic) % 12 for note in notes for pitch in note.pitches}
    assert any(played <= set(mode) for mode in MODES)


def test_without_swing_everything_starts_on_a_sixteenth() -> None:
    parameters = read("techno")
    score = compose(parameters, SEEDS["agile"], 0.7, luck())
    late = round(parameters.feel.swing * STEP / 3)
    starts = [hit.start for hit in (*score.kick, *score.snare, *score.hat)] + [note.start for note in melodic(score)]
    for start in starts:
        step, offset = divmod(start, STEP)
        assert 0 <= step < STEPS
        assert offset == (late if step % 2 else 0)


def test_swing_delays_every_second_sixteenth_to_the_last_third_at_most() -> None:
    starts = [hit.start for hit in compose(read("jazz"), SEEDS["vibes"], 1, luck()).hat]
    offsets = {start // STEP % 2: start % STEP for start in starts}
    assert offsets[0] == 0
    assert STEP / 4 < offsets[1] <= STEP / 3 + 1


def test_more_detail_brings_more_notes() -> None:
    for prompt in ("funk", "jazz piano", "xyzzy"):
        sizes = [size(compose(read(prompt), SEEDS["og_beat"], detail, luck())) for detail in (0.02, 0.3, 0.7, 0.98)]
        assert sizes == sorted(sizes)
        assert sizes[-1] > 1.2 * sizes[0]


def test_takes_play_other_notes_to_the_same_groove() -> None:
    first, second = (compose(read("funk"), SEEDS["og_beat"], 0.7, luck(take)) for take in (1, 2))
    assert [n.pitches for n in first.lead] != [n.pitches for n in second.lead]
    strong = {0, 4, 8, 12}
    for score in (first, second):
        assert {hit.start // STEP % 16 for hit in (*score.kick, *score.snare)} >= {0, 4, 12}
        assert strong & {hit.start // STEP % 16 for hit in score.hat}


@pytest.mark.parametrize("prompt", ["", "ambient", "minimal slow calm", "drum and bass"])
def test_somebody_always_plays(prompt: str) -> None:
    assert melodic(compose(read(prompt), SEEDS["mask_gradient_dark"], 0.0, luck()))
