"""The glossary: every term of the field that a page uses, in two sentences."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import Field

from recsys_demo.lessons.format import Room
from recsys_demo.lessons.messages import CONTENT, Messages
from recsys_demo.lessons.progress import Key
from recsys_demo.values import Frozen, validated

Word = Annotated[str, Field(min_length=1, max_length=60)]


class Term(Frozen):
    """A term; its name and its two sentences stand in the message files."""

    key: Key
    room: Room = Field(description="where it is seen")
    words: tuple[Word, ...] = Field(min_length=1, description="how labels write it")
    formula: str = Field("", max_length=300, description="LaTeX")
    everyday: bool = Field(False, description="known without a hint")

    def name(self, texts: Messages) -> str:
        """Its name in a language."""
        return texts.text(f"glossary.{self.key}.name")

    def text(self, texts: Messages) -> str:
        """Its two sentences in a language."""
        return texts.text(f"glossary.{self.key}.text")


class Glossary(Frozen):
    """All terms."""

    terms: tuple[Term, ...] = Field(min_length=1, max_length=400)

    def by_name(self, texts: Messages) -> list[Term]:
        """The terms in the order of their names."""
        return sorted(self.terms, key=lambda term: term.name(texts).casefold())

    def of_room(self, room: str) -> list[Term]:
        """The terms that are seen in a room."""
        return [term for term in self.terms if term.room == room]


@cache
def glossary() -> Glossary:
    """The lab's glossary."""
    content = tomllib.loads((CONTENT / "glossary.toml").read_text(encoding="utf-8"))
    return validated(Glossary, content, "glossary.toml")


def terms_in(text: str) -> list[Term]:
    """The terms that a label or sentence uses, each once, in the order in which they come."""
    known = _by_word()
    words = (match.group() for match in _pattern().finditer(text))
    return list(dict.fromkeys(known.get(word) or known[word.casefold()] for word in words))


@cache
def _by_word() -> Mapping[str, Term]:
    return {
        word if _is_abbreviation(word) else word.casefold(): term
        for term in glossary().terms
        for word in term.words
    }


@cache
def _pattern() -> re.Pattern[str]:
    """Any word of the glossary, the longest first; abbreviations with their capitals."""
    words = sorted((word for term in glossary().terms for word in term.words), key=len)[::-1]
    alternatives = "|".join(
        re.escape(word) if _is_abbreviation(word) else f"(?i:{re.escape(word)})" for word in words
    )
    return re.compile(rf"(?<![\w@])(?:{alternatives})(?![\w@])")


def _is_abbreviation(word: str) -> bool:
    return any(sign.isupper() for sign in word[1:])
