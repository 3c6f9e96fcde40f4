"""What the band understood of the prompts, in a line for whoever wrote them."""

from segue.sketch.band import arrange
from segue.sketch.harmony import key_name, scale_of
from segue.sketch.reading import Reading, read
from segue.sketch.vocabulary import Kind, Word, squashed
from segue.sketch.words import Term

THINGS = (Kind.GENRE, Kind.ERA, Kind.PLACE, Kind.INSTRUMENT)
METRE = "4/4"


def tell(prompt_a: str, prompt_b: str, alpha: float, seed_image_id: str, denoising: float) -> str:
    """Such as `funk, slap bass · bright → church bells · E dorian`. Raises KeyError for an unknown seed."""
    arrangement = arrange(prompt_a, prompt_b, alpha, seed_image_id, denoising)
    heard = " → ".join(_told(read(prompt)) for prompt in (prompt_a, prompt_b) if prompt.strip())
    if denoising == 0:
        heard = "the seed alone"
    key = key_name(arrangement.note, scale_of(arrangement.parameters.feel))
    return f"{heard} · {key}" if heard else key


def _told(reading: Reading) -> str:
    things = [_marked(term, _named(term, term.word)) for term in reading.terms if term.word and term.is_a(*THINGS)]
    # Moods are told in the musician's own words: the band's word for `smooth` would only puzzle.
    ways = [_marked(term, term.text) for term in reading.terms if term.word and not term.is_a(*THINGS)]
    if reading.tempo is not None:
        ways.append(f"the feel of {reading.tempo} bpm")
    if reading.metre not in (None, METRE):
        ways.append(f"in {METRE}, as always")
    strange = [term.text for term in reading.terms if term.word is None and not term.text.isnumeric()]
    groups = [things, ways, [f"by ear: {', '.join(dict.fromkeys(strange))}"] if strange else []]
    return " · ".join(", ".join(dict.fromkeys(group)) for group in groups if group) or "nothing in particular"


def _named(term: Term, word: Word) -> str:
    """The band's name for a thing; where that is another word than the musician's, both."""
    said, known = (squashed(text).rstrip("s") for text in (term.text, word.name))
    alike = said in known or known in said or (word.kind is Kind.PLACE and said[:3] == known[:3])
    return word.name if alike else f"{term.text} as {word.name}"


def _marked(term: Term, name: str) -> str:
    if term.denied:
        return f"{'not' if term.is_a(Kind.MOOD) else 'no'} {name}"
    weight = f" ×{term.weight:.2g}" if abs(term.weight - 1) > 0.05 else ""
    return f"{'solo ' if term.solo else 'only ' if term.alone else ''}{name}{weight}"
