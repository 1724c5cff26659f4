"""The baseline everybody must beat: how often an item is taken, whoever is asked.

    p_i = (k_i + m r) / (n_i + m)

with n_i the training rows that show item i, k_i those of them in which it was taken, r the base
rate of all training rows, which counts for m rows. An item without training rows has r.
"""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logit

from recsys_demo.data.interactions import Interactions

PRIOR_ROWS = 10.0  # m
KEY, LABEL = "popularity", "Popularity"
MEANING = "how often the item was taken in the training rows, whoever is asked"


class Popularity:
    """Training rows and takings of every item, counted piece by piece."""

    def __init__(self) -> None:
        self._counts = pd.DataFrame(
            {"rows": pd.Series(dtype=float), "taken": pd.Series(dtype=float)}
        )

    @classmethod
    def of(cls, train: Interactions) -> Self:
        """Counted over these rows."""
        found = cls()
        found.add(train)
        return found

    def add(self, train: Interactions) -> None:
        """More training rows."""
        items = train.frame[train.schema.item].cat
        codes, names = items.codes.to_numpy(), items.categories.astype("str")
        more = pd.DataFrame(
            {
                "rows": np.bincount(codes, minlength=len(names)).astype(float),
                "taken": np.bincount(codes, train.labels, minlength=len(names)),
            },
            index=names,
        )
        self._counts = more if self._counts.empty else self._counts.add(more, fill_value=0.0)

    def taken(self, part: Interactions) -> npt.NDArray[np.int64]:
        """In how many training rows the item of each row was taken, [rows]."""
        return np.asarray(self._of_rows(part)["taken"], dtype=np.int64)

    def logits(self, part: Interactions) -> npt.NDArray[np.float64]:
        """The log-odds of each row by its item alone, [rows]."""
        everything = self._counts.sum()
        base = (everything["taken"] + 0.5) / (everything["rows"] + 1)
        own = self._of_rows(part)
        rate = (own["taken"] + PRIOR_ROWS * base) / (own["rows"] + PRIOR_ROWS)
        return np.asarray(logit(rate), dtype=np.float64)

    def _of_rows(self, part: Interactions) -> pd.DataFrame:
        items = part.frame[part.schema.item].cat
        known = self._counts.reindex(items.categories.astype("str"), fill_value=0.0)
        return known.iloc[items.codes.to_numpy()]
