"""Splits are partitions with the promised properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.pairs import reference_pairs
from recsys_demo.data.splits import Split, SplitConfig, split
from recsys_demo.errors import InputError
from tests.making.files import labelled, positives


def rows_of(parts: Split) -> list[set[int]]:
    return [set(part.rows.tolist()) for part in (parts.train, parts.valid, parts.test)]


def slow_pairs(log: Interactions) -> set[tuple[int, str, str]]:
    """(row, first, second) by plain loops."""
    first, second = log.schema.pair

    def values(name: str, row: int) -> list[str]:
        cell = log.frame[name].iloc[row]
        if not isinstance(cell, str):
            return []
        field = log.schema.fields.get(name)
        if field is None or field.kind != "multi":
            return [cell]
        return [v.strip() for v in cell.split(log.separator(name)) if v.strip()]

    return {
        (row, a, b)
        for row in range(len(log))
        for a in values(first, row)
        for b in values(second, row)
    }


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["random", "time", "heldout_pairs", "column"]),
    st.integers(0, 2**32 - 1),
    st.floats(0.05, 0.4),
    st.floats(0.05, 0.4),
)
def test_parts_share_no_row_and_the_rest_is_withheld(
    kind: str, seed: int, valid: float, test: float
) -> None:
    log = labelled(reference_pair=("user", "item"))
    config = SplitConfig.model_validate({"kind": kind, "seed": seed, "valid": valid, "test": test})
    parts = split(log, config)
    train, validation, testing = rows_of(parts)
    assert not train & validation
    assert not train & testing
    assert not validation & testing
    assert len(train) + len(validation) + len(testing) + parts.withheld == len(log)
    if kind in ("random", "time"):
        assert parts.withheld == 0


def test_random_sizes_and_seed() -> None:
    log = labelled()
    parts = split(log, SplitConfig(valid=0.2, test=0.1, seed=5))
    assert [len(part) for part in rows_of(parts)] == [420, 120, 60]
    assert rows_of(split(log, SplitConfig(valid=0.2, test=0.1, seed=5))) == rows_of(parts)
    assert rows_of(split(log, SplitConfig(valid=0.2, test=0.1, seed=6))) != rows_of(parts)
    assert list(parts.train.rows[:20]) != sorted(parts.train.rows[:20])


def test_time_never_looks_ahead_and_never_cuts_a_moment() -> None:
    parts = split(labelled(), SplitConfig(kind="time", valid=0.1, test=0.2))
    train, valid, test = (p.frame["time"] for p in (parts.train, parts.valid, parts.test))
    assert train.max() < valid.min()
    assert valid.max() < test.min()
    assert abs(len(test) - 120) < 15


def test_time_with_one_dominating_moment_still_has_three_parts() -> None:
    log = labelled()
    times = log.frame["time"].to_numpy(copy=True)
    times[:580] = 7.0
    times[580:590] = 8.0
    times[590:] = 9.0
    log.frame["time"] = times
    parts = split(log, SplitConfig(kind="time"))
    assert [len(p) for p in (parts.train, parts.valid, parts.test)] == [580, 10, 10]


@pytest.mark.parametrize("pair", [("user", "item"), ("installed", "item")])
def test_reference_pairs_are_those_of_plain_loops(pair: tuple[str, str]) -> None:
    log = labelled(rows=150, reference_pair=pair)
    rows, codes = reference_pairs(log)
    slow = slow_pairs(log)
    assert len(rows) == len(slow)
    assert np.bincount(rows, minlength=150).tolist() == [
        sum(1 for row, *_ in slow if row == r) for r in range(150)
    ]
    assert len(np.unique(codes)) == len({(a, b) for _, a, b in slow})
    together = {}
    for row, a, b in slow:
        together.setdefault((a, b), set()).add(row)
    by_code: dict[int, set[int]] = {}
    for row, code in zip(rows.tolist(), codes.tolist(), strict=True):
        by_code.setdefault(code, set()).add(row)
    assert sorted(map(sorted, by_code.values())) == sorted(map(sorted, together.values()))


def test_held_out_pairs_occur_in_the_test_only() -> None:
    log = labelled(rows=3000, reference_pair=("user", "item"))
    config = SplitConfig(kind="heldout_pairs", held_out=0.2, seed=1)
    parts = split(log, config)
    plain = split(log, SplitConfig(seed=1))
    assert rows_of(parts)[2] == rows_of(plain)[2]
    assert rows_of(parts)[0] < rows_of(plain)[0]
    seen = {(a, b) for _, a, b in slow_pairs(parts.train)}
    seen |= {(a, b) for _, a, b in slow_pairs(parts.valid)}
    gone = rows_of(plain)[0] | rows_of(plain)[1]
    gone -= rows_of(parts)[0] | rows_of(parts)[1]
    withheld = {(a, b) for row, a, b in slow_pairs(log) if row in gone}
    assert not withheld & seen
    assert parts.withheld == len(gone)
    assert 0.15 < parts.withheld / (0.8 * 3000) < 0.25


def test_column_decides() -> None:
    log = labelled()
    parts = split(log, SplitConfig(kind="column"))
    assert set(parts.test.frame["part"]) == {"test"}
    assert parts.withheld == int((log.frame["part"] == "withheld").sum()) > 0


@pytest.mark.parametrize(
    ("log", "kind", "message"),
    [
        (labelled(time=None), "time", "no time column"),
        (labelled(split=None), "column", "no split column"),
        (labelled().take(np.arange(5)), "random", "5 rows for training"),
        (labelled().take(np.flatnonzero(labelled().labels == 1)), "random", "all with label 1"),
        (labelled().take(labelled().frame["part"].eq("train").to_numpy()), "column", "no row"),
        (labelled().take(labelled().frame["time"].lt(2).to_numpy()), "time", "too few moments"),
        (positives(), "random", "all with label 1"),
    ],
)
def test_useless_parts_are_refused(log: Interactions, kind: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        split(log, SplitConfig.model_validate({"kind": kind}))


@pytest.mark.parametrize(
    "content",
    [{"valid": 0.5, "test": 0.5}, {"valid": 0}, {"test": 2}, {"held_out": -1}, {"kind": "x"}],
)
def test_bounds(content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SplitConfig.model_validate(content)


def test_a_log_of_a_few_rows_is_refused() -> None:
    few = labelled(600).take(np.arange(29))
    with pytest.raises(InputError, match=r"29 rows.*at least 30"):
        split(few, SplitConfig())
