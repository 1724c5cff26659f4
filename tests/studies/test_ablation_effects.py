"""Spreads, verdicts, Shapley shares and the smallest model, against other ways to compute them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recsys_demo.config.components import Kind
from recsys_demo.studies.ablation.effects import compare, effects, spread
from recsys_demo.studies.ablation.grid import BASE, Cell, subset_key
from recsys_demo.studies.ablation.outcomes import Outcome, Outcomes
from recsys_demo.studies.ablation.shapley import shares
from recsys_demo.studies.ablation.smallest import smallest_within_noise

numbers = st.floats(-10, 10)


def outcome(cell: str, seed: int, auc: float, loss: float = 0.5, size: int = 10) -> Outcome:
    values = {part: {"all": {"auc": auc, "logloss": loss}} for part in ("valid", "test")}
    return Outcome(cell, seed, values, size, 0, 1.0, (f"{cell}{seed}",))


def table(**cells: list[float]) -> Outcomes:
    """Test AUC of each cell, seed by seed."""
    found = [outcome(c, seed, v) for c, values in cells.items() for seed, v in enumerate(values)]
    return Outcomes(found, {"all": "all rows"})


@given(st.lists(numbers, min_size=2, max_size=8))
def test_a_spread_is_the_t_interval(values: list[float]) -> None:
    told = spread(values)
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    assert told.mean == pytest.approx(np.mean(values), abs=1e-9)
    if error > 1e-12:
        low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), error)
        assert (told.low, told.high) == pytest.approx((low, high))


def test_few_seeds_are_never_clear() -> None:
    assert not spread([]).clear
    assert not spread([0.5]).clear
    assert not spread([0.5, 0.5001]).clear
    assert spread([0.5, 0.5001, 0.4999]).clear
    assert spread([math.nan, 0.5]).seeds == 1


def test_differences_are_taken_seed_by_seed() -> None:
    outcomes = table(base=[0.5, 0.7, 0.6], other=[0.51, 0.71, 0.61, 0.99])
    told = compare(outcomes, "other", BASE, "all")
    assert told.seeds == (0, 1, 2)
    assert told.differences == pytest.approx([0.01] * 3)
    assert told.verdict == "better"
    assert compare(outcomes, BASE, "other", "all").verdict == "worse"


def test_a_smaller_log_loss_is_better() -> None:
    found = [outcome(c, s, 0.5, loss) for c, loss in ((BASE, 0.5), ("x", 0.4)) for s in range(3)]
    outcomes = Outcomes(found, {})
    assert compare(outcomes, "x", BASE, "all", "logloss").verdict == "better"


def test_effects_come_by_size_and_leave_out_what_is_not_there() -> None:
    outcomes = table(base=[0.5] * 3, small=[0.51] * 3, large=[0.4, 0.41, 0.39])
    cells = [Cell(key, key, ()) for key in (BASE, "small", "large", "missing")]
    assert [effect.cell for effect in effects(outcomes, cells, "all")] == ["large", "small"]


def test_slices_that_no_row_is_in_are_not_shown() -> None:
    values = {
        "test": {"all": {"auc": 0.5}, "never": {"auc": math.nan}, "exceptions": {"auc": 0.6}},
        "valid": {},
    }
    assert Outcomes([Outcome("a", 0, values, 1, 0, 1.0, ())], {}).slices() == ["all", "exceptions"]


TWO: tuple[Kind, ...] = ("linear", "fm")


def test_shares_need_every_subset_of_a_seed() -> None:
    value = {(): 0.5, ("linear",): 0.6, ("fm",): 0.7, ("linear", "fm"): 0.9}
    found = [outcome(subset_key(s), seed, v) for s, v in value.items() for seed in range(2)]
    told = shares(Outcomes(found, {}), TWO, (0, 1), "all")
    assert told is not None
    assert {kind: share.mean for kind, share in told.shares.items()} == pytest.approx(
        {"linear": 0.15, "fm": 0.25}
    )
    assert told.total.mean == pytest.approx(0.4)
    incomplete = Outcomes([o for o in found if (o.cell, o.seed) != ("linear", 1)], {})
    only_first = shares(incomplete, TWO, (0, 1), "all")
    assert only_first is not None
    assert only_first.total.seeds == 1
    assert shares(Outcomes(found[:2], {}), TWO, (0, 1), "all") is None


def test_the_smallest_model_that_cannot_be_told_from_the_best() -> None:
    rows = {
        "large": (1000, [0.400, 0.401, 0.399]),
        "near": (100, [0.401, 0.400, 0.400]),
        "tiny": (10, [0.500, 0.501, 0.499]),
    }
    found = [
        outcome(cell, seed, 0.7, loss, size)
        for cell, (size, losses) in rows.items()
        for seed, loss in enumerate(losses)
    ]
    cells = [Cell(key, key, ()) for key in rows]
    choice = smallest_within_noise(Outcomes(found, {}), cells)
    assert choice is not None
    assert (choice.best.cell.key, choice.smallest.cell.key) == ("large", "near")
    assert [c.cell.key for c in choice.candidates] == ["tiny", "near", "large"]
    assert [c.within_noise for c in choice.candidates] == [False, True, True]


def test_one_seed_does_not_choose() -> None:
    assert smallest_within_noise(table(base=[0.5]), [Cell(BASE, "as it is", ())]) is None
