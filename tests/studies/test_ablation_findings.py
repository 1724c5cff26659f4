"""What an ablation says first: the largest difference that counts, and noise by its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.components import Kind
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.slices import Slice
from recsys_demo.studies.ablation.dials import slice_changes
from recsys_demo.studies.ablation.effects import Effect, compare
from recsys_demo.studies.ablation.findings import (
    off_finding,
    retrained_finding,
    shares_finding,
)
from recsys_demo.studies.ablation.grid import BASE, subset_key
from recsys_demo.studies.ablation.logit_parts import LogitParts
from recsys_demo.studies.ablation.shapley import Shares, shares
from recsys_demo.studies.ablation.successors import better_than
from tests.making.ablating import outcome, outcomes_of, table

NAMES = {BASE: "without crosses", "crosses": "Wide & Deep"}
STEADY = (0.5, 0.501, 0.499)
SLICES = {"all": "all rows", "exceptions": "planted exceptions"}


def effect_of(slice_: str, gap: float, half: float = 0.001, seeds: int = 3) -> Effect:
    start = list(STEADY[:seeds])
    found = table(half, base=start, crosses=[value + gap for value in start])
    return replace(compare(found, "crosses", BASE, "all"), slice=slice_)


def test_the_largest_difference_that_counts_is_told_with_its_sign() -> None:
    small, large = effect_of("all", 0.012), effect_of("exceptions", 0.31)
    told = retrained_finding([small, large], NAMES, SLICES)
    assert told == "Wide & Deep: AUC +0.310 on planted exceptions, against without crosses."
    lost = retrained_finding([small, effect_of("exceptions", -0.31)], NAMES, SLICES)
    assert "AUC \N{MINUS SIGN}0.310 on planted exceptions" in lost


def test_noise_and_too_few_seeds_are_said() -> None:
    noise = effect_of("all", 0.0001, half=0.02)
    told = retrained_finding([noise], NAMES, SLICES)
    assert told == "Wide & Deep and without crosses could not be told apart."
    one_seed = effect_of("all", 0.1, seeds=1)
    for too_few in ([one_seed], []):
        assert "cannot be said yet" in retrained_finding(too_few, NAMES, SLICES)


def test_where_nothing_helps_is_said_plainly() -> None:
    """A loss and a difference that is none are both no help; a win is told with its slice."""
    lost, none, won = effect_of("exceptions", -0.3), effect_of("all", 0.0), effect_of("never", 0.1)
    labels = {**SLICES, "never": "never seen"}
    assert better_than("Wide", {"A": [lost, none], "B": [lost, none]}, labels) == (
        "None of A and B was found better than Wide on planted exceptions and all rows"
    )
    same = replace(none, slice="never")
    assert better_than("Wide", {"A": [lost, won], "B": [lost, same]}, labels) == (
        "None of A and B was found better than Wide on planted exceptions; "
        "A is better than Wide on never seen"
    )
    assert better_than("FM", {"FwFM": [none]}, labels) == (
        "FwFM was not found better than FM on all rows"
    )
    one_seed = effect_of("all", 0.1, seeds=1)
    assert better_than("FM", {"FwFM": [one_seed]}, labels) == (
        "Whether FwFM is better on all rows cannot be said yet"
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_part_that_knows_something_is_told_from_one_that_knows_nothing(seed: int) -> None:
    draw = np.random.default_rng(seed)
    labels = (draw.random(3_000) < 0.4).astype(np.uint8)
    parts = {
        "knows": labels + draw.normal(size=3_000),
        "knows nothing": 0.001 * draw.normal(size=3_000),
        "bias": np.zeros(3_000),
    }
    rows = [Slice("all", "all rows", np.ones(3_000, dtype=bool))]

    def said(part: str) -> str:
        changes = slice_changes(LogitParts(parts), labels, rows, {part: 0.0})
        return off_finding(f"Without {part}", changes, "AUC")

    assert said("knows").startswith("Without knows, AUC on all rows goes from 0.7")
    assert said("knows nothing") == (
        "Without knows nothing, AUC before and after could not be told apart."
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("worth", [0.06, -0.06, 0.0])
def test_what_a_part_is_worth_is_told_with_its_side(worth: float, seed: int) -> None:
    """In worlds where it helps, where it harms and where it does nothing."""
    draw = np.random.default_rng(seed)
    without = 0.75 + 0.004 * draw.normal(size=5)
    with_it = without + worth + 0.004 * draw.normal(size=5)
    found = table(0.01, base=without.tolist(), crosses=with_it.tolist())
    told = retrained_finding([compare(found, "crosses", BASE, "all")], NAMES, SLICES)
    if worth:
        sign = "+" if worth > 0 else "\N{MINUS SIGN}"
        assert f"Wide & Deep: AUC {sign}0.0" in told
    else:
        assert told == "Wide & Deep and without crosses could not be told apart."


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("larger", ["crosses", "deep"])
def test_the_larger_share_is_named_in_either_world(larger: Kind, seed: int) -> None:
    draw = np.random.default_rng(seed)
    kinds: tuple[Kind, ...] = ("crosses", "deep")
    adds = {kind: 0.1 if kind == larger else 0.03 for kind in kinds}

    def drawn(value: float) -> list[float]:
        return (value + 0.003 * draw.normal(size=4)).tolist()

    cells = {
        subset_key(()): drawn(0.5),
        **{kind: drawn(0.5 + adds[kind]) for kind in kinds},
        subset_key(kinds): drawn(0.63),
    }
    found = shares(table(**cells), kinds, range(4), "all", "auc")
    assert found is not None
    assert f"{KINDS[larger].long} adds most" in shares_finding(found, "all rows")


def test_too_few_rows_are_said() -> None:
    changes = slice_changes(
        LogitParts({"a": np.arange(6.0), "bias": np.zeros(6)}),
        np.array([0, 1, 0, 1, 0, 1], dtype=np.uint8),
        [Slice("all", "all rows", np.ones(6, dtype=bool))],
        {"a": 0.0},
    )
    assert "cannot be said yet" in off_finding("Without a", changes, "AUC")


@pytest.mark.parametrize("metric", ["auc", "logloss"])
def test_the_component_that_adds_most_is_named_once_it_is_apart(metric: str) -> None:
    sign = 1 if metric == "auc" else -1

    def share(value: float, half: float) -> Interval:
        return Interval(sign * value, sign * value - half, sign * value + half)

    def said(half: float) -> str:
        kinds: dict[Kind, Interval] = {"crosses": share(0.05, half), "deep": share(0.21, half)}
        return shares_finding(Shares("all", metric, kinds, share(0.26, half)), "all rows")

    assert "deep adds most" in said(0.01)
    assert "cannot be said yet" in said(0.1)
    assert "cannot be said yet" in said(float("nan"))


def test_a_finding_is_of_the_metric_that_is_shown() -> None:
    losses = ((BASE, 0.5), ("crosses", 0.3))
    found = outcomes_of(outcome(c, seed, 0.8, loss) for c, loss in losses for seed in range(3))
    effect = compare(found, "crosses", BASE, "all", "logloss")
    told = retrained_finding([effect], NAMES, SLICES, "logloss")
    assert "log loss \N{MINUS SIGN}0.200 on all rows" in told
