"""Reading tables at the rows of a batch, and bringing gradients back to what was read.

Id columns are those of `Encoded`: single-valued fields, numeric fields, the blocks of the
multi-valued fields; 0 is padding, of which nothing is learned. Gradients gather side by side, one
per different row that a batch read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from recsys_demo.models.compiler import kernel

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


@kernel
def read_vectors(
    table: Floats, ids: Ints, positions: Floats, single: int, blocks: Longs, out: Floats
) -> None:
    """The vector of every field into `out` [n, F, d]: a row of `table` [V, d]; times its quantile
    position for a numeric field; the mean of the rows of a multi-valued field, whose blocks of id
    columns are `blocks` [M] wide."""
    size = table.shape[1]
    numeric = positions.shape[1]
    for r in range(len(ids)):
        for k in range(single):
            row = ids[r, k]
            for j in range(size):
                out[r, k, j] = table[row, j]
        for k in range(single, single + numeric):
            row = ids[r, k]
            position = positions[r, k - single]
            for j in range(size):
                out[r, k, j] = position * table[row, j]
        at = single + numeric
        for m in range(len(blocks)):
            mean = out[r, single + numeric + m]
            mean[:] = 0
            count = 0
            for k in range(at, at + blocks[m]):
                row = ids[r, k]
                if row != 0:
                    count += 1
                    for j in range(size):
                        mean[j] += table[row, j]
            if count > 1:
                for j in range(size):
                    mean[j] /= np.float32(count)
            at += blocks[m]


@kernel
def find_rows(ids: Ints, slot: Ints, rows: Ints, place: Ints) -> int:
    """The different `rows` [U] among ids [n, K], and the `place` [n, K] of each read among them, -1
    for padding; returns U. `slot` [V] is -1 before and after. Costs the same for any table."""
    count = 0
    for r in range(ids.shape[0]):
        for k in range(ids.shape[1]):
            row = ids[r, k]
            if row == 0:
                place[r, k] = -1
                continue
            at = slot[row]
            if at < 0:
                at = count
                slot[row] = at
                rows[at] = row
                count += 1
            place[r, k] = at
    for u in range(count):
        slot[rows[u]] = -1
    return count


@kernel
def gather_vectors(
    gradient: Floats, place: Ints, positions: Floats, single: int, blocks: Longs, out: Floats
) -> None:
    """Add what arrived for the vectors, `gradient` [n, F, d], to the rows `out` [U, d] they were
    read from."""
    size = gradient.shape[2]
    numeric = positions.shape[1]
    for r in range(place.shape[0]):
        for k in range(single):
            at = place[r, k]
            if at >= 0:
                for j in range(size):
                    out[at, j] += gradient[r, k, j]
        for q in range(numeric):
            at = place[r, single + q]
            position = positions[r, q]
            for j in range(size):
                out[at, j] += position * gradient[r, single + q, j]
        first = single + numeric
        for m in range(len(blocks)):
            last = first + blocks[m]
            known = 0
            for k in range(first, last):
                known += place[r, k] >= 0
            share = np.float32(1) / np.float32(max(known, 1))
            for k in range(first, last):
                at = place[r, k]
                if at >= 0:
                    for j in range(size):
                        out[at, j] += share * gradient[r, single + numeric + m, j]
            first = last


@kernel
def sum_weights(weights: Floats, ids: Ints, positions: Floats, single: int, out: Floats) -> None:
    """The sum of the weights [V, 1] of a row's ids into `out` [n], a numeric field's weight times
    its position."""
    numeric = positions.shape[1]
    for r in range(len(ids)):
        total = np.float32(0)
        for k in range(single):
            total += weights[ids[r, k], 0]
        for k in range(numeric):
            total += positions[r, k] * weights[ids[r, single + k], 0]
        for k in range(single + numeric, ids.shape[1]):
            total += weights[ids[r, k], 0]
        out[r] = total


@kernel
def gather_weights(
    gradient: Floats, place: Ints, positions: Floats, single: int, out: Floats
) -> None:
    """Add what arrived for the sums, `gradient` [n], to the weights `out` [U, 1] they were made
    of."""
    numeric = positions.shape[1]
    for r in range(place.shape[0]):
        g = gradient[r]
        for k in range(single):
            at = place[r, k]
            if at >= 0:
                out[at, 0] += g
        for q in range(numeric):
            out[place[r, single + q], 0] += positions[r, q] * g
        for k in range(single + numeric, place.shape[1]):
            at = place[r, k]
            if at >= 0:
                out[at, 0] += g
