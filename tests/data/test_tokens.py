"""Words and signs: read as before, in steps that grow with the text and no faster."""

from __future__ import annotations

import re
from re import _parser as patterns  # type: ignore[attr-defined]  # the form a pattern is matched in
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.data.tokens import Grammar
from recsys_demo.errors import InputError, nearest

GRAMMARS = [
    Grammar("cross", ("&", "×", "="), "Mend it.", 20_000, joiner="x"),
    Grammar("condition", ("<=", ">=", "!=", "=", "<", ">", "!", "&"), "Mend it.", 1_000),
]
HARD = st.text(st.sampled_from(' \t\n"\\&=×x<>!a'), max_size=300)
REPEATS = {patterns.MAX_REPEAT, patterns.MIN_REPEAT}


def repeats(pattern: Any) -> list[Any]:
    """Every operation of a parsed pattern that may give back what it took."""
    found: list[Any] = []
    for item in pattern:
        if isinstance(item, tuple | list | patterns.SubPattern):
            found += repeats(item)
        elif item in REPEATS:
            found.append(item)
    return found


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda grammar: grammar.noun)
def test_no_pattern_gives_back_what_it_took(grammar: Grammar) -> None:
    assert repeats(patterns.parse(r"a+?(b*)")) != []
    assert repeats(patterns.parse(grammar.pattern.pattern, re.DOTALL)) == []


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda grammar: grammar.noun)
@given(text=HARD)
def test_every_character_is_looked_at_once(grammar: Grammar, text: str) -> None:
    assert "".join(piece[0] for piece in grammar.pattern.finditer(text)) == text
    tokens = grammar.tokens(text)
    assert len(tokens) <= len(text) + 1
    starts = [token.at for token in tokens]
    assert starts == sorted(set(starts))


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda grammar: grammar.noun)
@given(name=HARD | st.text(max_size=12))
def test_a_name_written_is_read_as_that_name(grammar: Grammar, name: str) -> None:
    first, end = grammar.tokens(grammar.written(name))
    assert (first.kind, first.text, end.kind) == ("name", name, "end")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a x b", ["a", "x", "b"]),
        ("a  X\tb", ["a", "X", "b"]),
        ("x x x", ["x", "x", "x"]),
        ("axb x", ["axb x"]),
        ("x a", ["x a"]),
        ('"a" x "b"', ["a", "x", "b"]),
        ("a=x b", ["a", "=", "x b"]),
        ("a  b", ["a  b"]),
        ('a"b"c', ["a", "b", "c"]),
    ],
)
def test_where_the_letter_x_joins(text: str, tokens: list[str]) -> None:
    assert [token.text for token in GRAMMARS[0].tokens(text)] == [*tokens, ""]


def test_a_text_that_is_too_long_is_refused_unread() -> None:
    with pytest.raises(InputError, match="too long"):
        GRAMMARS[1].tokens(" " * 1_001)


def test_the_nearest_word() -> None:
    assert nearest("instaled", ["app", "installed"]) == ["installed"]
    assert nearest("FREE TIER", ["Free tier", "free"])[0] == "Free tier"
    assert nearest("zzz", ["app"]) == []
    assert nearest("a" * 10**6, ["a" * 10**6 + "b"]) == ["a" * 10**6 + "b"]
