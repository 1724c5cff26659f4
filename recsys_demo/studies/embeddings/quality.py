"""How much of the neighbourhood survives a projection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.intervals import Interval, bootstrap_mean
from recsys_demo.studies.embeddings.settings import Metric
from recsys_demo.studies.embeddings.vectors import Index, Matrix

SAMPLE = 500
BLOCK = 256


@dataclass(frozen=True)
class MapQuality:
    """Each from 0 to 1, with an interval over the points looked at.

    `trustworthiness`: near on the map means near in truth. `continuity`: near in truth means near
    on the map (both Venna and Kaski 2001). `kept`: share of the k nearest that are the same.
    """

    trustworthiness: Interval
    continuity: Interval
    kept: Interval
    chance: float
    k: int
    points: int
    looked_at: int

    def sentence(self) -> str:
        """What the picture can and cannot say."""
        kept = self.kept.value
        lead = (
            f"Drawn in two dimensions, a point keeps {kept:.0%} of its {self.k} nearest neighbours "
            f"({percent(self.chance)} by chance)"
        )
        if self.trustworthiness.value < 0.8:
            return f"{lead}: do not read anything from who stands beside whom."
        if kept < 0.35:
            return (
                f"{lead}: regions mean something, single neighbours do not. "
                "Look those up in the neighbour table."
            )
        return f"{lead}: neighbours can be read from it; distances between far groups cannot."


def compared(name: str, own: MapQuality, pca: MapQuality) -> str:
    """Whether a map keeps more neighbours than PCA does, beyond the intervals of both."""
    numbers = f"{own.kept.value:.0%} against {pca.kept.value:.0%}"
    if own.kept.low > pca.kept.high:
        return f"{name} keeps more neighbours than PCA ({numbers})."
    if own.kept.high < pca.kept.low:
        return f"{name} keeps fewer neighbours than PCA ({numbers})."
    return f"{name} keeps as many neighbours as PCA, as far as can be told ({numbers})."


def maps_finding(maps: Mapping[str, MapQuality]) -> str:
    """Which of these maps, by their names, keeps most neighbours, and how far any can be
    trusted."""
    if not maps:
        return "Too few values to say how far these maps can be trusted."
    (name, best), *others = sorted(maps.items(), key=lambda item: -item[1].kept.value)
    most = f"{best.kept.value:.0%} of the {best.k} nearest neighbours of each point"
    chance = f"by chance {percent(best.chance)}"
    if not others:
        return f"{name}: this map keeps {most}, {chance}."
    if best.kept.low > others[0][1].kept.high:
        return f"{name} is shown best: its map keeps {most}, {chance}."
    least = others[-1][1].kept.value
    return f"These maps keep {least:.0%} to {most}, {chance}."


def percent(share: float) -> str:
    """A share with a digit more where it would round to nothing."""
    return f"{share:.1%}" if share < 0.01 else f"{share:.0%}"


def map_quality(
    high: Matrix, low: Matrix, k: int = 10, metric: Metric = "cosine", seed: int = 0
) -> MapQuality:
    """Compare neighbourhoods among vectors `high` [n, d] and on the map `low` [n, 2 or 3].

    At most `SAMPLE` points, drawn at random, are looked at, each against all others.
    Raises ValueError unless 3k + 1 < 2n, where the measures are defined.
    """
    n = len(high)
    if len(low) != n or 3 * k + 1 >= 2 * n or k < 1:
        raise ValueError(f"{n} vectors and {len(low)} places cannot be compared with k = {k}")
    points = np.sort(np.random.default_rng(seed).permutation(n)[:SAMPLE])
    in_truth, on_map = normalized(high, metric), np.asarray(low, dtype=np.float64)
    rows = [
        _per_point(in_truth, on_map, points[start : start + BLOCK], k)
        for start in range(0, len(points), BLOCK)
    ]
    trust, continuity, kept = np.concatenate(rows, axis=1)
    return MapQuality(
        trustworthiness=bootstrap_mean(trust, seed),
        continuity=bootstrap_mean(continuity, seed),
        kept=bootstrap_mean(kept, seed),
        chance=k / (n - 1),
        k=k,
        points=n,
        looked_at=len(points),
    )


def normalized(vectors: Matrix, metric: Metric) -> Matrix:
    """Vectors whose euclidean distances order as the metric's do: for cosine, of length 1 (a zero
    vector stays zero)."""
    vectors = np.asarray(vectors, dtype=np.float64)
    if metric == "euclidean":
        return vectors
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0))


def squared_distances(vectors: Matrix, points: Index) -> Matrix:
    """From each of `points` to all vectors, [points, n]; infinite to itself."""
    squares = (vectors**2).sum(1)
    distances = squares[points, None] + squares[None, :] - 2 * vectors[points] @ vectors.T
    distances[np.arange(len(points)), points] = np.inf
    return np.asarray(np.maximum(distances, 0))


def _per_point(high: Matrix, low: Matrix, points: Index, k: int) -> Matrix:
    """Trustworthiness, continuity and kept share of each point, [3, points]."""
    high_order = np.argsort(squared_distances(high, points), axis=1, kind="stable")
    low_order = np.argsort(squared_distances(low, points), axis=1, kind="stable")
    high_ranks, low_ranks = _ranks(high_order), _ranks(low_order)
    ranks_of_map = np.take_along_axis(high_ranks, low_order[:, :k], axis=1)
    ranks_of_truth = np.take_along_axis(low_ranks, high_order[:, :k], axis=1)
    kept = (ranks_of_map <= k).mean(1)
    return np.stack(
        [_score(ranks_of_map, k, len(high)), _score(ranks_of_truth, k, len(high)), kept]
    )


def _ranks(order: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """1 for the nearest."""
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
    return ranks


def _score(ranks: npt.NDArray[np.intp], k: int, n: int) -> npt.NDArray[np.float64]:
    """1 - 2 / (k (2n - 3k - 1)) * sum of (rank - k) over intruders (Venna and Kaski 2001)."""
    penalty = np.maximum(ranks - k, 0).sum(1)
    scores: npt.NDArray[np.float64] = 1 - penalty * 2 / (k * (2 * n - 3 * k - 1))
    return scores
