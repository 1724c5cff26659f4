"""Effects, verdicts, Shapley shares and the smallest model, against other ways to compute them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import strategies as st

from recsys_demo.config.components import Kind
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.ablation.effects import compare, effects, signed
from recsys_demo.studies.ablation.grid import BASE, Cell, subset_key
from recsys_demo.studies.ablation.outcomes import Outcome, Outcomes
from recsys_demo.studies.ablation.shapley import shares
from recsys_demo.studies.ablation.smallest import smallest_as_good
from tests.making.ablating import outcome, outcomes_of, table

numbers = st.floats(-10, 10)


def test_one_seed_and_few_rows_cannot_be_judged() -> None:
    steady = {"base": [0.5, 0.501, 0.499], "other": [0.6, 0.601, 0.599]}
    assert compare(table(**steady), "other", BASE, "all").verdict == "better"
    one = {key: values[:1] for key, values in steady.items()}
    effect = compare(table(**one), "other", BASE, "all")
    assert (effect.verdict, signed(effect)) == (NOT_YET, "+0.1000 (cannot be said yet)")
    assert compare(table(rarer=9, **steady), "other", BASE, "all").verdict == NOT_YET
    unread = Outcomes([outcome(c, s, v) for c in steady for s, v in enumerate(steady[c])], {})
    assert compare(unread, "other", BASE, "all").verdict == NOT_YET


def test_seeds_that_hardly_vary_do_not_hide_the_luck_of_the_rows() -> None:
    steady = {"base": [0.5, 0.5001, 0.4999], "other": [0.502, 0.5021, 0.5019]}
    assert compare(table(half=0.001, **steady), "other", BASE, "all").verdict == "better"
    effect = compare(table(half=0.003, **steady), "other", BASE, "all")
    assert effect.verdict == NOT_FOUND
    assert signed(effect) == "+0.0020 ± 0.0030 (could not be told apart)"


def test_many_differences_in_one_sentence_need_more_certainty() -> None:
    cells = {"base": [0.5, 0.502, 0.498], "other": [0.506, 0.508, 0.504]}
    assert compare(table(**cells), "other", BASE, "all").verdict == "better"
    assert compare(table(**cells), "other", BASE, "all", comparisons=6).verdict == NOT_FOUND


def test_differences_are_shown_seed_by_seed() -> None:
    outcomes = table(base=[0.5, 0.7, 0.6], other=[0.51, 0.71, 0.61, 0.99])
    told = compare(outcomes, "other", BASE, "all")
    assert told.seeds == (0, 1, 2)
    assert told.differences == pytest.approx([0.01] * 3)
    assert told.difference.value == pytest.approx(0.01)
    assert compare(outcomes, BASE, "other", "all").difference.value == pytest.approx(-0.01)


def test_a_smaller_log_loss_is_better() -> None:
    found = [outcome(c, s, 0.5, loss) for c, loss in ((BASE, 0.5), ("x", 0.4)) for s in range(3)]
    effect = compare(outcomes_of(found), "x", BASE, "all", "logloss")
    assert effect.verdict == "better"
    assert effect.difference.value == pytest.approx(-0.1)


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
    assert {kind: share.value for kind, share in told.shares.items()} == pytest.approx(
        {"linear": 0.15, "fm": 0.25}
    )
    assert told.total.value == pytest.approx(0.4)
    incomplete = Outcomes([o for o in found if (o.cell, o.seed) != ("linear", 1)], {})
    only_first = shares(incomplete, TWO, (0, 1), "all")
    assert only_first is not None
    assert only_first.total.n == 1
    assert shares(Outcomes(found[:2], {}), TWO, (0, 1), "all") is None


def grid_of(losses: dict[str, tuple[int, list[float]]], half: float = 0.001) -> Outcomes:
    """Log loss of models by size, seed by seed."""
    return outcomes_of(
        [
            outcome(cell, seed, 0.7, loss, size)
            for cell, (size, values) in losses.items()
            for seed, loss in enumerate(values)
        ],
        half,
    )


ROWS = {
    "large": (1000, [0.400, 0.401, 0.399]),
    "near": (100, [0.401, 0.400, 0.400]),
    "tiny": (10, [0.500, 0.501, 0.499]),
}
CELLS = [Cell(key, key, ()) for key in ROWS]


def test_the_smallest_model_shown_to_be_as_good() -> None:
    choice = smallest_as_good(grid_of(ROWS), CELLS, margin=0.01)
    assert choice is not None
    assert (choice.best.cell.key, choice.smallest.cell.key) == ("large", "near")
    assert [c.cell.key for c in choice.candidates] == ["tiny", "near", "large"]
    assert [c.as_good for c in choice.candidates] == [False, True, True]


def test_not_told_apart_is_not_as_good() -> None:
    choice = smallest_as_good(grid_of(ROWS, half=0.02), CELLS, margin=0.01)
    assert choice is not None
    assert choice.smallest.cell.key == "large"
    assert [one.cell.key for one in choice.undecided] == ["near"]


def test_a_truly_worse_model_is_seldom_as_good() -> None:
    """By the margin itself, with seeds that vary as much."""
    rng = np.random.default_rng(0)
    chosen = 0
    for _ in range(200):
        losses = {
            "large": (1000, list(rng.normal(0.4, 0.005, 3))),
            "small": (10, list(rng.normal(0.41, 0.005, 3))),
        }
        found = smallest_as_good(grid_of(losses), [Cell(c, c, ()) for c in losses], margin=0.01)
        assert found is not None
        chosen += found.best.cell.key == "large" and found.smallest.cell.key == "small"
    assert chosen <= 0.07 * 200


def test_one_seed_does_not_choose() -> None:
    assert smallest_as_good(table(base=[0.5]), [Cell(BASE, "as it is", ())]) is None
