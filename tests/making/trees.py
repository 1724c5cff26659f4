"""Trees grown on small logs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recsys_demo.config.components import TreesConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.trees.boosted import BoostedTrees
from recsys_demo.models.trees.growth import Growth

SMALL = TreesConfig(trees=12, leaves=9, min_rows=3, members=3)


def grown(
    rows: Interactions, encoder: Encoder, config: TreesConfig = SMALL, seed: int = 0
) -> tuple[BoostedTrees, Growth]:
    """Trees that know these rows, and scikit-learn's classifier that they come from."""
    codes, labels = encoder.fields.encode(rows.frame), rows.labels.astype(np.float64)
    fresh = BoostedTrees.fresh(encoder.fields, config)
    columns = fresh.columns.fitted(codes, labels)
    values = columns.values(codes, columns.held_out_rates(codes, labels, seed))
    growth = Growth(config, columns, values, labels, seed)
    growth.grow(config.trees)
    return replace(fresh, columns=columns, forest=growth.forest(config.trees)), growth
