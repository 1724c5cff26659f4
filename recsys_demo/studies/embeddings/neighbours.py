"""Nearest neighbours in the embedding space, and how far two models agree on them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.evaluation.intervals import Interval, bootstrap_mean
from recsys_demo.studies.embeddings.quality import BLOCK, normalized, squared_distances
from recsys_demo.studies.embeddings.settings import Metric
from recsys_demo.studies.embeddings.vectors import FieldVectors, Index, Matrix


def nearest(
    vectors: Matrix, k: int, metric: Metric = "cosine", points: Index | None = None
) -> npt.NDArray[np.int64]:
    """The k nearest others of each of `points` (default all), nearest first: [points, k]."""
    k = min(k, len(vectors) - 1)
    points = np.arange(len(vectors)) if points is None else points
    space = normalized(vectors, metric)
    found = [np.zeros((0, k), dtype=np.int64)]
    for start in range(0, len(points), BLOCK):
        found.append(smallest(squared_distances(space, points[start : start + BLOCK]), k))
    return np.concatenate(found)


def smallest(distances: Matrix, k: int) -> npt.NDArray[np.int64]:
    """Columns of the k smallest of each row, smallest first, the earlier column first where two are
    equal: a full sort's answer without sorting the many that are far."""
    if not 0 < k < distances.shape[1]:
        return np.argsort(distances, axis=1, kind="stable")[:, :k]
    last = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
    found = np.zeros((len(distances), k), dtype=np.int64)
    for row, near in enumerate(distances <= last):
        columns = np.flatnonzero(near)
        found[row] = columns[np.argsort(distances[row, columns], kind="stable")[:k]]
    return found


def neighbour_table(field: FieldVectors, value: str, k: int = 10) -> pd.DataFrame:
    """The k nearest of a value by cosine: rank, name, cosine, support and the attributes.

    Raises KeyError for a value without a vector.
    """
    if value not in field.values:
        raise KeyError(value)
    row = field.values.index(value)
    found = nearest(field.vectors, k, points=np.array([row]))[0]
    space = normalized(field.vectors, "cosine")
    rest = field.metadata.iloc[found].reset_index(drop=True)
    named = pd.DataFrame(
        {
            "rank": np.arange(1, len(found) + 1),
            "value": [field.values[i] for i in found],
            "name": [field.names[i] for i in found],
            "cosine": np.asarray(space[found] @ space[row]),
        }
    )
    return named.join(rest)


def agreement_per_point(first: Matrix, second: Matrix, k: int = 10) -> npt.NDArray[np.float64]:
    """Share of the k nearest (by cosine) that two tables of the same values have in common, [n]."""
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} vectors are not of the same values")
    a, b = nearest(first, k), nearest(second, k)
    n = len(first)
    keys_a = a + n * np.arange(n)[:, None]
    keys_b = b + n * np.arange(n)[:, None]
    shares: npt.NDArray[np.float64] = np.isin(keys_a, keys_b).mean(1)
    return shares


def agreement(first: Matrix, second: Matrix, k: int = 10, seed: int = 0) -> Interval:
    """Mean of `agreement_per_point` with its interval; by chance it would be k / (n - 1)."""
    return bootstrap_mean(agreement_per_point(first, second, k), seed)
