"""What a prompt's terms come to: numbers, one layer over another.

Genres set the scene, eras and places colour it, instruments take parts over, ways of playing are obeyed, moods shift
what there is, and what is denied falls silent.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from segue.sketch.parameters import PLAYERS, Progression
from segue.sketch.vocabulary import DEFAULTS, FORMS, HOMES, VOICES, Kind, Settings, Word
from segue.sketch.words import Term

FLAVOUR = 0.4  # share of an era or a place beside a genre
MOST_EMPHASIS = 1.3  # how far a single genre's weight carries it beyond itself
CLEAR_CLAIM = 0.7  # share of the strongest claim to a part from which on another one is heard, too
NAMED_LEVELS = {"bass": 0.9, "chords": 0.7, "pad": 0.6, "riff": 0.65, "lead": 0.85}
ACCOMPANYING = 0.65  # what is left of the level of those who play along unasked
BEHIND_A_SOLO = 0.75
DENIED_MOOD = -0.7
ENTRANCE = 0.3  # change of level from which on a mood calls in a part that was silent
SUNG = 0.5  # a part is sung from this much of a mouth on
SINGERS = {"bass": "tenor", "chords": "oohs", "pad": "oohs", "riff": "oohs", "lead": "woman"}
DRUMS = ("kick", "snare", "hat", "open", "shaker", "toms", "perc")
HARDLY = 0.05  # level from which on a part is there
HALF_TIME_FROM = -0.4


class Wishes:
    """Settings, grooves with their weights, and progressions, for the terms of one prompt.

    `stand_ins` play where no term is known.
    """

    def __init__(self, terms: Sequence[Term], stand_ins: Sequence[Word]) -> None:
        self.numbers: dict[str, float] = dict(DEFAULTS.settings)
        self.grooves: list[tuple[str, float]] = []
        self.harmony: tuple[Progression, ...] = DEFAULTS.harmony
        self._said = [(term.word, term) for term in terms if term.word]
        self._handed: set[str] = set()

        self._set_scene(stand_ins)
        self._hand_out_parts()
        for word, term in self._of(Kind.PLAYING):
            self._play_as(word, term)
        for word, term in self._of(Kind.MOOD, Kind.TEXTURE):
            self._shift(word, term.weight)
        for word, term in self._of(Kind.MOOD, denied=True):
            self._shift(word, DENIED_MOOD * term.weight)
        self._hush()

    def hurry(self, haste: float) -> None:
        """A tempo is a feel here, since the grid's own never changes: -1 half as fast, 1 twice."""
        self._shift(FORMS["fast" if haste > 0 else "slow"], 1.2 * abs(haste))
        if haste < HALF_TIME_FROM:
            self.grooves.append(("half", 1.0))

    def _of(self, *kinds: Kind, denied: bool = False) -> list[tuple[Word, Term]]:
        return [(word, term) for word, term in self._said if word.kind in kinds and term.denied == denied]

    def _set_scene(self, stand_ins: Sequence[Word]) -> None:
        genres, colours = self._of(Kind.GENRE), self._of(Kind.ERA, Kind.PLACE)
        hosts = genres or colours or self._hosts()
        scene = [(word, term.weight) for word, term in hosts] or [(word, 1.0) for word in stand_ins]
        if not scene:
            self.grooves = [(DEFAULTS.groove or "", 1.0)]
            return
        self._mix(scene, min(MOST_EMPHASIS, max(weight for _, weight in scene)))
        if genres and colours:
            weight = FLAVOUR * sum(term.weight for _, term in colours) / len(colours)
            against = (1 - FLAVOUR) * sum(term.weight for _, term in genres) / len(genres)
            self._mix([(word, term.weight) for word, term in colours], weight / (weight + against + 1e-9))
        self.grooves = self.grooves or [(DEFAULTS.groove or "", 1.0)]

    def _hosts(self) -> list[tuple[Word, Term]]:
        """Who plays along with instruments, or else with textures, when no genre is named."""
        guests = self._of(Kind.INSTRUMENT) or self._of(Kind.TEXTURE)
        return [(HOMES[word.home], term) for word, term in guests if word.home]

    def _mix(self, words: Sequence[tuple[Word, float]], share: float) -> None:
        """Go that share of the way to the middle of what the words ask; beyond it for a share above 1."""
        for name, value in _middle([(word.settings, weight) for word, weight in words]).items():
            self.numbers[name] += share * (value - self.numbers[name])
        total = sum(weight for _, weight in words) + 1e-9
        self.grooves = [(groove, weight * max(0.0, 1 - share)) for groove, weight in self.grooves]
        self.grooves += [(word.groove, share * weight / total) for word, weight in words if word.groove]
        harmony = tuple(each for word, _ in words for each in word.harmony)
        self.harmony = harmony if harmony and share > FLAVOUR else self.harmony

    def _hand_out_parts(self) -> None:
        """Each part goes to who asks for it most; a second one who wants the lead as much plays the riff."""
        bands = self._of(Kind.INSTRUMENT)
        claims: dict[str, list[tuple[float, Word, str]]] = defaultdict(list)
        for word, term in bands:
            for part in word.parts:
                claims[part].append((term.weight / len(word.parts), word, part))
        if len(_clear(claims["lead"])) > 1 and not claims["riff"]:
            claims["lead"].sort(key=lambda claim: -claim[0])
            claims["riff"] = [claims["lead"].pop(1)]
        hosted = bands and not self._of(Kind.GENRE, Kind.ERA, Kind.PLACE)
        for part in PLAYERS:
            winners = _clear(claims[part])
            if winners:
                self._handed.add(part)
                self.numbers[f"{part}.level"] = max(self.numbers[f"{part}.level"], NAMED_LEVELS[part])
                wanted = _middle([(_of_part(word.settings, own, part), weight) for weight, word, own in winners])
                self.numbers |= wanted
                self.numbers[f"{part}.level"] *= min(1.0, max(weight * len(word.parts) for weight, word, _ in winners))
            elif hosted:
                self.numbers[f"{part}.level"] *= ACCOMPANYING
        if hosted:
            self.numbers["kit.level"] *= ACCOMPANYING
        self.numbers |= _middle([(_apart_from_parts(word), term.weight) for word, term in bands])
        drummers = [term.weight for word, term in bands if "kit.level" in word.settings]
        if drummers:
            self.numbers["kit.level"] *= max(drummers)

    def _play_as(self, word: Word, term: Term) -> None:
        self.numbers |= word.settings
        if word.groove:
            self.grooves = [(word.groove, 1.0)]
        self.harmony = word.harmony or self.harmony

    def _shift(self, word: Word, weight: float) -> None:
        for name, change in word.settings.items():
            # A mood does not call in who is not there, least of all a drummer.
            if name.endswith(".level") and not self.numbers[name] and (change < ENTRANCE or name == "kit.level"):
                continue
            self.numbers[name] += change * weight
        for groove in [word.groove] if word.groove else []:
            self.grooves.append((groove, weight))

    def _hush(self) -> None:
        for word, _ in self._of(Kind.INSTRUMENT, denied=True):
            self._silence_instrument(word)
        for word, _ in self._of(Kind.PLAYING):
            self._obey(word.mutes)
        instruments = self._of(Kind.INSTRUMENT)
        soloists = [word for word, term in instruments if term.solo]
        if any(term.alone for _, term in instruments) or (soloists and not self._of(Kind.GENRE)):
            # A solo with no genre to stand out from is one.
            self._leave_those([word for word, _ in instruments])
        elif soloists:
            self._feature({part for word in soloists for part in word.parts if part != "chords"})
        if all(level < HARDLY for name, level in self.numbers.items() if name.endswith(".level") or "scene." in name):
            self.numbers["pad.level"] = NAMED_LEVELS["pad"]  # whatever was denied, silence was not asked for

    def _silence_instrument(self, word: Word) -> None:
        for drum in word.drums:
            self.numbers[f"kit.{drum}"] = 0.0
        if "kit.level" in word.settings and not word.drums:
            self.numbers["kit.level"] = 0.0
        for part in PLAYERS:
            if (
                part not in self._handed
                and word.parts.get(part)
                and (part == "bass" or self._plays(part, word.parts[part]))
            ):
                self.numbers[f"{part}.level"] = 0.0
        if any(VOICES[voice]["voice"] > SUNG for voice in word.parts.values()):
            self._obey("voices")

    def _plays(self, part: str, voice: str) -> bool:
        """Whether a part's instrument is of that voice's kind, near enough."""
        return all(abs(self.numbers[f"{part}.{name}"] - VOICES[voice][name]) < 0.3 for name in ("string", "fm", "bar"))

    def _obey(self, mutes: str | None) -> None:
        if mutes == "kit":
            self.numbers["kit.level"] = 0.0
        elif mutes == "voices":
            for part in PLAYERS:
                if self.numbers[f"{part}.voice"] > SUNG:
                    self._hand(part, "piano" if part == "lead" else "warm")
        elif mutes == "all but voices":
            beatbox = any(word.name == "beatbox" for word, _ in self._said)
            self._leave_only(set(PLAYERS) - {"riff"}, kit=beatbox)
            for part, voice in SINGERS.items():
                if self.numbers[f"{part}.voice"] < SUNG:
                    self._hand(part, voice)
                self.numbers[f"{part}.level"] = max(self.numbers[f"{part}.level"], 0.5 if part != "riff" else 0.0)
        elif mutes:
            part = mutes.removeprefix("all but ")
            self._leave_only({part} & set(PLAYERS), kit=part == "kit")

    def _hand(self, part: str, voice: str) -> None:
        self.numbers |= {f"{part}.{number}": value for number, value in VOICES[voice].items()}

    def _leave_only(self, parts: set[str], kit: bool) -> None:
        for part in PLAYERS:
            if part not in parts:
                self.numbers[f"{part}.level"] = 0.0
        if not kit:
            self.numbers["kit.level"] = 0.0

    def _leave_those(self, words: Sequence[Word]) -> None:
        """Nobody but these instruments plays, and of the drums only those that are among them."""
        drummers = [word for word in words if "kit.level" in word.settings]
        self._leave_only({part for word in words for part in word.parts}, kit=bool(drummers))
        if drummers and all(word.drums for word in drummers):
            for drum in set(DRUMS) - {drum for word in drummers for drum in word.drums}:
                self.numbers[f"kit.{drum}"] = 0.0

    def _feature(self, parts: set[str]) -> None:
        for part in PLAYERS:
            if part in parts:
                self.numbers[f"{part}.level"] = 1.0
                self.numbers[f"{part}.density"] += 0.2
            elif part != "bass":
                self.numbers[f"{part}.level"] *= BEHIND_A_SOLO
        self.numbers["feel.span"] += 0.2


def _clear(claims: Sequence[tuple[float, Word, str]]) -> list[tuple[float, Word, str]]:
    strongest = max((weight for weight, _, _ in claims), default=0.0)
    return [claim for claim in claims if claim[0] >= CLEAR_CLAIM * strongest]


def _middle(asked: Sequence[tuple[Settings, float]]) -> dict[str, float]:
    """Where several set the same thing, the middle of what they ask, by weight."""
    totals: dict[str, float] = defaultdict(float)
    weights: dict[str, float] = defaultdict(float)
    for settings, weight in asked:
        for name, value in settings.items():
            totals[name] += (weight + 1e-9) * value
            weights[name] += weight + 1e-9
    return {name: total / weights[name] for name, total in totals.items()}


def _of_part(settings: Settings, own: str, part: str) -> Mapping[str, float]:
    """What a word asks of its own part, for the part it was given."""
    return {
        f"{part}.{name.removeprefix(f'{own}.')}": value
        for name, value in settings.items()
        if name.startswith(f"{own}.") and (own == part or not name.endswith(".density"))
    }


def _apart_from_parts(word: Word) -> Mapping[str, float]:
    return {name: value for name, value in word.settings.items() if name.partition(".")[0] not in word.parts}
