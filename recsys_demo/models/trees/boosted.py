"""A forest with the columns it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys_demo.config.components import TreesConfig
from recsys_demo.features.fields import FieldCodes, FieldEncoder
from recsys_demo.models.trees.columns import Columns
from recsys_demo.models.trees.forest import MISSING, Bytes, Floats, Forest

RATES = "rates"


@dataclass(frozen=True, eq=False)
class BoostedTrees:
    """What scores rows by their codes."""

    columns: Columns
    forest: Forest

    @classmethod
    def fresh(cls, fields: FieldEncoder, config: TreesConfig) -> BoostedTrees:
        """No trees yet."""
        columns = Columns(fields, config)
        return cls(columns, Forest.empty(len(columns.all)))

    def bins(self, codes: FieldCodes) -> Bytes:
        """The bins of rows, [n, p]: `MISSING` in the columns of fields that `codes` lacks."""
        if not len(self.forest.roots):  # nothing is counted yet
            return np.full((len(codes), len(self.columns.all)), MISSING, dtype=np.uint8)
        return self.forest.bins(self.columns.values(codes))

    def logits(self, codes: FieldCodes) -> Floats:
        """What the trees add to the logit of rows, [n]."""
        return self.forest.logits(self.bins(codes))

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Everything that scoring depends on, by name."""
        rates = [self.columns.rates.get(name, np.zeros(0)) for name in self.columns.rated]
        return self.forest.state() | {f"{RATES}{place}": own for place, own in enumerate(rates)}

    def of_state(self, state: Mapping[str, npt.NDArray[Any]]) -> BoostedTrees:
        """Other trees on the same fields. Raises ValueError if the arrays do not fit them."""
        forest = Forest.of_state(state)
        rates = {n: state[f"{RATES}{place}"] for place, n in enumerate(self.columns.rated)}
        vocabularies = self.columns.fields.vocabularies
        fits = forest.columns == len(self.columns.all) and all(
            own.shape == (vocabularies[name].size,) or not len(forest.roots)
            for name, own in rates.items()
        )
        if not fits:
            raise ValueError("the trees were grown on other fields")
        return BoostedTrees(replace(self.columns, rates=rates), forest)
