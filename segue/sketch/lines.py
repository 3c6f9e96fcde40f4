"""The melodic lines: what bass, chords, pad, riff and lead play over a progression."""

from collections.abc import Sequence
from dataclasses import replace
from math import floor

import numpy as np

from segue.audio.grid import SAMPLE_RATE, STEP, STEPS
from segue.sketch.harmony import Scale, gaps_of
from segue.sketch.parameters import Parameters, Player, Progression
from segue.sketch.rhythm import Luck, lengths, moment, velocities
from segue.sketch.score import Note

STEPS_PER_CHORD = STEPS // 4
STEPS_PER_BEAT = 4
PHRASE = STEPS // 4  # steps of the figure that a melody comes back to
TAKE_IN_MOTIF = 0.4
HOME_PULL = 2.0  # semitones by which a melody prefers the tonic on a beat, and half as much the third
SPAN = 11  # semitones either side of the register, at full span
FIFTH_FROM, OCTAVE_FROM = 0.45, 0.75  # dice that lead the bass away from the root
BOTH_OCTAVES = 1.5  # semitones around half an octave from the register
STRUM_SECONDS = 0.075  # between two notes of a chord, at full strum
GRACE_SECONDS = 0.05
GRACE_FROM = 0.5  # detail and luck from which a note is ornamented
TOP_OF_CHORD = 14  # semitones above the register that a strummed chord's doubled root may reach


