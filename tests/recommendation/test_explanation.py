"""Terms add up to the logit, whatever the model; Shapley values are the textbook's."""

from __future__ import annotations

import math
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.config.model import ModelConfig
from recsys_demo.models.components.base import as_batch, read_vectors
from recsys_demo.recommendation.components import field_shares, trees
from recsys_demo.recommendation.components.field_shares import AVERAGE
from recsys_demo.recommendation.components.trees import TreesExplain
from recsys_demo.recommendation.explanation import explain
from recsys_demo.recommendation.query import query_frame
from recsys_demo.recommendation.shapley import members, shapley_values
from tests.making.recommending import (
    APPS,
    DEEP,
    SETTINGS,
    SUBSETS,
    drawn,
    given_queries,
    model,
    recommender,
    rows,
    whole,
)
from tests.making.trees import SMALL

MODELS = [*SUBSETS, *SETTINGS]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(MODELS) - 1), given_queries, st.sampled_from(APPS))
def test_terms_add_up_to_the_logit(number: int, given_: dict[str, Any], app: str) -> None:
    fast = recommender(MODELS[number])
    query = fast.query(given_)
    why = explain(fast, query, app)
    at = fast.position(app)
    parts = fast.parts(fast.half(query))
    assert why.logit == pytest.approx(fast.logits(query)[at], abs=5e-4)
    for part, value in why.parts.items():
        assert value == pytest.approx(parts[part][at], abs=5e-4)
    kept, rest = why.strongest(4)
    assert math.fsum([*(term.value for term in kept), rest]) == pytest.approx(why.logit)


def test_shares_of_trees_are_those_of_every_coalition() -> None:
    fast = recommender(model(SMALL))
    explains = fast.explains["trees"]
    assert isinstance(explains, TreesExplain)
    forest, average = explains.serve.grown.forest, explains.average[:7]
    names = list(fast.schema.fields)
    field = np.array([names.index(column.field) for column in explains.serve.grown.columns.all])
    for row in explains.average[10:14]:
        found = trees.field_shares(forest, row, average, field, len(names))
        coalitions = members(len(names)).astype(bool)[:, field]
        values = [forest.logits(np.where(who, row, average)).mean() for who in coalitions]
        np.testing.assert_allclose(found, shapley_values(np.array(values)), atol=1e-12)
        assert (found != 0).sum() > 3


def test_crosses_are_told_by_name_and_support() -> None:
    config = SUBSETS[1]
    fast = recommender(config)
    log = rows()
    query = fast.query({"installed": ["app1", "app2"]})
    terms = [t for t in explain(fast, query, "app5").terms if t.fields == ("installed", "app")]
    cells = log.frame["installed"].astype("str").str.split("|")
    for term in terms:
        installed = term.name.removesuffix(" & app=app5").removeprefix("installed=")
        counted = [
            installed in cell and app == "app5"
            for cell, app in zip(cells, log.frame["app"], strict=True)
        ]
        assert term.support == sum(counted)
    assert {t.name.split(" & ")[0] for t in terms} <= {"installed=app1", "installed=app2"}


def test_an_item_that_is_not_there_is_no_explanation() -> None:
    with pytest.raises(KeyError):
        explain(whole(), whole().query({}), "nothing")


def brute_force(values: np.ndarray) -> list[float]:
    """Mean marginal gain over all orders in which players can come."""
    players = len(values).bit_length() - 1
    shares = [0.0] * players
    for order in permutations(range(players)):
        coalition = 0
        for player in order:
            shares[player] += values[coalition | 1 << player] - values[coalition]
            coalition |= 1 << player
    return [share / math.factorial(players) for share in shares]


games = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.floats(-9, 9), min_size=2**n, max_size=2**n).map(np.array)
)


@given(games)
def test_shapley_values_are_the_mean_over_all_orders(values: np.ndarray) -> None:
    shares = shapley_values(values)
    np.testing.assert_allclose(shares, brute_force(values), atol=1e-9)
    assert shares.sum() == pytest.approx(values[-1] - values[0], abs=1e-9)  # efficiency


def test_a_player_who_adds_nothing_has_no_share() -> None:
    who = members(3)
    np.testing.assert_allclose(shapley_values((who[:, :2].sum(1) == 2) * 1.0), [0.5, 0.5, 0.0])


