"""Bins of a numeric field: each has a name of its own, and a condition by that name is its bin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.features.fields import FieldEncoder, fit_fields
from tests.making.logs import log

SCHEMA = """
label = "label"
item = "app"
[fields]
app = {kind = "categorical", side = "item"}
x = {kind = "numeric"}
"""


def fitted(numbers: list[float]) -> FieldEncoder:
    """The fields of a log with these numbers."""
    n = len(numbers)
    columns = {"label": ([0, 1] * n)[:n], "app": (["a", "b"] * n)[:n], "x": numbers}
    return fit_fields(log(columns, SCHEMA))


def check_names(numbers: list[float]) -> None:
    fields = fitted(numbers)
    names = fields.condition_values("x")
    assert len(set(names)) == len(names) == fields.quantiles["x"].n_bins
    for code, name in enumerate(names, start=1):
        assert fields.cross_code("x", name) == code
        assert fields.value_name("x", code) == name


@pytest.mark.parametrize(
    "numbers",
    [
        [1_700_000_000.0 + i for i in range(1_000)],  # CASES 11: eight bins had one name
        [0.1 + i * 1e-12 for i in range(100)],
        [float(np.nextafter(1, 2)), 1.0] * 50,
        [5.0] * 20,
        [-(10.0**i) for i in range(-300, 300, 9)],
    ],
    ids=["moments", "near", "neighbours", "one", "wide"],
)
def test_names_of_bins_differ_and_lead_back(numbers: list[float]) -> None:
    check_names(numbers)


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=60))
def test_names_of_any_bins_differ_and_lead_back(numbers: list[float]) -> None:
    check_names(numbers)


def test_short_names_stay_short() -> None:
    names = fitted([float(i) for i in range(100)]).condition_values("x")
    assert names[0] == "<10"
    assert names[1] == "10..<20"
    assert names[-1] == "90+"


def test_a_condition_by_the_name_of_a_bin_takes_its_rows() -> None:
    numbers = [1_700_000_000.0 + i for i in range(1_000)]
    quantiles = fitted(numbers).quantiles["x"]
    bins = quantiles.bins(pd.Series(numbers))[:, 0]
    name = quantiles.bin_name(3)
    low, high = name.split("..<")
    rows = [float(low) <= number < float(high) for number in numbers]
    assert (bins == 3).tolist() == rows