class Lines:
    """One band's lines for one take."""

    def __init__(
        self,
        parameters: Parameters,
        tonic: int,
        scale: Scale,
        progression: Progression,
        detail: float,
        luck: Luck,
    ) -> None:
        self.parameters = parameters
        self.scale = scale
        self.notes = [tonic + note for note in scale]
        self.progression = progression
        self.detail = detail
        self.luck = luck

    def bass(self) -> list[Note]:
        """Roots on the strong beats; elsewhere fifths and octaves, or a walk to the next chord."""
        player, feel, dice = self.parameters.bass, self.parameters.feel, self.luck.beats["bass"]
        notes = []
        for step, length, velocity in self._played("bass", player):
            root = _near(self._note(self._chord(step)), player.register)
            pitch = root
            beat = step % STEPS_PER_CHORD // STEPS_PER_BEAT
            if beat and feel.walk > 0.5 + 0.3 * dice[step]:
                following = _near(self._note(self._chord(step + STEPS_PER_BEAT)), player.register)
                pitch = self._step_from(following, up=root > following or (root == following and dice[step] > 0))
            elif (step % 4 and feel.octaves > 0.5 - 0.5 * dice[step]) or (step % 4 and dice[step] > OCTAVE_FROM):
                pitch = root + 12
            elif step % 4 and dice[step] > FIFTH_FROM:
                pitch = _near(self._note(self._chord(step) + 4), player.register)
            notes += self._between_octaves(self._sung("bass", step, length, pitch, velocity), player.register)
        return notes

    def chords(self) -> list[Note]:
        """Chords as the groove asks for them, strummed or broken into their notes."""
        player = self.parameters.chords
        notes = []
        for count, (step, length, velocity) in enumerate(self._played("chords", player)):
            notes += self._struck("chords", player, step, length, velocity, count)
        return notes

    def pad(self) -> list[Note]:
        """Held from one change of the chord to the next."""
        player = self.parameters.pad
        changes = [step for step in range(0, STEPS, STEPS_PER_CHORD) if step == 0 or self._changes(step)]
        notes = []
        for step, following in zip(changes, [*changes[1:], STEPS + changes[0]], strict=True):
            notes += self._struck("chords", player, step, (following - step) * STEP, 1.0, 0)
        return notes

    def riff(self) -> list[Note]:
        """The chord's notes up and down over two octaves, always in the same order."""
        player, motif = self.parameters.riff, self.parameters.motif
        order = (0, 1, 2, 3, 2, 1) if motif[0] > 0.3 else (0, 2, 1, 3) if motif[0] < -0.3 else (0, 1, 2, 3, 4, 2)
        notes = []
        for count, (step, length, velocity) in enumerate(self._played("riff", player)):
            octave, third = divmod(order[count % len(order)], 3)
            pitch = _near(self._note(self._chord(step) + 2 * third), player.register) + 12 * octave
            notes += self._between_octaves(self._sung("riff", step, length, pitch, velocity), player.register)
        return notes

    def lead(self) -> list[Note]:
        """The prompt's figure and the take's dice draw a line, sung on chord notes on the beat."""
        player, feel = self.parameters.lead, self.parameters.feel
        line = self._line()
        notes = []
        for step, length, velocity in self._played("lead", player):
            wish = player.register + (0.25 + feel.span) * SPAN * line[step]
            pitch = self._tone_near(wish, step)
            notes.append(self._sung("lead", step, length, pitch, velocity))
            notes += self._grace(step, pitch, velocity)
        return notes

    def _line(self) -> list[float]:
        """The melody's rise and fall, -1..1: a figure that comes back, less so in the third quarter."""
        feel = self.parameters.feel
        motif = (1 - TAKE_IN_MOTIF) * np.array(self.parameters.motif) + TAKE_IN_MOTIF * self.luck.motif
        figure = np.tile(motif[:PHRASE], STEPS // PHRASE)
        strays = np.repeat([0.15, 0.4, 0.9, 0.4], PHRASE)
        line = (1 - strays) * figure + strays * motif
        smooth = (np.roll(line, 1) + 2 * line + np.roll(line, -1)) / 4 * 1.5
        line = feel.leap * line + (1 - feel.leap) * smooth
        line[-3:] *= 0.3  # home for the next round
        return [float(height) for height in np.clip(line * 1.4, -1, 1)]

    def _tone_near(self, wish: float, step: int) -> float:
        """The chord's note next to `wish` on a beat, the scale's elsewhere; blue ones where the dice say so."""
        feel, dice = self.parameters.feel, self.luck.beats["lead"][step]
        degrees: Sequence[int] = range(len(self.notes))
        if step % STEPS_PER_BEAT == 0:
            degrees = [self._chord(step) + 2 * third for third in range(3)]
        elif feel.gaps > 0.5 + 0.45 * dice:
            degrees = [degree for degree in degrees if degree not in gaps_of(self.scale)]
        pitches = [_near(self._note(degree), wish) for degree in degrees]
        tonic = self.notes[0] % 12
        pulls: dict[float, float] = {tonic: HOME_PULL, self.notes[2] % 12: HOME_PULL / 2}
        weight = 1.0 if step % STEPS_PER_BEAT == 0 else 0.5
        pitch = min(pitches, key=lambda each: (abs(each - wish) - weight * pulls.get(each % 12, 0.0), each))
        if step % STEPS_PER_BEAT and feel.blue > 0.5 - 0.5 * dice and (pitch - tonic) % 12 in (4, 7):
            pitch -= 1
        return pitch

    def _grace(self, step: int, pitch: float, velocity: float) -> list[Note]:
        """A short note from below, just before a strong one."""
        keen = min(1.0, 3 * (self.detail - GRACE_FROM)) * (self.luck.beats["lead"][step] - GRACE_FROM) / GRACE_FROM
        if step % 2 or self.detail <= GRACE_FROM or keen <= 0:
            return []
        length = round(GRACE_SECONDS * SAMPLE_RATE)
        start = moment(step, "lead", self.parameters.feel, self.luck) - length
        return [Note(start, length, self._step_from(pitch, up=False), velocity * 0.7 * min(1.0, 2 * keen))]

    def _struck(self, line: str, player: Player, step: int, length: int, velocity: float, count: int) -> list[Note]:
        """One chord, as loud as its notes are wanted: root, third, fifth, seventh, ninth, and the root once more."""
        feel, chord = self.parameters.feel, self._chord(step)
        wanted = (1.0, feel.third, 0.9, feel.colour, max(0.0, 2 * feel.colour - 1))
        tones = [(_near(self._note(chord + 2 * third), player.register), share) for third, share in enumerate(wanted)]
        if player.strum > 0:
            top = _near(self._note(chord), player.register) + 12
            tones.append((top, min(1.0, 3 * player.strum) * 0.8))
        tones = sorted((pitch, share) for pitch, share in tones if share > 0.05)
        turn = count % len(tones)
        spread = player.strum * STRUM_SECONDS * SAMPLE_RATE
        notes = []
        for place, (pitch, share) in enumerate(tones):
            loud = velocity * share * (1.0 if place == turn else 1 - player.broken)
            if loud > 0.04:
                late = place if step % 4 < 2 else len(tones) - 1 - place  # down on the beat, up after it
                note = self._sung(line, step, length, pitch, loud, round(late * spread))
                notes += self._between_octaves(note, player.register)
        return notes

    def _sung(self, line: str, step: int, length: int, pitch: float, velocity: float, late: int = 0) -> Note:
        return Note(moment(step, line, self.parameters.feel, self.luck) + late, length, pitch, velocity)

    def _between_octaves(self, note: Note, register: float) -> list[Note]:
        """A note half an octave from the register could as well be an octave away: there it is both.

        So a register that travels takes its notes along one by one, and none jumps.
        """
        away = 6 - (register - note.pitch + 6) % 12  # above -6, up to 6
        other = (BOTH_OCTAVES - (6 - abs(away))) / (2 * BOTH_OCTAVES)
        if other <= 0:
            return [note]
        twin = replace(note, pitch=note.pitch + (12 if away < 0 else -12), velocity=note.velocity * other**0.5)
        return [replace(note, velocity=note.velocity * (1 - other) ** 0.5), twin]

    def _played(self, line: str, player: Player) -> list[tuple[int, int, float]]:
        """Step, length in samples and velocity of each note. Who is in the band plays one note at the least."""
        felt = getattr(self.parameters.groove, line)
        played = velocities(felt, line, player.density, self.detail, self.luck)
        if not any(played):
            strongest = felt.index(max(felt))
            played = tuple(float(step == strongest) for step in range(STEPS))
        return [(step, length, played[step]) for step, length in lengths(played, 0.12 + 0.88 * player.length)]

    def _chord(self, step: int) -> int:
        return self.progression[step // STEPS_PER_CHORD % len(self.progression)]

    def _changes(self, step: int) -> bool:
        return self._chord(step) != self._chord(step - 1)

    def _note(self, degree: int) -> int:
        return self.notes[degree % len(self.notes)]

    def _step_from(self, pitch: float, up: bool) -> float:
        """The scale's next note."""
        away = 1 if up else -1
        classes = {note % 12 for note in self.notes}
        return next(pitch + away * far for far in range(1, 12) if (pitch + away * far) % 12 in classes)


def _near(pitch_class: float, register: float) -> float:
    """That note in the octave around the register."""
    return pitch_class + 12 * floor((register - pitch_class) / 12 + 0.5)
