"""Cross dictionaries against plain Python dictionaries over rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.data.interactions import Interactions
from recsys_demo.errors import InputError
from recsys_demo.features.cross_dictionary import (
    NO_KEY,
    CrossDictionary,
    combination_keys,
    count_keys,
    fit_cross,
    fit_crosses,
    part_value,
)
from recsys_demo.features.crosses import Cross, parse_cross
from recsys_demo.features.fields import FieldEncoder, fit_fields
from recsys_demo.limits import Limits
from tests.making.logs import log

LIMITS = Limits()
TEXTS = (
    "country x app",
    "app x country",
    "installed x app",
    "installed x app x country",
    "age x app",
    "country=ch & app",
    "installed=a & installed=b",
    "installed=a & app=b x country",
    "user x app",
)
SCHEMA = """
label = "label"
user = "user"
item = "app"
[fields]
user = {side = "user"}
app = {side = "item", min_count = 2}
country = {side = "user"}
installed = {kind = "multi", side = "user", separator = "|"}
age = {kind = "numeric", side = "user", quantiles = 4}
"""


@st.composite
def rows_of(draw: st.DrawFn, most: int = 12) -> Interactions:
    """A small log with repeated values, empty cells and lists."""
    names = st.sampled_from(["a", "b", "c", "d"])
    rows = draw(
        st.lists(
            st.tuples(
                names,
                names,
                st.none() | st.sampled_from(["ch", "it"]),
                st.lists(names, max_size=3),
                st.none() | st.integers(0, 5).map(float),
            ),
            min_size=2,
            max_size=most,
        ).filter(lambda rows: len({app for _, app, *_ in rows}) > 1)  # one item: nothing to rank
    )
    user, app, country, installed, age = (list(column) for column in zip(*rows, strict=True))
    return log(
        {
            "label": [index % 2 for index in range(len(rows))],
            "user": user,
            "app": app,
            "country": country,
            "installed": ["|".join(cell) or None for cell in installed],
            "age": np.array([np.nan if cell is None else cell for cell in age]),
        },
        SCHEMA,
    )


def values(row: dict[str, object], field: str, encoder: FieldEncoder) -> list[str]:
    """The known values of one field in one row, in plain Python."""
    cell = row[field]
    if field == "age":
        if pd.isna(cell):
            return []
        quantiles = encoder.quantiles[field]
        edges = quantiles._edges()
        if not edges:
            return []
        return [quantiles.bin_name(max(1, sum(edge <= cell for edge in edges)))]
    text = "" if pd.isna(cell) else str(cell)
    if field == "installed":
        found = list(dict.fromkeys(part for part in text.split("|") if part))
    else:
        found = [text]
    return [value for value in found if value in encoder.vocabularies[field].values]


def combinations(
    cross: Cross, rows: Interactions, encoder: FieldEncoder
) -> Iterator[list[tuple[str, ...]]]:
    """The combinations of every row."""
    for row in rows.frame.to_dict("records"):
        choices = []
        for part in cross.parts:
            there = values(row, part.field, encoder)
            choices.append(there if part.value is None else [v for v in there if v == part.value])
        yield list(product(*choices))


def combination_name(
    dictionary: CrossDictionary, encoder: FieldEncoder, id_: int
) -> tuple[str, ...]:
    """The parts of the combination with this id (1 ...) as people read them."""
    codes = dictionary.codes[id_ - 1]
    return tuple(
        f"{part.field}={part_value(part, encoder, int(code))}"
        for part, code in zip(dictionary.cross.parts, codes, strict=True)
    )


def names_of(dictionary: CrossDictionary, encoder: FieldEncoder, id_: int) -> tuple[str, ...]:
    named = combination_name(dictionary, encoder, id_)
    found = [name.split("=", 1)[1] for name in named]
    return tuple("" if value == "(missing)" else value for value in found)


@settings(max_examples=60, deadline=None)
@given(rows_of(), rows_of(), st.sampled_from(TEXTS), st.integers(1, 3))
def test_ids_are_those_of_a_plain_dictionary(
    train: Interactions, other: Interactions, text: str, min_support: int
) -> None:
    encoder = fit_fields(train)
    cross = parse_cross(text, train.schema)
    codes = encoder.encode(train.frame)
    dictionary = fit_cross(cross, codes, encoder, min_support, None, LIMITS)

    counted = Counter(c for row in combinations(cross, train, encoder) for c in row)
    expected = {c: n for c, n in counted.items() if n >= min_support}
    ids = range(1, dictionary.size + 1)
    assert {
        names_of(dictionary, encoder, i): n for i, n in zip(ids, dictionary.support, strict=True)
    } == expected

    found = dictionary.ids(combination_keys(cross, encoder.encode(other.frame), encoder))
    for row, wanted in zip(found, combinations(cross, other, encoder), strict=True):
        named = [names_of(dictionary, encoder, int(i)) for i in row if i]
        assert sorted(named) == sorted(c for c in wanted if c in expected)


@settings(max_examples=30, deadline=None)
@given(rows_of(), st.permutations(["installed", "app", "country"]))
def test_the_order_of_the_parts_changes_nothing(rows: Interactions, order: list[str]) -> None:
    encoder = fit_fields(rows)
    codes = encoder.encode(rows.frame)

    def supports(text: str) -> Counter[frozenset[str]]:
        fitted = fit_cross(parse_cross(text, rows.schema), codes, encoder, 1, None, LIMITS)
        return Counter(
            {
                frozenset(combination_name(fitted, encoder, i + 1)): int(n)
                for i, n in enumerate(fitted.support)
            }
        )

    assert supports(" x ".join(order)) == supports("installed x app x country")


@settings(max_examples=40, deadline=None)
@given(rows_of(), st.sampled_from(TEXTS), st.integers(2, 50))
def test_hashing_keeps_every_combination_and_only_shares(
    rows: Interactions, text: str, buckets: int
) -> None:
    encoder = fit_fields(rows)
    cross = parse_cross(text, rows.schema)
    codes = encoder.encode(rows.frame)
    exact = fit_cross(cross, codes, encoder, 1, None, LIMITS)
    hashed = fit_cross(cross, codes, encoder, 5, buckets, LIMITS)
    keys = combination_keys(cross, codes, encoder)
    assert hashed.size == buckets
    ids = hashed.ids(keys)
    assert ((ids > 0) == (exact.ids(keys) > 0)).all()
    assert ids.max(initial=0) <= buckets
    by_key = {int(k): int(i) for k, i in zip(keys.flat, ids.flat, strict=True)}
    assert all(by_key[int(k)] == i for k, i in zip(keys.flat, ids.flat, strict=True))


def test_hashing_spreads_neighbouring_keys() -> None:
    dictionary = CrossDictionary(
        Cross(()), (100_000,), np.zeros(0, np.int64), np.zeros(0, np.int64), 64
    )
    counts = np.bincount(dictionary.ids(np.arange(64_000)))[1:]
    # chi-square with 63 degrees of freedom: 99.99 % of random draws stay below 112
    assert ((counts - 1000) ** 2 / 1000).sum() < 112
    assert dictionary.ids(np.array([NO_KEY]))[0] == 0


@given(st.lists(st.integers(-1, 30), max_size=40), st.booleans())
def test_counting_with_and_without_sorting(keys: list[int], few: bool) -> None:
    unique, counts = count_keys(np.array(keys, dtype=np.int64), 31 if few else 2**62)
    expected = Counter(key for key in keys if key != -1)
    assert dict(zip(unique.tolist(), counts.tolist(), strict=True)) == expected
    assert unique.tolist() == sorted(expected)


@given(st.sets(st.integers(0, 30)), st.lists(st.integers(-1, 30), max_size=20))
def test_looking_up_in_a_table_and_by_search_agree(known: set[int], asked: list[int]) -> None:
    keys = np.array(sorted(known), dtype=np.int64)
    table = CrossDictionary(Cross(()), (31,), keys, np.ones_like(keys))
    search = CrossDictionary(Cross(()), (2**40,), keys, np.ones_like(keys))
    wanted = [sorted(known).index(key) + 1 if key in known else 0 for key in asked]
    for dictionary in (table, search):
        assert dictionary.ids(np.array(asked, dtype=np.int64)).tolist() == wanted


def test_large_numbers_of_values_do_not_overflow() -> None:
    """Three fields of 2,000 values: 8e9 possible combinations, far beyond 32 bits."""
    rows = 2000
    wide = log(
        {
            "label": [i % 2 for i in range(rows)],
            "user": [f"u{i}" for i in range(rows)],
            "app": [f"a{i}" for i in range(rows)],
            "country": [f"c{i}" for i in range(rows)],
            "installed": [None] * rows,
            "age": np.zeros(rows),
        },
        SCHEMA.replace(", min_count = 2", ""),
    )
    encoder = fit_fields(wide)
    codes = encoder.encode(wide.frame)
    cross = parse_cross("user x app x country", wide.schema)
    dictionary = fit_cross(cross, codes, encoder, 1, None, LIMITS)
    assert dictionary.size == rows
    assert sorted(dictionary.ids(combination_keys(cross, codes, encoder)).flat) == [
        *range(1, rows + 1)
    ]
    assert combination_name(dictionary, encoder, rows)[0].startswith("user=u")


class Huge(FieldEncoder):
    """Pretends that every field has two million values."""

    def cross_size(self, field: str) -> int:
        return 2_000_000


def test_too_large_crosses_are_refused_before_they_are_computed() -> None:
    rows = log(
        {
            "label": [0, 1],
            "user": ["u", "v"],
            "app": ["a", "b"],
            "country": ["ch", "it"],
            "installed": ["a|b|c", None],
            "age": np.zeros(2),
        },
        SCHEMA,
    )
    encoder = fit_fields(rows)
    codes = encoder.encode(rows.frame)
    cross = parse_cross("installed x app", rows.schema)
    with pytest.raises(InputError, match=r"up to 3 in a row.*at most 2.*fewer multi-valued"):
        fit_crosses([cross], codes, encoder, 1, None, Limits(cross_combinations_per_row=2))
    huge = Huge(encoder.schema, encoder.vocabularies, encoder.quantiles)
    crosses = [parse_cross(t, rows.schema) for t in ("user x app x country", "age x app x user")]
    with pytest.raises(InputError, match="more possible combinations than can be numbered") as e:
        fit_crosses(crosses, codes, huge, 1, None, LIMITS)
    assert len(e.value.problems) == 2
