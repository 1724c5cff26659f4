"""What a network does between its matrix products, in place, and the loss at its end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys_demo.models.compiler import kernel

Floats = npt.NDArray[np.floating[Any]]


@kernel
def join(vectors: Floats, skipped: tuple[int, int], positions: Floats, out: Floats) -> None:
    """Field vectors side by side [n, F d], without the columns skipped (those of the numeric
    fields), then their quantile positions [n, Q]."""
    start, stop = skipped
    width = vectors.shape[1]
    for r in range(vectors.shape[0]):
        for k in range(start):
            out[r, k] = vectors[r, k]
        for k in range(width - stop):
            out[r, start + k] = vectors[r, stop + k]
        for q in range(positions.shape[1]):
            out[r, width - stop + start + q] = positions[r, q]


@kernel
def add_joined(gradient: Floats, skipped: tuple[int, int], to_vectors: Floats) -> None:
    """Add the gradient of what `join` made to that of the vectors [n, F d]."""
    start, stop = skipped
    width = to_vectors.shape[1]
    for r in range(to_vectors.shape[0]):
        for k in range(start):
            to_vectors[r, k] += gradient[r, k]
        for k in range(width - stop):
            to_vectors[r, stop + k] += gradient[r, start + k]


@kernel
def add_bias(x: Floats, bias: Floats) -> None:
    """x [n, o] += bias [o]."""
    for r in range(len(x)):
        for o in range(len(bias)):
            x[r, o] += bias[o]


@kernel
def rectify(x: Floats) -> None:
    """x [n, o] = max(x, 0)."""
    for r in range(x.shape[0]):
        for o in range(x.shape[1]):
            if x[r, o] < 0:  # noqa: PLR1730 # max() makes a number of what is none
                x[r, o] = 0


@kernel
def rectify_back(gradient: Floats, y: Floats) -> None:
    """Silence the gradient [n, o] where `rectify` gave 0."""
    for r in range(y.shape[0]):
        for o in range(y.shape[1]):
            if y[r, o] <= 0:
                gradient[r, o] = 0


@kernel
def sum_columns(x: Floats, out: Floats) -> None:
    """The sum over the rows of x [n, o] into `out` [o]."""
    out[:] = 0
    for r in range(x.shape[0]):
        for o in range(x.shape[1]):
            out[o] += x[r, o]


@kernel
def log_loss(logits: Floats, labels: Floats, gradient: Floats) -> float:
    """The mean log loss of logits [n]; its derivative for each of them into `gradient` [n]."""
    total = 0.0
    share = np.float32(1) / np.float32(len(logits))
    for r in range(len(logits)):
        z, y = logits[r], labels[r]
        small = math.exp(-abs(z))
        p = (np.float32(1) if z >= 0 else small) / (np.float32(1) + small)
        total += (z if z > 0 else np.float32(0)) - z * y + math.log1p(small)
        gradient[r] = (p - y) * share
    return total / len(logits)
