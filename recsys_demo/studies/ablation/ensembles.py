"""Several models trained apart that predict together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import log_expit, logit, logsumexp
from sklearn.linear_model import LogisticRegression

from recsys_demo.sweep.records import Record, Records, Rows

Combine = Literal["mean", "stacked"]
Logits = npt.NDArray[np.float64]


def rows_of(
    records: Records, members: Sequence[str], part: str, combine: Combine = "mean"
) -> Rows | None:
    """The rows of a part with the logits of the records of these keys together; those of a single
    one as they are. None without members, or if a record cannot be read."""
    rows = _read(records, members, part)
    if rows is None or len(rows) == 1:
        return rows[0] if rows else None
    if combine == "mean":
        logits = mean_probability([one.logits for one in rows])
    else:
        valid = _read(records, members, "valid")
        if valid is None:
            return None
        logits = stacked_logits(
            valid[0].labels, [one.logits for one in valid], [r.logits for r in rows]
        )
    return Rows(rows[0].labels, logits, rows[0].slices)


def prior_rows(records: Records, like: Record, part: str) -> Rows | None:
    """The rows of a record as the bias alone would score them: by the base rate."""
    rows = records.rows(like.key, part)
    if rows is None:
        return None
    prior = float(logit(like.base_rate))
    return Rows(rows.labels, np.full(len(rows.labels), prior), rows.slices)


def mean_probability(members: Sequence[Logits]) -> Logits:
    """Logit of the mean of the members' probabilities, [n].

    Their logits are not added: each member has learned the whole answer, and two of them added
    would count what both know twice and be overconfident.
    """
    logits = np.stack(members)
    up, down = (logsumexp(log_expit(sign * logits), axis=0) for sign in (1, -1))
    return np.asarray(up - down)


def stacked_logits(
    labels: npt.NDArray[np.uint8], fit: Sequence[Logits], use: Sequence[Logits]
) -> Logits:
    """Weighted sum of the logits `use`, [n], weights and bias by logistic regression on the rows of
    `fit` (stacking, Wolpert 1992); the mean probability where those have one label only."""
    if len(np.unique(labels)) < 2:
        return mean_probability(use)
    model = LogisticRegression(C=1e6, tol=1e-8, max_iter=1000).fit(np.column_stack(fit), labels)
    return np.asarray(model.decision_function(np.column_stack(use)), dtype=np.float64)


def _read(records: Records, members: Sequence[str], part: str) -> list[Rows] | None:
    found = [records.rows(key, part) for key in members]
    rows = [one for one in found if one is not None]
    return rows if rows and len(rows) == len(found) else None
