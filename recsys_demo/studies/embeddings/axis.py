"""A custom axis: all values on the line between two of them, or between two groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.errors import InputError
from recsys_demo.studies.embeddings.quality import normalized
from recsys_demo.studies.embeddings.settings import Metric
from recsys_demo.studies.embeddings.vectors import Index, Matrix

Line = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CustomAxis:
    """`along` [n]: 0 at the centre of the left group, 1 at that of the right one. `across` [n]:
    the main direction of what the line leaves out, in the same unit. `share`: part of the
    vectors' spread that lies along the line."""

    along: Line
    across: Line
    share: float


def custom_axis(
    vectors: Matrix, left: Index, right: Index, metric: Metric = "cosine"
) -> CustomAxis:
    """Project all vectors [n, d] on the line from the mean of `left` to the mean of `right`.

    Raises InputError if a group is empty or both have the same centre.
    """
    space = normalized(vectors, metric)
    direction = np.zeros(space.shape[1])
    if len(left) and len(right):
        direction = space[right].mean(0) - space[left].mean(0)
    length = float(np.linalg.norm(direction))
    if length < 1e-12:
        raise InputError.of(
            what="the two ends of the axis are the same",
            where="custom axis",
            got=f"{len(left)} values on the left, {len(right)} on the right, same centre",
            expected="two groups with different vectors",
            remedy="Choose other values for one end.",
        )
    from_left = space - space[left].mean(0)
    along = from_left @ direction / length**2
    rest = from_left - np.outer(along, direction)
    rest -= rest.mean(0)
    across = rest @ _main_direction(rest) / length
    spread = float(((space - space.mean(0)) ** 2).sum())
    on_line = float(((along - along.mean()) ** 2).sum()) * length**2
    return CustomAxis(along, across, on_line / spread if spread else 0.0)


def _main_direction(centred: Matrix) -> Line:
    """The first principal direction, its sign fixed by its largest entry."""
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    first = directions[0]
    turned: Line = first * np.sign(first[np.argmax(np.abs(first))] or 1.0)
    return turned
