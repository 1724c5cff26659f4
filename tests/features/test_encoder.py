"""Vocabularies, quantiles and layout: what a model sees is what the training rows said."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.config.components import CrossesConfig, LinearConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.data.cells import cell_values
from recsys_demo.errors import InputError
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.features.fields import fit_fields
from recsys_demo.features.quantiles import BINS, fit_quantiles
from recsys_demo.features.vocabulary import ABSENT, UNKNOWN
from recsys_demo.limits import Limits
from tests.making.logs import SCHEMA, log, random_log

numbers = st.one_of(st.integers(-20, 20).map(float), st.floats(-1e6, 1e6))


@given(st.lists(numbers, min_size=1, max_size=40), numbers, st.integers(2, 12))
def test_quantile_positions_are_the_papers(train: list[float], x: float, n_q: int) -> None:
    quantiles = fit_quantiles(pd.Series(train), "f", n_q)
    # W&D: P(X <= x), cut into n_q quantiles; the i-th becomes (i - 1) / (n_q - 1).
    below = sum(value <= x for value in train)
    i = max(1, math.ceil(below * n_q / len(train)))
    got = quantiles.positions(pd.Series([x, np.nan]))
    assert got[0] == pytest.approx((i - 1) / (n_q - 1))
    assert got[1] == 0.5


@given(st.lists(numbers, min_size=1, max_size=200), st.integers(2, 200))
def test_bins_are_few_ordered_and_named(train: list[float], n_q: int) -> None:
    quantiles = fit_quantiles(pd.Series(train), "f", n_q)
    ordered = pd.Series(sorted(train))
    bins = quantiles.bins(ordered)[:, 0]
    assert 1 <= quantiles.n_bins <= BINS
    assert (np.diff(bins) >= 0).all()
    assert set(bins) <= set(range(1, quantiles.n_bins + 1))
    assert bins[0] == 1
    assert quantiles.bins(pd.Series([np.nan]))[0, 0] == ABSENT


def test_a_column_without_any_number_is_all_middle() -> None:
    quantiles = fit_quantiles(pd.Series([np.nan, np.nan]), "f", 10)
    assert quantiles.positions(pd.Series([1.0, np.nan])).tolist() == [0.5, 0.5]
    assert quantiles.n_bins == 0


def small_log(**columns: object):
    base = {
        "label": [0, 1, 1, 0],
        "user": ["u", "u", "v", "w"],
        "app": ["a", "b", "a", "c"],
        "country": ["ch", None, "ch", "it"],
        "installed": ["b|c", None, "c | c|zz", ""],
        "age": [10.0, 20.0, np.nan, 40.0],
    }
    return log(base | columns)


def test_codes_by_hand() -> None:
    fields = fit_fields(small_log())
    assert fields.vocabularies["app"].values == ("a", "b", "c")
    assert fields.vocabularies["country"].values == ("", "ch", "it")
    assert fields.vocabularies["installed"].values == ("b", "c", "zz")
    assert fields.vocabularies["installed"].counts == (1, 2, 1)
    codes = fields.encode(small_log().frame)
    assert codes.of("app")[:, 0].tolist() == [1, 2, 1, 3]
    assert codes.of("country")[:, 0].tolist() == [2, 1, 2, 3]
    assert codes.of("installed").tolist() == [[1, 2], [-1, -1], [2, 3], [-1, -1]]
    other = small_log(app=["a", "q", "zz", "a"], installed=["q|b|r", "q", "c", None])
    codes = fields.encode(other.frame)
    assert codes.of("app")[:, 0].tolist() == [1, UNKNOWN, UNKNOWN, 1]
    assert codes.of("installed").tolist() == [[0, 1, -1], [0, -1, -1], [2, -1, -1], [-1] * 3]


def test_a_missing_value_that_training_never_missed_is_unknown() -> None:
    fields = fit_fields(small_log(country=["ch", "ch", "it", "it"]))
    codes = fields.encode(small_log().frame)
    assert codes.of("country")[1, 0] == UNKNOWN


def test_min_count_gives_rare_values_no_code() -> None:
    schema = SCHEMA.replace('app = {kind = "categorical"', "app = {min_count = 2")
    rows = small_log()
    rare = log({name: rows.frame[name] for name in rows.frame} | {"label": rows.labels}, schema)
    assert fit_fields(rare).vocabularies["app"].values == ("a",)


def test_layout_by_hand() -> None:
    rows = small_log()
    model = ModelConfig(
        components=(LinearConfig(), CrossesConfig(crosses=("installed x app",), min_support=1))
    )
    encoder = fit_encoder(rows, model)
    encoded = encoder.encode(rows)
    # Rows of the table: 0 padding; app 1-4, country 5-8, installed 9-12, age 13.
    assert encoder.fields.offsets() == {"app": 1, "country": 5, "installed": 9, "age": 13}
    assert encoder.fields.table_rows == 14
    assert encoded.ids.tolist() == [
        [2, 7, 13, 10, 11],
        [3, 6, 13, 0, 0],
        [2, 7, 13, 11, 12],
        [4, 8, 13, 0, 0],
    ]
    assert encoded.positions[:, 0].tolist() == pytest.approx([3 / 9, 6 / 9, 0.5, 1.0])
    assert encoded.labels.tolist() == [0, 1, 1, 0]
    # Combinations of training: (b,a), (c,a) twice, (zz,a); in the order of their keys.
    assert encoded.crosses.tolist() == [[1, 2], [0, 0], [2, 3], [0, 0]]


def test_only_training_rows_are_looked_at() -> None:
    train, test = random_log(80), random_log(300, seed=9)
    encoder = fit_encoder(train, ModelConfig(components=(LinearConfig(),)))
    seen = set(train.frame["app"].astype("str"))
    assert set(encoder.fields.vocabularies["app"].values) == seen
    before = encoder.encode(train)
    encoder.encode(test)
    assert np.array_equal(before.ids, encoder.encode(train).ids)


@given(st.lists(st.sampled_from(["a", "b", " c ", "", "a b"]), max_size=6))
def test_a_cell_is_the_set_of_its_values(values: list[str]) -> None:
    found = cell_values("|".join(values), "|")
    assert len(found) == len(set(found))
    assert set(found) == {value.strip() for value in values if value.strip()}


def test_too_many_values_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r'field "app".*at most 10'):
        fit_fields(
            log(
                {
                    "label": [0, 1] * 6,
                    "user": ["u"] * 12,
                    "app": [f"a{i}" for i in range(12)],
                    "country": ["x"] * 12,
                    "installed": ["a"] * 12,
                    "age": range(12),
                }
            ),
            Limits(cardinality=10),
        )
