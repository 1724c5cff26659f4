"""Products of different field vectors, summed (factorization machines), and their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from recsys_demo.models.compiler import kernel

Floats = npt.NDArray[np.floating[Any]]


@kernel
def pair_interactions(vectors: Floats, out: Floats, totals: Floats) -> None:
    """sum over i<j of <v_i, v_j> for field vectors [n, F, d] into `out` [n], and the sums of the
    vectors into `totals` [n, d].

    (sum^2 - sum of squares) / 2 (Rendle 2010, lemma 3.1).
    """
    rows, fields, size = vectors.shape
    numbers = vectors.reshape(rows, fields * size)
    for r in range(rows):
        for j in range(size):
            totals[r, j] = 0
        for f in range(fields):
            for j in range(size):
                totals[r, j] += vectors[r, f, j]
        squares = np.float32(0)
        for k in range(fields * size):
            squares += numbers[r, k] * numbers[r, k]
        whole = np.float32(0)
        for j in range(size):
            whole += totals[r, j] * totals[r, j]
        out[r] = np.float32(0.5) * (whole - squares)


@kernel
def add_pair_gradients(
    gradient: Floats, vectors: Floats, totals: Floats, to_vectors: Floats
) -> None:
    """The gradient for v_i is the sum of the other vectors, times `gradient` [n]."""
    rows, fields, size = vectors.shape
    for r in range(rows):
        g = gradient[r]
        for f in range(fields):
            for j in range(size):
                to_vectors[r, f, j] += g * (totals[r, j] - vectors[r, f, j])


@kernel
def interactions(vectors: Floats, lowest: int, order: int, out: Floats, slopes: Floats) -> None:
    """The sum of all products of `lowest` ... `order` different vectors [n, F, d], summed over d,
    into `out` [n]; its gradient for the vectors into `slopes` [n, F, d].

    Elementary symmetric polynomials: a_t(f) = a_t(f - 1) + v_f a_(t-1)(f - 1), linear in the number
    of fields, and the same backwards (Blondel et al. 2016, algorithms 1 and 2).
    """
    rows, fields, size = vectors.shape
    a = np.zeros((fields + 1, order + 1), dtype=np.float32)
    a[:, 0] = 1
    back = np.zeros(order + 2, dtype=np.float32)
    for r in range(rows):
        out[r] = 0
        for j in range(size):
            for f in range(fields):
                for t in range(1, order + 1):
                    a[f + 1, t] = a[f, t] + vectors[r, f, j] * a[f, t - 1]
            for t in range(1, order + 1):
                back[t] = t >= lowest
                if t >= lowest:
                    out[r] += a[fields, t]
            for f in range(fields - 1, -1, -1):
                slope = np.float32(0)
                for t in range(1, order + 1):
                    slope += back[t] * a[f, t - 1]
                    # back[t + 1] is still that of the field after.
                    back[t] += vectors[r, f, j] * back[t + 1]
                slopes[r, f, j] = slope


@kernel
def weighted_pairs(vectors: Floats, weights: Floats, out: Floats, slopes: Floats) -> None:
    """sum over i<j of r_ij <v_i, v_j> for field vectors [n, F, d] and weights r [F, F], the same on
    both sides of an empty diagonal, into `out` [n]; its gradient for the vectors into `slopes`
    [n, F, d]."""
    rows, fields, size = vectors.shape
    for r in range(rows):
        twice = np.float32(0)
        for i in range(fields):
            for j in range(size):
                slope = np.float32(0)
                for other in range(fields):
                    slope += weights[i, other] * vectors[r, other, j]
                slopes[r, i, j] = slope
                twice += slope * vectors[r, i, j]
        out[r] = np.float32(0.5) * twice


@kernel
def gather_pair_weights(gradient: Floats, vectors: Floats, out: Floats) -> None:
    """The gradient for each r_ij, i < j, row by row of the upper triangle, into `out`."""
    rows, fields, size = vectors.shape
    out[:] = 0
    for r in range(rows):
        at = 0
        for i in range(fields):
            for other in range(i + 1, fields):
                product = np.float32(0)
                for j in range(size):
                    product += vectors[r, i, j] * vectors[r, other, j]
                out[at] += gradient[r] * product
                at += 1
