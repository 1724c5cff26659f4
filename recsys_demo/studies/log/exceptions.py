"""Planted exceptions as two rates: what taste alone would give, and what is true."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.planted.truth import CHANCE

Rates = npt.NDArray[np.float64]


def taste_rates(found: pd.DataFrame, noise: float) -> Rates:
    """Install rate of each exception's rows if the exception were undone, [n]: the true rate's
    logit without its shift. `found` is `World.exceptions()`. The mean of the rows stands for each
    of them, so it is a close guess; the truth of single people differs from it."""
    share = 1 - noise
    true = np.clip((found["true_rate"].to_numpy() - noise * CHANCE) / share, 1e-6, 1 - 1e-6)
    logit = np.log(true / (1 - true)) - found["shift"].to_numpy()
    return np.asarray(share / (1 + np.exp(-logit)) + noise * CHANCE)
