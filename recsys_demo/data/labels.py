"""What a label column says: taken or not, in words, numbers or by a comparison."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt

TRUE_WORDS = frozenset({"1", "1.0", "true", "yes", "t", "y"})
FALSE_WORDS = frozenset({"0", "0.0", "-1", "-1.0", "false", "no", "f", "n"})
COMPARISON = re.compile(r"\s*(>=|<=|>|<|==?)\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*")
Compare = Callable[[npt.NDArray[np.float64], float], npt.NDArray[np.bool_]]
COMPARES: dict[str, Compare] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "==": operator.eq,
}
# Words of events in which something was taken, the strongest first.
DEEDS = (
    *("purchase", "purchased", "transaction", "buy", "bought", "order", "ordered", "paid"),
    *("convert", "converted", "conversion", "subscribe", "subscribed", "booked", "booking"),
    *("install", "installed", "download", "downloaded", "kauf", "gekauft", "bestellt"),
    *("watched", "listened", "played", "liked", "like", "accepted", "accept", "taken"),
    *("addtocart", "cart", "click", "clicked", "geklickt"),
)
QUOTED = " '\""  # some programs write 'yes'
MOST_EVENTS = 8  # a column of more words is no kind of event
# What stands before a word that means the opposite: "not clicked", "no_purchase", "unliked".
NEGATIONS = re.compile(r"(not|no|non|un|dis|never|kein|nicht)[ _-]*", re.IGNORECASE)


@dataclass(frozen=True)
class Threshold:
    """A comparison with a number."""

    sign: str
    number: float

    def holds(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Where the comparison is true; false where there is no number."""
        return COMPARES[self.sign](numbers, self.number) & ~np.isnan(numbers)


def threshold_of(positive: str) -> Threshold | None:
    """The comparison that a text is, None for a word."""
    found = COMPARISON.fullmatch(positive)
    return None if found is None else Threshold(found[1], float(found[2]))


def is_label(word: str) -> bool:
    """Whether a word says by itself that something was taken or not."""
    return word.strip().lower() in TRUE_WORDS | FALSE_WORDS


def taken_word(words: Iterable[str]) -> str | None:
    """Which of a few words means taken by what it says: the strongest deed, or the word of which
    another one is the negation. None where none does."""
    known = {re.sub(r"[^a-z]", "", word.lower()): word for word in words}
    if not 1 < len(known) <= MOST_EVENTS:
        return None
    for deed in DEEDS:
        if deed in known:
            return known[deed]
    pairs = permutations(known.values(), 2)
    return next((word for word, other in pairs if _negates(other, word)), None)


def _negates(other: str, word: str) -> bool:
    """Whether a word is another one with a "not" before it, or a "no" alone."""
    negation = NEGATIONS.match(other)
    return negation is not None and other[negation.end() :].lower() in ("", word.lower())


def positive_of(words: dict[str, int]) -> str:
    """Which of two words with their rows most likely means taken: the one that the other one
    negates, else the one that is no plain "no", else the rarer one."""
    first, second = words
    for word, other in ((first, second), (second, first)):
        if _negates(other, word):
            return word
        if word.strip(QUOTED).lower() in TRUE_WORDS or other.strip(QUOTED).lower() in FALSE_WORDS:
            return word
    return min(words, key=lambda word: words[word])
