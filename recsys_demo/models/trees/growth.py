"""Growing trees with scikit-learn's histogram gradient boosting, and taking them over as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from recsys_demo.config.components import TreesConfig
from recsys_demo.models.trees.columns import MOST_CATEGORIES, Columns
from recsys_demo.models.trees.forest import BINS, LEAF, Bytes, Floats, Forest


class Growth:
    """Trees that are being grown on columns [n, p] and labels [n]."""

    def __init__(
        self, config: TreesConfig, columns: Columns, values: Floats, labels: Floats, seed: int
    ) -> None:
        self._values, self._labels = values, labels
        self.boosting = HistGradientBoostingClassifier(
            learning_rate=config.learning_rate,
            max_iter=1,
            max_leaf_nodes=config.leaves,
            min_samples_leaf=config.min_rows,
            l2_regularization=config.l2,
            max_features=config.column_share,
            max_bins=MOST_CATEGORIES,
            categorical_features=np.array([column.is_category for column in columns.all]),
            early_stopping=False,
            warm_start=True,
            random_state=seed,
        )

    @property
    def trees(self) -> int:
        """How many there are."""
        return int(getattr(self.boosting, "n_iter_", 0))

    def grow(self, trees: int) -> None:
        """So many trees more. One thread: several would wait for each other on the lab's small
        logs, and a process that was forked may have none."""
        self.boosting.max_iter = self.trees + trees
        with threadpool_limits(1, "openmp"):
            self.boosting.fit(self._values, self._labels)

    def logits(self, values: Floats, trees: Sequence[int]) -> list[Floats]:
        """The logit of rows [n, p], the base rate's included, [n], by the first so many trees, for
        each of these rising numbers."""
        with threadpool_limits(1, "openmp"):
            stages = enumerate(self.boosting.staged_decision_function(values), start=1)
            return [np.array(logits) for number, logits in stages if number in trees]

    def forest(self, trees: int) -> Forest:
        """The first so many trees."""
        # scikit-learn has no public way to its trees; the oracle of the tests watches these names.
        grown = [own for (own,) in self.boosting._predictors[:trees]]
        return _forest(grown, self._values.shape[1])


def _forest(grown: list[Any], columns: int) -> Forest:
    if not grown:
        return Forest.empty(columns)
    nodes = np.concatenate([tree.nodes for tree in grown])
    sizes = [len(tree.nodes) for tree in grown]
    first = np.cumsum([0, *sizes[:-1]])
    offset = np.repeat(first, sizes)
    leaf = nodes["is_leaf"].astype(bool)
    numeric = ~leaf & ~nodes["is_categorical"].astype(bool)
    asked = nodes["feature_idx"].astype(np.int64)
    cuts = [np.unique(nodes["num_threshold"][numeric & (asked == i)]) for i in range(columns)]
    goes_left = np.concatenate([_goes_left(tree, cuts) for tree in grown])
    return Forest(
        roots=first.astype(np.int32),
        column=np.where(leaf, LEAF, asked).astype(np.int32),
        left=np.where(leaf, 0, nodes["left"] + offset).astype(np.int32),
        right=np.where(leaf, 0, nodes["right"] + offset).astype(np.int32),
        goes_left=goes_left,
        value=nodes["value"].astype(np.float64),
        starts=np.cumsum([0, *map(len, cuts)]).astype(np.int32),
        thresholds=np.concatenate([np.zeros(0), *cuts]),
    )


def _goes_left(tree: Any, cuts: list[npt.NDArray[np.float64]]) -> Bytes:
    """The bins that each node of a tree sends left, [nodes, 32]."""
    left = np.zeros((len(tree.nodes), BINS), dtype=bool)
    for at, node in enumerate(tree.nodes):
        if node["is_leaf"]:
            continue
        if node["is_categorical"]:
            words = tree.raw_left_cat_bitsets[node["bitset_idx"]]
            left[at] = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")
        else:
            left[at, : np.searchsorted(cuts[node["feature_idx"]], node["num_threshold"]) + 1] = True
        left[at, BINS - 1] = node["missing_go_to_left"]
    return np.packbits(left, axis=1, bitorder="little")