@given(st.integers(2, 6), st.lists(st.floats(-3, 3), min_size=64, max_size=64), st.floats(-2, 2))
def test_symmetry_and_null_player(players: int, drawn_: list[float], own: float) -> None:
    who = members(players).astype(int)
    # Players 0 and 1 are alike: the value asks how many of them there are. The last one brings
    # the same to everybody: with nothing it would be a null player.
    middle = who[:, 2:-1] if players > 2 else who[:, :0]
    key = who[:, 0] + (who[:, 1] if players > 2 else 0)
    key = key + 3 * (middle @ (1 << np.arange(middle.shape[1])))
    values = np.array(drawn_)[key] + own * who[:, -1]
    shares = shapley_values(values)
    assert shares[-1] == pytest.approx(own, abs=1e-9)
    if players > 2:
        assert shares[0] == pytest.approx(shares[1], abs=1e-9)


def test_deep_shares_are_those_of_the_network_itself() -> None:
    """By the ranker's own network on inputs built field by field, over all orders' definition."""
    config = model(DEEP)
    fast = recommender(config)
    ranker, encoder = drawn(config)
    query = fast.query({"user": "u3", "hour": "evening"})
    deep = ranker.components["deep"]
    why = explain(fast, query, "app5")
    fields = [t.fields[0] for t in why.terms if t.fields]
    average = next(t.value for t in why.terms if t.name == AVERAGE)
    own, base = network_inputs(fast, query, "app5")

    def value(there: frozenset[str]) -> float:
        mixed = np.concatenate(
            [own[f] if f in there else base[f] for f in input_order(encoder)]
        ).astype(np.float32)
        return float(deep.network.forward(mixed[None], False, "float32")[0][0])  # type: ignore[attr-defined]

    games = [
        {f for f, there in zip(fields, who, strict=True) if there} for who in members(len(fields))
    ]
    shares = shapley_values(np.array([value(frozenset(there)) for there in games]))
    expected = dict(zip(fields, shares, strict=True))
    assert average == pytest.approx(value(frozenset()), abs=1e-4)
    for term in why.terms:
        if term.fields:
            assert term.value == pytest.approx(expected[term.fields[0]], abs=1e-4)


def input_order(encoder: Any) -> list[str]:
    fields = encoder.fields
    return [*fields.single_fields, *fields.multi_fields, *fields.numeric_fields]


def network_inputs(fast: Any, query: Any, app: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each field's piece of the network's input, for this row and on average, by the ranker."""
    ranker, encoder = drawn(model(DEEP))
    size = 3

    def pieces(frame: Any) -> dict[str, Any]:
        batch = as_batch(encoder.assemble(encoder.fields.encode(frame)))
        vectors = read_vectors(ranker.embeddings["embedding"], batch)
        inputs = ranker.components["deep"].inputs(batch, vectors)  # type: ignore[attr-defined]
        found, at = {}, 0
        for name in input_order(encoder):
            width = 1 if name in encoder.fields.quantiles else size
            found[name] = inputs[:, at : at + width].mean(0)
            at += width
        return found

    def frame(items: Any, asked: Any) -> Any:
        n = max(len(items), len(asked))
        columns = {"app": pd.Series(pd.Categorical(items.index))}
        columns |= {"genres": items["genres"].reset_index(drop=True).astype("category")}
        columns |= {"price": items["price"].reset_index(drop=True)}
        columns |= {name: asked[name].reset_index(drop=True) for name in asked}
        return pd.DataFrame(
            {k: v.iloc[np.arange(n) % len(v)].reset_index(drop=True) for k, v in columns.items()}
        )

    known = fast.queries.assign(user=fast.queries.index.astype("str"))
    known = known.astype(dict.fromkeys(("user", "country", "installed", "hour"), "category"))
    item = fast.items.loc[[app]]
    own = pieces(frame(item, query_frame(query, encoder.fields)))
    of_items = pieces(frame(fast.items, query_frame(query, encoder.fields)))
    of_people = pieces(frame(item, known))
    item_fields = ("app", "genres", "price")
    base = {n: (of_items if n in item_fields else of_people)[n] for n in own}
    return own, base


def test_more_fields_than_players_share_one_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    fast, query = recommender(model(DEEP)), whole().query({"user": "u3"})
    every = explain(fast, query, "app5")
    monkeypatch.setattr(field_shares, "MOST_PLAYERS", 4)
    some = explain(fast, query, "app5")
    seats = [term for term in some.terms if term.part == "deep" and term.fields]
    assert len(seats) == 4
    assert sorted(name for t in seats for name in t.fields) == sorted(
        name for t in every.terms for name in t.fields
    )
    assert some.logit == pytest.approx(every.logit, abs=1e-5)


def test_a_model_config_is_named_in_its_explanation() -> None:
    config = ModelConfig(name="mine", components=SUBSETS[0].components)
    assert explain(recommender(config), whole().query({}), "app0").model == "mine"
