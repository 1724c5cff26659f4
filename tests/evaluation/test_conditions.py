"""Conditions in a person's words: what they select, and what their errors point at."""

from __future__ import annotations

import contextlib
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.evaluation.conditions import MOST_TERMS, Condition, Term, columns, parse_condition
from tests.making.logs import SCHEMA, log

AGES = [20, 30, None, 40.5, 30]
LOG = log(
    {
        "label": [0, 1, 1, 0, 1],
        "user": ["a", "b", "c", "d", "e & f"],
        "app": ["Pandora", "Pandora", "Not = it", "Zoo", 'say "hi"'],
        "country": ["ch", None, "it", "ch", "x"],
        "installed": ["Netflix|Zoo", "Netflix", None, "Net", "Zoo|Big App"],
        "age": AGES,
    }
)


def rows(text: str, part: Interactions = LOG) -> list[int]:
    """Which rows a condition holds for."""
    return np.flatnonzero(parse_condition(text, part.schema).mask(part)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app = Pandora", [0, 1]),
        ("app=Pandora", [0, 1]),
        ("app != Pandora", [2, 3, 4]),
        ('app = "Not = it"', [2]),
        (r'app = "say \"hi\""', [4]),
        ('user = "e & f"', [4]),
        ("installed = Netflix", [0, 1]),
        ("installed = Zoo & installed = Netflix", [0]),
        ("installed != Netflix", [2, 3, 4]),
        ("installed = Big App", [4]),
        ('installed = ""', [2]),
        ('installed != ""', [0, 1, 3, 4]),
        ('country = ""', [1]),
        ('country != ""', [0, 2, 3, 4]),
        ("country != ch", [1, 2, 4]),
        ("age >= 30", [1, 3, 4]),
        ("age > 30", [3]),
        ("age <= 30", [0, 1, 4]),
        ("age < 30", [0]),
        ("age = 3e1", [1, 4]),
        ("age != 30", [0, 3]),
        ("age > -1", [0, 1, 3, 4]),
        ('age = ""', [2]),
        ('age != ""', [0, 1, 3, 4]),
        ("app = Pandora & age >= 30 & installed = Netflix", [1]),
        ("age > 1000", []),
    ],
)
def test_what_a_condition_selects(text: str, expected: list[int]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "at", "what"),
    [
        ("", 1, "a column name is missing"),
        ("  ", 3, "a column name is missing"),
        ("app", 4, "a comparison is missing"),
        ("app =", 6, "a value is missing after ="),
        ("app = & age > 3", 7, "a value is missing after ="),
        ("app = Pandora &", 16, "a column name is missing"),
        ("app = Pandora & ap = Zoo", 17, "no column has this name"),
        ("label = 1", 1, "no column has this name"),
        ("app > Pandora", 5, "has no order"),
        ("age > old", 7, "the value is not"),
        ("age > nan", 7, "the value is not"),
        ('age > ""', 7, "the value is not"),
        ('app = "Pandora', 7, "never closed"),
        ("app = Pandora = Zoo", 15, "not joined"),
        ('app = "Zoo" Pandora', 13, "not joined"),
        ("app ! Zoo", 5, "a comparison is missing"),
        ("age = 3 & " * MOST_TERMS + "age = 3", 10 * MOST_TERMS + 1, "too many"),
        ("a" * 2000, 1, "too long"),
    ],
)
def test_errors_point_at_the_offending_piece(text: str, at: int, what: str) -> None:
    with pytest.raises(InputError) as error:
        parse_condition(text, LOG.schema)
    (problem,) = error.value.problems
    assert what in problem.what
    assert problem.where.endswith(f"character {at}")
    assert problem.remedy


def test_a_misspelled_column_gets_a_proposal() -> None:
    with pytest.raises(InputError, match='Did you mean "installed"'):
        parse_condition("instaled = Zoo", LOG.schema)


def test_values_that_no_row_has_are_told_all_at_once() -> None:
    with pytest.raises(InputError) as error:
        rows("app = pandora & installed = Netflx & age > 3")
    assert [p.where.rsplit(" ", 1)[1] for p in error.value.problems] == ["1", "17"]
    assert 'Did you mean "Netflix"' in str(error.value)


def test_what_happened_and_what_is_planted_cannot_be_asked_for() -> None:
    truth = '[truth]\nprobability = "p"\nexception = "e"\nheld_out = "h"\n'
    names = columns(Schema.parse(SCHEMA + truth))
    assert set(names) == {"user", "app", "country", "installed", "age"}


WORDS = st.text(min_size=1, max_size=12)
TERMS = st.one_of(
    st.builds(Term, st.sampled_from(["app", "user", "country"]), st.sampled_from("="), WORDS),
    st.builds(Term, st.just("age"), st.sampled_from(["<", ">=", "!="]), st.floats(-1e9, 1e9)),
    st.builds(Term, st.just("age"), st.sampled_from(["=", "!="]), st.none()),
)


@settings(deadline=None)
@given(st.lists(TERMS, min_size=1, max_size=5))
def test_a_condition_written_out_reads_back(terms: list[Term]) -> None:
    text = str(Condition(tuple(terms), ""))
    again = parse_condition(text, LOG.schema)
    strip = [(t.column, t.operator, t.value) for t in again.terms]
    assert strip == [(t.column, t.operator, t.value) for t in terms]


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert parse_condition(text, LOG.schema).terms


@settings(deadline=None)
@given(st.sampled_from(["<", "<=", ">", ">="]), st.floats(0, 60))
def test_numbers_compare_as_numbers_and_missing_ones_never(name: str, bound: float) -> None:
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[name]
    expected = [i for i, age in enumerate(AGES) if age is not None and compare(age, bound)]
    assert rows(f"age {name} {bound!r}") == expected
