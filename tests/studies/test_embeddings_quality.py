"""Map quality, alignment, neighbours and the custom axis against slow or closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import special_ortho_group
from sklearn.manifold import trustworthiness

from recsys_demo.errors import InputError
from recsys_demo.evaluation.intervals import Interval, bootstrap_mean
from recsys_demo.studies.embeddings import quality
from recsys_demo.studies.embeddings.alignment import align
from recsys_demo.studies.embeddings.axis import custom_axis
from recsys_demo.studies.embeddings.neighbours import (
    agreement,
    agreement_per_point,
    nearest,
    neighbour_table,
    smallest,
)
from recsys_demo.studies.embeddings.quality import MapQuality, compared, map_quality, maps_finding
from recsys_demo.studies.embeddings.settings import Metric
from recsys_demo.studies.embeddings.vectors import FieldVectors


def cloud(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def slow_neighbours(vectors: np.ndarray, k: int, metric: Metric) -> list[list[int]]:
    def distance(a: np.ndarray, b: np.ndarray) -> float:
        if metric == "cosine":
            return 1 - float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        return float(np.linalg.norm(a - b))

    return [
        sorted((j for j in range(len(vectors)) if j != i), key=lambda j: distance(v, vectors[j]))[
            :k
        ]
        for i, v in enumerate(vectors)
    ]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("k", [1, 5, 10])
def test_quality_is_that_of_scikit_learn_and_of_a_slow_count(metric: Metric, k: int) -> None:
    high, low = cloud(80, 6), cloud(80, 6)[:, :2]
    measured = map_quality(high, low, k, metric)
    assert measured.trustworthiness.value == pytest.approx(
        trustworthiness(high, low, n_neighbors=k, metric=metric)
    )
    unit = high / np.linalg.norm(high, axis=1, keepdims=True) if metric == "cosine" else high
    assert measured.continuity.value == pytest.approx(trustworthiness(low, unit, n_neighbors=k))
    pairs = zip(slow_neighbours(high, k, metric), slow_neighbours(low, k, "euclidean"), strict=True)
    kept = np.mean([len(set(a) & set(b)) / k for a, b in pairs])
    assert measured.kept.value == pytest.approx(float(kept))


def test_a_perfect_map_and_a_random_one() -> None:
    flat = cloud(300, 2)
    perfect = map_quality(flat, flat * 3 + 1, metric="euclidean")
    assert perfect.trustworthiness.value == perfect.continuity.value == perfect.kept.value == 1
    assert "can be read" in perfect.sentence()
    shuffled = map_quality(flat, cloud(300, 2, seed=1), metric="euclidean")
    assert shuffled.kept.low < shuffled.chance + 0.02
    assert "do not read" in shuffled.sentence()


def test_a_sample_of_points_says_about_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    high = cloud(400, 5)
    whole = map_quality(high, high[:, :2])
    monkeypatch.setattr(quality, "SAMPLE", 150)
    part = map_quality(high, high[:, :2])
    assert part.looked_at == 150
    assert part.kept.low <= whole.kept.value <= part.kept.high


def test_quality_refuses_too_few_points_and_unlike_maps() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        map_quality(cloud(15, 3), cloud(15, 2))
    with pytest.raises(ValueError, match="cannot be compared"):
        map_quality(cloud(50, 3), cloud(49, 2))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 10), st.booleans(), st.sampled_from([2, 3]))
def test_alignment_undoes_turn_mirror_shift_and_scale(
    seed: int, scale: float, mirrored: bool, dimensions: int
) -> None:
    target = cloud(12, dimensions, seed)
    turn = special_ortho_group.rvs(dimensions, random_state=seed)
    if mirrored:
        turn[:, 0] *= -1
    moving = target @ turn * scale + 5
    aligned = align(target, moving)
    np.testing.assert_allclose(aligned.places, target, atol=1e-8)
    assert aligned.disparity == pytest.approx(0, abs=1e-9)


def test_disparity_is_what_is_left_and_others_move_along() -> None:
    target, moving = cloud(20, 2), cloud(20, 2, seed=1)
    everything = np.concatenate([moving, cloud(3, 2, seed=2)])
    aligned = align(target, moving, everything)
    left = ((aligned.places[:20] - target) ** 2).sum()
    assert aligned.disparity == pytest.approx(left / ((target - target.mean(0)) ** 2).sum())
    np.testing.assert_allclose(align(target, moving).places, aligned.places[:20])
    assert len(aligned.places) == 23


def test_alignment_of_nothing_and_of_one_place() -> None:
    assert align(np.zeros((0, 2)), np.zeros((0, 2))).disparity == 1
    assert align(cloud(4, 2), np.zeros((4, 2))).disparity == 1
    with pytest.raises(ValueError, match="cannot be aligned"):
        align(cloud(4, 2), cloud(5, 2))


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_nearest_as_sorted_slowly(metric: Metric) -> None:
    vectors = cloud(60, 4)
    assert nearest(vectors, 7, metric).tolist() == slow_neighbours(vectors, 7, metric)
    assert nearest(vectors, 100).shape == (60, 59)
    points = np.array([5, 3])
    np.testing.assert_array_equal(
        nearest(vectors, 4, metric, points), nearest(vectors, 4, metric)[points]
    )


@pytest.mark.parametrize("k", [0, 1, 4, 9, 12])
def test_the_smallest_are_those_of_a_full_sort_ties_included(k: int) -> None:
    distances = np.random.default_rng(0).integers(0, 4, (30, 12)).astype(float)
    full = np.argsort(distances, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(smallest(distances, k), full)


def test_zero_vectors_have_neighbours_too() -> None:
    vectors = np.zeros((5, 3))
    assert np.isfinite(nearest(vectors, 2)).all()


def test_agreement_of_lists_by_hand() -> None:
    a, b = cloud(30, 3), cloud(30, 3, seed=1)
    pairs = zip(nearest(a, 5).tolist(), nearest(b, 5).tolist(), strict=True)
    by_hand = [len(set(x) & set(y)) / 5 for x, y in pairs]
    np.testing.assert_allclose(agreement_per_point(a, b, 5), by_hand)
    assert agreement(a, a * 2).value == 1  # cosines do not see the scale
    with pytest.raises(ValueError, match="not of the same values"):
        agreement(a, b[:-1])


def test_neighbour_table_has_cosines_and_metadata() -> None:
    vectors = np.array([[1.0, 0], [1, 1], [0, 1], [-1, 0]])
    names = ("A", "B", "C", "D")
    field = FieldVectors(
        "f", ("a", "b", "c", "d"), names, vectors, pd.DataFrame({"support": [4, 3, 2, 1]})
    )
    table = neighbour_table(field, "a", 3)
    assert table["name"].tolist() == ["B", "C", "D"]
    np.testing.assert_allclose(table["cosine"], [np.sqrt(0.5), 0, -1], atol=1e-12)
    assert table["support"].tolist() == [3, 2, 1]
    with pytest.raises(KeyError):
        neighbour_table(field, "z")


def test_custom_axis_by_hand() -> None:
    vectors = np.array([[0.0, 0], [4, 0], [2, 2], [1, -2], [8, 0]])
    axis = custom_axis(vectors, np.array([0]), np.array([1]), "euclidean")
    np.testing.assert_allclose(axis.along, [0, 1, 0.5, 0.25, 2])
    np.testing.assert_allclose(np.abs(axis.across - axis.across[0]), [0, 0, 0.5, 0.5, 0])
    x, y = vectors[:, 0] - vectors[:, 0].mean(), vectors[:, 1]
    assert axis.share == pytest.approx((x**2).sum() / ((x**2).sum() + (y**2).sum()))


def test_custom_axis_puts_groups_at_zero_and_one() -> None:
    vectors = cloud(40, 5)
    left, right = np.arange(5), np.arange(5, 12)
    axis = custom_axis(vectors, left, right, "cosine")
    assert axis.along[left].mean() == pytest.approx(0)
    assert axis.along[right].mean() == pytest.approx(1)


@pytest.mark.parametrize("right", [[], [0]])
def test_custom_axis_needs_two_ends(right: list[int]) -> None:
    with pytest.raises(InputError, match="Choose other values"):
        custom_axis(cloud(5, 2), np.array([0]), np.array(right, dtype=np.int64))


def test_bootstrap_interval_of_a_mean() -> None:
    values = np.random.default_rng(0).normal(3, 2, 400)
    found = bootstrap_mean(values, seed=0)
    error = values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.3 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.3 * error)
    assert bootstrap_mean(values, 0) == found
    assert np.isnan(bootstrap_mean([], 0).value)


def test_a_map_is_said_to_keep_more_only_beyond_both_intervals() -> None:
    def kept(value: float, half: float = 0.02) -> MapQuality:
        found = Interval(value, value - half, value + half)
        return MapQuality(found, found, found, 0.03, 10, 300, 300)

    assert "UMAP keeps more neighbours than PCA (45% against 37%)" in compared(
        "UMAP", kept(0.45), kept(0.37)
    )
    assert "UMAP keeps fewer" in compared("UMAP", kept(0.3), kept(0.37))
    assert "as many" in compared("UMAP", kept(0.45, 0.06), kept(0.37))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("faithful", ["Deep", "FM"])
def test_the_map_that_keeps_neighbours_is_named_in_either_world(faithful: str, seed: int) -> None:
    """Both have the same vectors; the map of one shows them, that of the other is shuffled."""
    vectors = np.random.default_rng(seed).normal(size=(80, 2))
    shuffled = np.random.default_rng(seed).permutation(vectors)
    maps = {
        name: map_quality(vectors, vectors if name == faithful else shuffled, 5, "euclidean", seed)
        for name in ("Deep", "FM")
    }
    assert maps_finding(maps).startswith(f"{faithful} is shown best: its map keeps 100%")
    alike = dict.fromkeys(maps, maps[faithful])
    assert "shown best" not in maps_finding(alike)


def test_of_several_maps_one_is_called_best_only_beyond_the_others() -> None:
    def kept(value: float, half: float = 0.02) -> MapQuality:
        found = Interval(value, value - half, value + half)
        return MapQuality(found, found, found, 0.03, 10, 300, 300)

    assert maps_finding({"Deep": kept(0.45), "FM": kept(0.3)}).startswith("Deep is shown best")
    near = maps_finding({"Deep": kept(0.45, 0.1), "FM": kept(0.4)})
    assert near.startswith("These maps keep 40% to 45% of the 10 nearest neighbours")
    assert "by chance 3%" in maps_finding({"Deep": kept(0.45)})
    assert "Too few" in maps_finding({})
