"""Dials on a trained model: metrics and lists against sums and sorts written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from recsys_demo.config.component_kinds import BIAS
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import FEWEST_ROWS, NOT_FOUND, NOT_YET
from recsys_demo.studies.ablation.dials import list_places, slice_changes
from recsys_demo.studies.ablation.logit_parts import LogitParts

ROWS = 400


def taken(seed: int, rows: int = ROWS) -> tuple[LogitParts, np.ndarray]:
    """Three parts; labels follow the first one."""
    random = np.random.default_rng(seed)
    parts = {name: random.normal(size=rows) for name in ("crosses", "fm", "deep")}
    labels = (parts["crosses"] + random.normal(size=rows) > 0).astype(np.uint8)
    return LogitParts({**parts, BIAS: np.full(rows, -0.3)}), labels


def slices(rows: int = ROWS) -> list[Slice]:
    place = np.arange(rows)
    return [
        Slice("all", "all rows", place >= 0),
        Slice("half", "half", place < rows // 2),
        Slice("few", "few", place < FEWEST_ROWS - 1),
    ]


@pytest.mark.parametrize("metric", ["auc", "logloss"])
def test_a_slice_changes_by_the_metric_of_the_weighed_sum(metric: str) -> None:
    apart, labels = taken(0)
    dials = {"crosses": 0.25, "deep": 1.5}
    weighed = sum(dials.get(name, 1.0) * part for name, part in apart.parts.items())
    whole = sum(apart.parts.values())
    for one, change in zip(
        slices(), slice_changes(apart, labels, slices(), dials, metric), strict=True
    ):
        if one.key == "few":
            assert change.verdict == NOT_YET
            continue
        y = labels[one.mask]
        expected = [
            roc_auc_score(y, x[one.mask])
            if metric == "auc"
            else log_loss(y, 1 / (1 + np.exp(-x[one.mask])))
            for x in (whole, weighed)
        ]
        assert (change.before, change.after) == pytest.approx(tuple(expected))
        assert change.rows == len(y)
        assert change.gain is not None
        better = expected[1] - expected[0] if metric == "auc" else expected[0] - expected[1]
        assert change.gain.value == pytest.approx(better)


def test_what_is_as_trained_changes_nothing_and_nothing_is_found() -> None:
    apart, labels = taken(1)
    for change in slice_changes(apart, labels, slices()[:2], {}):
        assert change.before == change.after
        assert change.verdict == NOT_FOUND


def test_switching_off_what_the_labels_follow_is_worse() -> None:
    apart, labels = taken(2)
    change = slice_changes(apart, labels, slices(), {"crosses": 0.0})[0]
    assert change.verdict == "worse"
    assert change.after < change.before


@given(
    seed=st.integers(0, 50),
    dial=st.sampled_from([0.0, 0.5, 1.0, 1.5]),
    k=st.integers(1, 12),
)
def test_a_list_shows_who_is_in_front_before_or_after(seed: int, dial: float, k: int) -> None:
    apart, _ = taken(seed, rows=12)
    items = [f"app {i}" for i in range(12)]
    before, after = apart.logits(), apart.logits({"fm": dial})
    orders = [[items[i] for i in np.argsort(-x, kind="stable")] for x in (before, after)]
    places = list_places(apart, items, {"fm": dial}, k)
    assert {place.item for place in places} == set(orders[0][:k]) | set(orders[1][:k])
    assert [place.after for place in places] == sorted(place.after for place in places)
    for place in places:
        assert orders[0][place.before - 1] == place.item
        assert orders[1][place.after - 1] == place.item
        assert place.climbed == place.before - place.after
        assert place.logit == after[items.index(place.item)]
