"""Where the table of users x items is filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.metrics import Floats

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DensityPicture:
    """Share of the (user, item) cells that occur, [user bins, item bins]; the busiest users and
    the most frequent items first; every bin holds about as many users or items."""

    share: Floats
    users: tuple[int, ...]
    items: tuple[int, ...]


def density(users: Codes, items: Codes, bins: int) -> DensityPicture:
    """The picture of rows with these users and items, [n] each."""
    users, items = _ranks(users), _ranks(items)
    user_sizes = _bin_sizes(int(users.max()) + 1, bins)
    item_sizes = _bin_sizes(int(items.max()) + 1, bins)
    pairs = np.unique(users * (items.max() + 1) + items)
    user, item = np.divmod(pairs, items.max() + 1)
    user_bin = np.repeat(np.arange(len(user_sizes)), user_sizes)[user]
    item_bin = np.repeat(np.arange(len(item_sizes)), item_sizes)[item]
    filled = np.zeros((len(user_sizes), len(item_sizes)))
    np.add.at(filled, (user_bin, item_bin), 1)
    cells = np.outer(user_sizes, item_sizes)
    return DensityPicture(filled / cells, tuple(user_sizes), tuple(item_sizes))


def _ranks(codes: Codes) -> Codes:
    """Every row's value as its rank by frequency: 0 for the most frequent."""
    counts = np.bincount(codes)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(counts), dtype=np.int64)
    rank[order] = np.arange(len(counts))
    return rank[codes]


def _bin_sizes(count: int, bins: int) -> Sequence[int]:
    """Sizes of at most `bins` bins of about equal size."""
    return [len(part) for part in np.array_split(np.arange(count), min(bins, count))]
