"""What a model has learned of its crosses: a weight per combination."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys_demo.features.cross_dictionary import CrossDictionary, part_value
from recsys_demo.recommendation.components.base import JOIN
from recsys_demo.recommendation.recommender import Recommender

COLUMNS = ("cross", "name", "weight", "support")


def cross_weights(recommender: Recommender) -> pd.DataFrame:
    """Every combination with a weight other than zero, the strongest first. Columns: `cross`, as it
    is written; `name`, the combination; `weight`; `support`, its training rows.

    Of a hashed cross nobody knows the combinations: its buckets are left out.
    """
    found = [
        _of_cross(recommender, number, dictionary)
        for number, dictionary in enumerate(recommender.encoder.crosses)
        if dictionary.buckets is None
    ]
    if not found:
        return pd.DataFrame({name: [] for name in COLUMNS})
    whole = pd.concat(found, ignore_index=True)
    order = np.argsort(-whole["weight"].abs().to_numpy(), kind="stable")
    return whole.iloc[order].reset_index(drop=True)


def _of_cross(recommender: Recommender, number: int, dictionary: CrossDictionary) -> pd.DataFrame:
    first = recommender.encoder.cross_offsets()[number] + 1
    weights = recommender.weights["crosses.weights"][first : first + dictionary.size, 0]
    kept = np.flatnonzero(weights)
    fields, parts = recommender.encoder.fields, dictionary.cross.parts
    names = [
        JOIN.join(
            f"{part.field}={recommender.readable(part.field, part_value(part, fields, code))}"
            for part, code in zip(parts, codes, strict=True)
        )
        for codes in dictionary.codes[kept].tolist()
    ]
    columns = (str(dictionary.cross), names, weights[kept], dictionary.support[kept])
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
