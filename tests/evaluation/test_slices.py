"""Slices against counting row by row."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.data import pairs
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.pairs import pair_support
from recsys_demo.evaluation.slices import (
    HEAD_SHARE,
    RARE,
    default_slices,
    entity_slices,
    head_items,
    support_slices,
)
from tests.making.logs import SCHEMA, log, random_log

TRUTH = '[truth]\nprobability = "p"\nexception = "exception"\nheld_out = "held_out"\n'


def split(rows: int, seed: int, pair: tuple[str, str] | None) -> tuple[Interactions, Interactions]:
    """A random log cut in two, sliced by this reference pair."""
    whole = random_log(rows, seed)
    whole = replace(whole, schema=whole.schema.model_copy(update={"reference_pair": pair}))
    cut = rows * 2 // 3
    return whole.take(np.arange(cut)), whole.take(np.arange(cut, rows))


def values_of(part: Interactions, name: str) -> list[set[str]]:
    """The set of values of every row."""
    cells = part.frame[name].astype(object)
    split = name == "installed"
    return [set() if pd.isna(c) else set(c.split("|")) if split else {c} for c in cells]


def slow_support(train: Interactions, part: Interactions) -> list[int]:
    first, second = train.schema.pair

    def found(rows: Interactions) -> list[set[tuple[str, str]]]:
        both = zip(values_of(rows, first), values_of(rows, second), strict=True)
        return [{(a, b) for a in left for b in right} for left, right in both]

    counts = Counter(pair for row in found(train) for pair in row)
    return [max((counts[pair] for pair in row), default=0) for row in found(part)]


@pytest.mark.parametrize("pair", [None, ("user", "app"), ("country", "installed")])
@settings(deadline=None, max_examples=30)
@given(rows=st.integers(9, 60), seed=st.integers(0, 100))
def test_support_counts_training_rows(pair: tuple[str, str] | None, rows: int, seed: int) -> None:
    train, part = split(rows, seed, pair)
    for most in (pairs.MOST_COUNTS, 0):  # few possible pairs, and more than have a count each
        with patch.object(pairs, "MOST_COUNTS", most):
            assert pair_support(train, part).tolist() == slow_support(train, part)
            assert pair_support(train, train).tolist() == slow_support(train, train)


def test_a_value_twice_in_a_cell_is_one_value_and_a_cell_without_values_is_never_seen() -> None:
    train = log(
        {
            "label": [0, 1, 1],
            "user": ["a", "b", "c"],
            "app": ["x", "x", "y"],
            "country": ["ch", "ch", "ch"],
            "installed": ["m|m|n", "m", None],
            "age": [1, 2, 3],
        }
    )
    assert pair_support(train, train).tolist() == [2, 2, 0]


@settings(deadline=None, max_examples=30)
@given(rows=st.integers(9, 60), seed=st.integers(0, 100))
def test_bands_and_buckets_cut_the_rows_without_rest(rows: int, seed: int) -> None:
    train, part = split(rows, seed, None)
    support = pair_support(train, part)
    slices = {s.key: s for s in default_slices(train, part)}
    assert slices["all"].mask.all()
    bands = [slices[key].mask for key in ("never", "rare", "medium", "frequent")]
    assert (np.sum(bands, axis=0) == 1).all()
    assert (np.sum([s.mask for s in support_slices(support)], axis=0) == 1).all()


@pytest.mark.parametrize(
    ("support", "band", "bucket"),
    [
        (0, "never", "never"),
        (1, "rare", "1"),
        (2, "rare", "2 to 4"),
        (4, "rare", "2 to 4"),
        (5, "medium", "5 to 9"),
        (9, "medium", "5 to 9"),
        (10, "medium", "10 to 19"),
        (19, "medium", "10 to 19"),
        (20, "frequent", "20+"),
        (1000, "frequent", "20+"),
    ],
)
def test_where_the_bounds_are(support: int, band: str, bucket: str) -> None:
    columns = {"user": ["u"], "app": ["x"], "country": ["ch"], "installed": ["m"], "age": [1]}
    seen = {name: cells * support for name, cells in columns.items()}
    other = {"user": ["v"], "app": ["z"], "country": ["it"], "installed": ["q"], "age": [1]}
    whole = log(
        {"label": [0] * support + [0, 1]}
        | {name: seen[name] + columns[name] + other[name] for name in columns}
    )
    train = whole.take(np.array([*range(support), support + 1]))
    part = whole.take(np.array([support]))
    assert [s.key for s in default_slices(train, part) if s.mask[0]] == ["all", band]
    buckets = support_slices(pair_support(train, part))
    assert [s.label for s in buckets if s.mask[0]] == [bucket]


def test_planted_slices_are_there_only_where_truth_is() -> None:
    columns = {
        "label": [0, 1, 1],
        "user": ["a", "b", "c"],
        "app": ["x", "x", "y"],
        "country": ["ch", "ch", "ch"],
        "installed": ["m", "m", None],
        "age": [1, 2, 3],
    }
    plain = log(columns)
    assert "exceptions" not in {s.key for s in default_slices(plain, plain)}
    truth = {"p": [0.1, 0.5, 0.9], "exception": [0, 1, 0], "held_out": [0, 0, 1]}
    planted = log(columns | truth, SCHEMA + TRUTH)
    slices = {s.key: s.mask.tolist() for s in default_slices(planted, planted)}
    assert slices["exceptions"] == [False, True, False]
    assert slices["held_out"] == [False, False, True]


@settings(deadline=None, max_examples=30)
@given(rows=st.integers(9, 80), seed=st.integers(0, 100))
def test_slices_of_users_and_items_count_their_training_rows(rows: int, seed: int) -> None:
    train, part = split(rows, seed, None)
    slices = {s.key: s.mask for s in entity_slices(train, part)}
    for who, column in (("users", "user"), ("items", "app")):
        counts = Counter(train.frame[column].astype(str))
        of_row = np.array([counts[name] for name in part.frame[column].astype(str)])
        assert (slices[f"unseen_{who}"] == (of_row == 0)).all()
        assert (slices[f"rare_{who}"] == ((of_row > 0) & (of_row < RARE))).all()
        assert (slices[f"known_{who}"] == (of_row >= RARE)).all()
    assert not (slices["head"] & slices["tail"]).any()
    assert ((slices["head"] | slices["tail"]) == ~slices["unseen_items"]).all()


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_the_head_is_the_smallest_set_that_holds_its_share(counts: list[int]) -> None:
    numbers = np.array(counts)
    head = head_items(numbers)
    inside = numbers[head]
    assert inside.sum() >= HEAD_SHARE * numbers.sum()
    if len(inside):
        assert inside.sum() - inside.min() < HEAD_SHARE * numbers.sum()
        assert inside.min() >= numbers[~head].max(initial=0)
    else:
        assert numbers.sum() == 0


def test_a_log_without_users_has_slices_of_items_only() -> None:
    schema = 'label="label"\nitem="b"\n[fields]\na={side="user"}\nb={side="item"}\n'
    part = log({"label": [0, 1], "a": ["x", "y"], "b": ["p", "q"]}, schema)
    assert {s.key for s in entity_slices(part, part)} == {
        "unseen_items",
        "rare_items",
        "known_items",
        "head",
        "tail",
    }
