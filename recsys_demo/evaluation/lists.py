"""The lists a model would show: the best items of every query, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.metrics import Floats

Items = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NOTHING = -1  # the list has ended: there were fewer candidates than places


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What list metrics need to know of the items: training rows of each [items], and where they
    are known a category code (-1 for none) [items] and a vector [items, d] of each."""

    popularity: npt.NDArray[np.int64]
    categories: npt.NDArray[np.int64] | None = None
    vectors: Floats | None = None


@dataclass(frozen=True, eq=False)
class Lists:
    """The lists one model shows to a sample of queries.

    `items` [queries, k] are positions in the catalogue, best first, `NOTHING` after the last.
    `relevance` [queries, items], if there is any, is 0 for items that were no candidates.
    """

    items: Items
    catalogue: Catalogue
    relevance: Floats | None = None

    @property
    def shown(self) -> Mask:
        """Which places hold an item, [queries, k]."""
        return np.asarray(self.items != NOTHING)

    def at(self, values: Floats) -> Floats:
        """A value per item [items] or per query and item [queries, items] as the lists hold them,
        [queries, k]; 0 where nothing is shown."""
        position = np.maximum(self.items, 0)
        taken = values[position] if values.ndim == 1 else np.take_along_axis(values, position, 1)
        return np.where(self.shown, taken, 0.0)


def top_k(scores: Floats, k: int, excluded: Mask | None = None) -> Items:
    """Positions of the k best items per query, [queries, k], from scores [queries, items].

    Ties go to the earlier item. `excluded` [queries, items] marks what is no candidate, such as
    apps a user has; where fewer than k are left, or known at all, the list ends with `NOTHING`.
    """
    # The k-th best score decides who can be in the list, so that only those need sorting.
    ranked = np.where(excluded, -np.inf, scores) if excluded is not None else scores
    queries, items = ranked.shape
    worst = min(k, items) - 1
    bar = -np.partition(-ranked, worst, axis=1)[:, worst : worst + 1]
    row, column = np.nonzero(ranked >= bar)
    order = np.lexsort((column, -ranked[row, column], row))
    row, column = row[order], column[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = place < k
    lists = np.full((queries, k), NOTHING, dtype=np.int64)
    lists[row[kept], place[kept]] = column[kept]
    if excluded is not None:
        lists[np.take_along_axis(excluded, np.maximum(lists, 0), axis=1)] = NOTHING
    return lists
