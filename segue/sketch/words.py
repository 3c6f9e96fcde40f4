"""A prompt, taken apart: known words and phrases with their weights, and what is said against some of them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from segue.sketch.vocabulary import FORMS, GRAMMAR, Kind, Word, squashed

FILLERS, AGAINST, ALONE = GRAMMAR["fillers"], GRAMMAR["against"], GRAMMAR["alone"]
JOINS, LESS, MORE = GRAMMAR["joins"], GRAMMAR["less"], GRAMMAR["more"]
ABOUT_OTHERS = AGAINST | ALONE | JOINS | LESS | MORE
A_LITTLE, A_LOT = 0.5, 1.35  # weights of what there is to be less or more of
ENDINGS = ("s", "es", "y", "ish", "ing", "ed", "er", "ers", "ist", "ic", "like", "esque")  # guitars, jazzy, drumming
LONGEST_PHRASE = 5
SHORTEST_STEM = 3
EMPHASIS = 1.1  # of round brackets without a number; square ones take it back
STRONGEST = 2.0
TOKEN = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*|[^\w\s!-/:-@\[-`{-~]|&")
BRACKET = re.compile(r"\\[()\[\]]|[()\[\]]|:\s*([+-]?\d*\.?\d+)\s*\)|[^\\()\[\]:]+|[\\:]")


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase of a prompt. `word` is None where the band does not know it.

    denied: the prompt says `no` to it. alone: it is to play on its own. solo: it is to stand out.
    """

    text: str
    word: Word | None
    weight: float = 1.0
    denied: bool = False
    alone: bool = False
    solo: bool = False

    def is_a(self, *kinds: Kind) -> bool:
        return self.word is not None and self.word.kind in kinds


def terms_of(prompt: str) -> list[Term]:
    """What a prompt says, in its order; fillers go unless nothing else is left."""
    tokens = [
        (match.group(), weight)
        for text, weight in weighed(prompt)
        for match in TOKEN.finditer(text.replace("&", " and "))
    ]
    found = list(_phrases(tokens))
    said = list(_with_denials(found))
    return said or [term for term in found if squashed(term.text)] or found


def weighed(prompt: str) -> list[tuple[str, float]]:
    """Pieces of a prompt with their weights, as Riffusion writes them: `(word:1.4)`, `(word)` and `[word]`."""
    pieces: list[tuple[str, float]] = []
    opened: list[tuple[str, int]] = []
    for match in BRACKET.finditer(unicodedata.normalize("NFKC", prompt)):
        mark, number = match.group(), match.group(1)
        if mark in "([":
            opened.append((mark, len(pieces)))
        elif mark in ")]" or number is not None:
            if opened and opened[-1][0] == ("[" if mark == "]" else "("):
                factor = float(number) if number is not None else EMPHASIS if mark == ")" else 1 / EMPHASIS
                _, first = opened.pop()
                pieces[first:] = [(text, min(STRONGEST, max(0.0, weight * factor))) for text, weight in pieces[first:]]
            else:
                pieces.append((mark.rstrip(")") + " ", 1.0))
        else:
            pieces.append((mark.removeprefix("\\") if len(mark) == 2 else mark, 1.0))
    return pieces


def _phrases(tokens: Sequence[tuple[str, float]]) -> Iterator[Term]:
    """The longest known phrases first, else single words."""
    position = 0
    while position < len(tokens):
        for length in range(min(LONGEST_PHRASE, len(tokens) - position), 0, -1):
            taken = tokens[position : position + length]
            text = " ".join(token for token, _ in taken)
            word = _known([squashed(token) for token, _ in taken])
            if word or length == 1:
                yield Term(text.casefold(), word, sum(weight for _, weight in taken) / length)
                position += length
                break


def _known(words: Sequence[str]) -> Word | None:
    *before, last = words
    if not before and last in ABOUT_OTHERS:
        return None
    return next((FORMS[form] for stem in _stems(last) if (form := "".join(before) + stem) in FORMS), None)


def _stems(word: str) -> Iterator[str]:
    """The word, its plural, and what is left of it without an ending: drumming, drummings, drumm, drum, drumme."""
    yield word
    if len(word) > SHORTEST_STEM:
        yield word + "s"
    for ending in ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= SHORTEST_STEM:
            yield stem
            if stem[-1] == stem[-2]:
                yield stem[:-1]
            yield stem + "e"


def _with_denials(found: Sequence[Term]) -> Iterator[Term]:
    """The terms that say something, with what `no`, `solo`, `less` and the like say about their neighbours."""
    telling = [term for term in found if term.word or term.text not in FILLERS - JOINS]
    told: list[Term] = []
    denied = alone = solo = False
    amount = 1.0
    for term, following in zip_longest(telling, telling[1:]):
        before = told[-1] if told else None
        if term.word or term.text not in ABOUT_OTHERS:
            weight = term.weight * amount
            told.append(replace(term, weight=weight, denied=denied or weight == 0, alone=alone, solo=solo))
            denied = alone = solo = False
            amount = 1.0
        elif term.text in AGAINST:
            denied = True
        elif term.text in JOINS:
            denied = denied or (before is not None and before.denied)
        elif term.text in LESS | MORE:
            amount = A_LITTLE if term.text in LESS else A_LOT
        elif following and following.is_a(Kind.INSTRUMENT):
            alone, solo = True, term.text == "solo"
        elif before and before.is_a(Kind.INSTRUMENT):
            told[-1] = replace(before, solo=term.text == "solo", alone=term.text != "solo")
    # `Bass and drums only` means both.
    together = any(term.alone for term in told)
    for term in told:
        playing = term.is_a(Kind.INSTRUMENT) and not term.denied
        yield replace(term, alone=together and playing, solo=term.solo and playing)
