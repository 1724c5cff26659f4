"""Probes read planted structure where it is, and only there; lift tells understood from blurred."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from recsys_demo.features.encoder import Encoder
from recsys_demo.models.ranker import Ranker
from recsys_demo.studies.embeddings.lift import (
    PRIOR_ROWS,
    PairLift,
    agreement,
    blurred_pairs,
    count_pairs,
    linkage_orders,
    pair_lift,
)
from recsys_demo.studies.embeddings.probes import (
    explained,
    linear_hits,
    probe,
    purity_influences,
)
from recsys_demo.studies.embeddings.vectors import FieldVectors, field_vectors, untrained_vectors
from tests.making.embeddings_world import EXCEPTIONS, planted_log, segment, trained


@pytest.mark.parametrize("preset", ["deep", "deepfm"])
def test_training_makes_the_planted_segments_readable(preset: str) -> None:
    ranker, encoder = trained(preset)
    field = field_vectors(ranker.state(), encoder, "app")
    start = untrained_vectors(ranker.config, encoder, 0, field)
    target = pd.Series([segment(value) for value in field.values])
    linear, near = probe(field.vectors, start.vectors, target, "segment")
    assert (linear.measure, near.measure) == ("linear probe", "neighbour purity")
    for found in (linear, near):
        assert found.clear
        assert found.trained.low > found.untrained.high
        assert found.points == len(field)
    assert near.chance == pytest.approx(11 / 47)


def test_intervals_of_random_tables_hold_what_they_promise() -> None:
    random = np.random.default_rng(0)
    false_alarms = {"linear probe": 0, "neighbour purity": 0}
    for _ in range(20):
        labels = pd.Series(random.integers(0, 4, 100).astype(str))
        a, b = random.normal(size=(2, 100, 3))
        for found in probe(a, b, labels, "nothing"):
            false_alarms[found.measure] += found.clear
    # Each is wrong on its upper side 2.5 times in 100: 4 in 20 would be no accident.
    assert max(false_alarms.values()) < 4


def test_influences_have_the_mean_of_the_shares_counted_slowly() -> None:
    random = np.random.default_rng(6)
    vectors, labels = random.normal(size=(50, 3)), random.integers(0, 3, 50)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    shares = []
    for i in range(50):
        others = sorted((j for j in range(50) if j != i), key=lambda j: -cosines[i, j])[:4]
        shares.append(np.mean([labels[j] == labels[i] for j in others]))
    influences = purity_influences(vectors, labels, 4)
    assert influences.mean() == pytest.approx(np.mean(shares))
    assert influences.std() > 1.4 * np.std(shares)


def test_a_number_in_the_vectors_is_read() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 300, 4))
    target = pd.Series(a @ [1, 2, 0, -1] + random.normal(scale=0.1, size=300))
    (found,) = probe(a, b, target, "number")
    assert found.measure == "explained variance"
    assert found.trained.low > 0.98
    assert found.untrained.value < 0.1


def test_explained_is_r_squared() -> None:
    random = np.random.default_rng(1)
    a = random.normal(size=(50, 3))
    constant = explained(a * 0, a[:, 0], seed=0)
    assert constant.mean() == pytest.approx(0, abs=0.15)
    assert explained(a, a[:, 0], seed=0).mean() > 0.99


def test_linear_probe_judges_only_unseen_values() -> None:
    random = np.random.default_rng(3)
    # More numbers than values: a probe tested on what it was fitted on would be always right.
    vectors, labels = random.normal(size=(60, 80)), random.integers(0, 2, 60)
    assert linear_hits(vectors, labels, 0).mean() < 0.75


def test_rare_and_missing_classes_are_left_out_and_counted() -> None:
    random = np.random.default_rng(4)
    a = random.normal(size=(50, 3))
    target = pd.Series(["x"] * 20 + ["y"] * 20 + ["rare"] * 3 + [None] * 7)
    for found in probe(a, a, target, "t"):
        assert (found.points, found.left_out) == (40, 10)
    assert probe(a, a, pd.Series(["one"] * 50), "t") == []
    assert probe(a[:10], a[:10], pd.Series(["x", "y"] * 5), "t") == []
    assert probe(a, a, pd.Series(np.full(50, np.nan)), "t") == []


def value_codes(encoder: Encoder, field: FieldVectors) -> np.ndarray:
    return encoder.fields.vocabularies[field.field].codes_of(field.values)


def lift_of(preset: str) -> PairLift:
    ranker, encoder = trained(preset)
    rows = planted_log()
    first = field_vectors(ranker.state(), encoder, "installed")
    second = field_vectors(ranker.state(), encoder, "app")
    codes = encoder.fields.encode(rows.frame)
    both = value_codes(encoder, first), value_codes(encoder, second)
    return pair_lift(first, second, codes, rows.labels, both)


def test_factorization_understands_segments_and_blurs_exceptions() -> None:
    lift = lift_of("fm")
    assert agreement(lift, min_rows=10).low > 0.3
    ranker, encoder = trained("fm")
    untrained = Ranker(ranker.config, encoder, 0)
    start = [field_vectors(untrained.state(), encoder, name) for name in ("installed", "app")]
    codes = encoder.fields.encode(planted_log().frame)
    both = value_codes(encoder, start[0]), value_codes(encoder, start[1])
    random = pair_lift(start[0], start[1], codes, planted_log().labels, both)
    assert agreement(random, min_rows=10).high < agreement(lift, min_rows=10).low
    missed = blurred_pairs(lift, limit=500, planted=EXCEPTIONS)
    assert missed["planted"].sum() == len(EXCEPTIONS)
    assert missed.loc[missed["planted"], "observed"].min() > 0


def test_lift_of_one_pair_by_hand() -> None:
    lift = lift_of("fm")
    rows = planted_log()
    has = rows.frame["installed"].astype(str).str.split("|").map(lambda cell: "app0" in cell)
    shown = rows.frame["app"].astype(str) == "app1"
    i, j = lift.first.values.index("app0"), lift.second.values.index("app1")
    both = (has & shown).to_numpy()
    base = rows.labels.mean()

    def log_odds(mask: np.ndarray) -> float:
        rate = (rows.labels[mask].sum() + PRIOR_ROWS * base) / (mask.sum() + PRIOR_ROWS)
        return float(np.log(rate / (1 - rate)))

    expected = log_odds(has.to_numpy()) + log_odds(shown.to_numpy()) - np.log(base / (1 - base))
    share = 1 / (1 + np.exp(-expected))
    ones = rows.labels[both].sum() + PRIOR_ROWS * share
    zeros = both.sum() - rows.labels[both].sum() + PRIOR_ROWS * (1 - share)
    assert lift.rows[i, j] == both.sum()
    assert lift.observed[i, j] == pytest.approx(np.log(ones / zeros) - expected)
    assert lift.error[i, j] == pytest.approx(np.sqrt(1 / ones + 1 / zeros))
    inner = lift.first.vectors @ lift.second.vectors.T
    centred = inner[i, j] - inner[i].mean() - inner[:, j].mean() + inner.mean()
    assert lift.inner[i, j] == pytest.approx(centred)


def test_scale_fits_the_observed_lift_best() -> None:
    lift = lift_of("fm")
    seen = lift.rows > 0

    def misfit(scale: float) -> float:
        return float((((lift.observed - scale * lift.inner) / lift.error)[seen] ** 2).sum())

    assert misfit(lift.scale) < min(misfit(lift.scale * 0.99), misfit(lift.scale * 1.01))
    np.testing.assert_allclose(lift.learned, lift.inner * lift.scale)
    assert lift.understood.sum() > lift.clear.sum() / 2
    assert not (lift.understood & ~lift.clear).any()


def test_pairs_counted_slowly() -> None:
    random = np.random.default_rng(5)
    a, b = random.integers(-1, 4, (30, 2)), random.integers(-1, 3, (30, 3))
    slow = np.zeros((4, 3), dtype=int)
    for left, right in zip(a.tolist(), b.tolist(), strict=True):
        for x in left:
            for y in right:
                if x >= 0 and y >= 0:
                    slow[x, y] += 1
    np.testing.assert_array_equal(count_pairs(a, b, (4, 3)), slow)


def test_a_pair_never_seen_has_no_lift() -> None:
    lift = lift_of("fm")
    never = lift.rows == 0
    assert np.allclose(lift.observed[never], 0)
    assert not lift.clear[never].any()


def test_order_is_a_permutation_that_gathers_segments() -> None:
    lift = lift_of("fm")
    first, second = linkage_orders(lift)
    assert sorted(first) == list(range(len(lift.first)))
    segments = [segment(lift.second.values[i]) for i in second]
    changes = sum(a != b for a, b in itertools.pairwise(segments))
    assert changes < len(segments) / 2
