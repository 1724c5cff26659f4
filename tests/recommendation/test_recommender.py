"""Lists: the fast scores are the ranker's, and a list is what it claims to be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.config.model import ModelConfig
from recsys_demo.errors import InputError
from recsys_demo.recommendation.query import parse_query
from recsys_demo.recommendation.recommender import OUT, rank
from tests.making.recommending import (
    APPS,
    SETTINGS,
    SUBSETS,
    given_queries,
    queries,
    recommender,
    rows,
    serving,
    slow_logits,
    whole,
)


@pytest.mark.parametrize("config", [*SUBSETS, *SETTINGS])
def test_fast_scores_are_the_rankers(config: ModelConfig) -> None:
    fast = recommender(config)
    asked: list[dict[str, Any]] = [
        {},
        {"user": "u3"},
        {"user": "u3", "installed": ["app1", "app2", "nobody", "no one"], "age": 33, "hour": "x"},
        {"country": "ch", "installed": "app4|app4|app5", "hour": "evening", "age": 12.5},
    ]
    for given_ in asked:
        query = fast.query(given_)
        np.testing.assert_allclose(fast.logits(query), slow_logits(config, query), atol=2e-5)


@settings(max_examples=30, deadline=None)
@given(given_queries)
def test_any_query_scores_as_the_ranker_does(given_: dict[str, Any]) -> None:
    query = whole().query(given_)
    np.testing.assert_allclose(whole().logits(query), slow_logits(SUBSETS[-1], query), atol=2e-5)


@settings(max_examples=60, deadline=None)
@given(given_queries, st.booleans())
def test_lists_are_sorted_whole_and_without_what_is_installed(
    given_: dict[str, Any], filtered: bool
) -> None:
    query = whole().query(given_)
    installed = whole().installed(query)
    ranking = whole().rank(query, installed if filtered else None)
    assert (np.diff(ranking.logits[ranking.order]) <= 0).all()
    assert len(set(ranking.order.tolist())) == len(ranking.order)
    left_out = set(np.flatnonzero(installed)) if filtered else set()
    assert set(ranking.order.tolist()) == set(range(len(APPS))) - left_out
    assert {whole().ids[i] for i in np.flatnonzero(installed)} == set(APPS) & set(
        query.get("installed") or ()
    )
    for place, at in enumerate(ranking.order, start=1):
        assert ranking.places[at] == place
    assert all(ranking.places[at] == OUT for at in left_out)


@settings(max_examples=20, deadline=None)
@given(given_queries, st.permutations(range(len(APPS))))
def test_the_order_of_the_catalogue_does_not_matter(
    given_: dict[str, Any], order: list[int]
) -> None:
    shuffled = serving(SUBSETS[-1], rows().items.iloc[order])
    query = whole().query(given_)
    one, other = whole().rank(query), shuffled.rank(query)
    assert [whole().ids[i] for i in one.order] == [shuffled.ids[i] for i in other.order]
    np.testing.assert_array_equal(one.logits[one.order], other.logits[other.order])


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12))
def test_equal_scores_keep_the_order_of_the_catalogue(logits: list[int]) -> None:
    expected = sorted(range(len(logits)), key=lambda i: (-logits[i], i))
    assert rank(np.array(logits, dtype=float)).order.tolist() == expected


@pytest.mark.parametrize("config", SUBSETS[-1:] + SETTINGS[1:3])
def test_some_items_score_as_they_do_among_all(config: ModelConfig) -> None:
    fast = recommender(config)
    query = fast.query({"user": "u5", "hour": "evening"})
    some = np.array([7, 2, 19])
    np.testing.assert_allclose(fast.logits(query, some), fast.logits(query)[some], atol=1e-6)


def test_a_query_starts_from_the_user_and_takes_what_is_given() -> None:
    known = whole().query({"user": "u3"})
    row = queries().loc["u3"]
    assert known.get("user") == "u3"
    assert known.get("installed") == (
        tuple(row["installed"].split("|")) if isinstance(row["installed"], str) else ()
    )
    assert known.get("age") == (None if math.isnan(row["age"]) else row["age"])
    changed = whole().query({"user": "u3", "installed": [], "age": None})
    assert (changed.get("installed"), changed.get("age")) == ((), None)
    assert changed.get("hour") == known.get("hour")
    assert whole().query(known.to_json()) == known


def test_all_that_is_wrong_with_a_query_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        whole().query({"ages": 3, "app": "app1", "age": "old", "installed": 7, "hour": {}})
    told = str(caught.value)
    assert [name in told for name in ('"ages"', '"app"', '"age"', '"installed"', '"hour"')] == [
        True
    ] * 5


@pytest.mark.parametrize("text", ["", "[]", "3", "{", "null", '"u1"', "[" * 5000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--query"):
        parse_query(text)
