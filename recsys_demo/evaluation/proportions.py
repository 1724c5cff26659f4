"""How sure an observed share is."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def wilson(
    successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Score interval of a share (Wilson 1927), element by element; [0, 1] where nothing was tried.

    (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p = successes / trials. It stays
    within [0, 1] and is usable for few trials, where the usual p ± z·se is not.
    """
    k = np.asarray(successes, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    tried = np.maximum(n, 1)
    p = k / tried
    scale = 1 + z**2 / tried
    middle = (p + z**2 / (2 * tried)) / scale
    half = z * np.sqrt(p * (1 - p) / tried + z**2 / (4 * tried**2)) / scale
    low = np.where(n > 0, np.clip(middle - half, 0, 1), 0.0)
    high = np.where(n > 0, np.clip(middle + half, 0, 1), 1.0)
    # Rounding must not leave the observed share itself outside.
    return np.where(k == 0, 0.0, low), np.where((k == n) & (n > 0), 1.0, high)


def rates(successes: npt.ArrayLike, trials: npt.ArrayLike) -> Floats:
    """successes / trials, NaN where nothing was tried."""
    k = np.asarray(successes, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    nothing = np.full(np.broadcast(k, n).shape, np.nan)
    return np.asarray(np.divide(k, n, out=nothing, where=n > 0), dtype=np.float64)
