"""Parameters become a score."""

from segue.audio.grid import STEP, STEPS
from segue.sketch.harmony import progression_of, scale_of
from segue.sketch.lines import Lines
from segue.sketch.parameters import Kit, Parameters
from segue.sketch.rhythm import Luck, moment, velocities
from segue.sketch.score import Hit, Score

DRUMS = ("kick", "snare", "hat", "open", "shaker", "toms", "perc")
ROLLED = 0.6  # velocity of a thirty-second, of the hats before and after it


def compose(parameters: Parameters, tonic: int, detail: float, luck: Luck) -> Score:
    """The score in the key of `tonic` (pitch class). `detail` (0..1) brings ghost notes, fills and ornaments."""
    scale = scale_of(parameters.feel)
    progression = progression_of(parameters.harmony, luck.choice, luck.turns, scale)
    lines = Lines(parameters, tonic, scale, progression, detail, luck)
    hits = {drum: _hits(drum, parameters, detail, luck) for drum in DRUMS}
    hits["hat"] += _rolls(hits["hat"], parameters.kit, detail, luck)
    return Score(
        hits,
        {
            "bass": lines.bass(),
            "chords": lines.chords(),
            "pad": lines.pad(),
            "riff": lines.riff(),
            "lead": lines.lead(),
        },
    )


def _hits(drum: str, parameters: Parameters, detail: float, luck: Luck) -> list[Hit]:
    felt = getattr(parameters.groove, drum)
    played = velocities(felt, drum, parameters.kit.density, detail, luck)
    return [Hit(moment(step, drum, parameters.feel, luck), played[step]) for step in range(STEPS) if played[step] > 0]


def _rolls(hats: list[Hit], kit: Kit, detail: float, luck: Luck) -> list[Hit]:
    """Thirty-seconds after the hats that the dice are kindest to."""
    rolls = []
    for hit in hats:
        keen = kit.roll * (0.4 + 0.6 * detail) + luck.beats["hat"][hit.start // STEP % STEPS] - 1
        if keen > 0:
            rolls.append(Hit(hit.start + STEP // 2, hit.velocity * ROLLED * min(1, 4 * keen)))
    return rolls
