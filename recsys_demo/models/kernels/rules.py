"""Update rules, number by number: a parameter [V, d] moves at `rows` [U] by `gradient` [U, d].

`settings` are numbers of the parameter's own type, as `recsys_demo/models/optimizers.py` makes
them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys_demo.models.compiler import kernel

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int32]


@kernel
def ftrl(
    weight: Floats, state: tuple[Floats, ...], gradient: Floats, rows: Ints, settings: Floats
) -> None:
    """Settings: 1 / alpha, beta, l1, l2."""
    z, n = state
    steepness, beta, l1, l2 = settings[0], settings[1], settings[2], settings[3]
    for u in range(len(rows)):
        row = rows[u]
        for j in range(weight.shape[1]):
            g = gradient[u, j]
            root = math.sqrt(n[row, j])
            n[row, j] += g * g
            new_root = math.sqrt(n[row, j])
            total = z[row, j] + (g - (new_root - root) * steepness * weight[row, j])
            z[row, j] = total
            if total > l1:
                weight[row, j] = (l1 - total) / ((beta + new_root) * steepness + l2)
            elif total < -l1:
                weight[row, j] = (-l1 - total) / ((beta + new_root) * steepness + l2)
            else:
                # Also where it is not a number, whose weight stays none.
                weight[row, j] = total * 0


@kernel
def adagrad(
    weight: Floats, state: tuple[Floats, ...], gradient: Floats, rows: Ints, settings: Floats
) -> None:
    """Settings: learning rate, l2, what keeps the root above zero."""
    total = state[0]
    rate, l2, smallest = settings[0], settings[1], settings[2]
    for u in range(len(rows)):
        row = rows[u]
        for j in range(weight.shape[1]):
            g = gradient[u, j] + l2 * weight[row, j]
            total[row, j] += g * g
            weight[row, j] -= rate * g / (math.sqrt(total[row, j]) + smallest)


@kernel
def adam(
    weight: Floats, state: tuple[Floats, ...], gradient: Floats, rows: Ints, settings: Floats
) -> None:
    """Settings: step size, 1 - beta1, beta2, 1 - beta2, epsilon, l2; the first and fifth with the
    correction of the step's number."""
    mean, square = state
    rate, fresh, memory = settings[0], settings[1], settings[2]
    fresh_square, epsilon, l2 = settings[3], settings[4], settings[5]
    for u in range(len(rows)):
        row = rows[u]
        for j in range(weight.shape[1]):
            g = gradient[u, j] + l2 * weight[row, j]
            mean[row, j] += fresh * (g - mean[row, j])
            square[row, j] = memory * square[row, j] + fresh_square * g * g
            weight[row, j] -= rate * mean[row, j] / (math.sqrt(square[row, j]) + epsilon)


@kernel
def sgd(
    weight: Floats, state: tuple[Floats, ...], gradient: Floats, rows: Ints, settings: Floats
) -> None:
    """Settings: learning rate, l2."""
    rate, l2 = settings[0], settings[1]
    for u in range(len(rows)):
        row = rows[u]
        for j in range(weight.shape[1]):
            weight[row, j] -= rate * (gradient[u, j] + l2 * weight[row, j])
