"""Numbers for what the eye sees: can a property be read from the vectors, against a random table?

A linear probe asks whether a straight boundary separates the classes (Alain and Bengio 2016);
neighbour purity asks whether near vectors share the class.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from recsys_demo.evaluation.intervals import Interval, bootstrap_mean
from recsys_demo.studies.embeddings.neighbours import nearest
from recsys_demo.studies.embeddings.vectors import Matrix

FOLDS = 5
REPEATS = 3
PURITY_K = 10
MIN_POINTS = 20
# Models fitted on overlapping folds err together, which points drawn anew do not show: the variance
# of a cross-validated mean over K folds is taken 1 + K n_test / n_train times (Nadeau and Bengio
# 2003).
REFITTED = math.sqrt(1 + FOLDS / (FOLDS - 1))
TAIL = 5.0  # a largest value this many times the median makes a long tail
Scores = npt.NDArray[np.float64]
Measure = Literal["linear probe", "neighbour purity", "explained variance"]
MEANING: dict[Measure, str] = {
    "linear probe": "share of values whose class a linear model names right, cross-validated",
    "neighbour purity": f"share of the {PURITY_K} nearest neighbours with the same class",
    "explained variance": "R squared of a linear model of the number (its logarithm, if it has a "
    "long tail), cross-validated",
}


@dataclass(frozen=True)
class Probe:
    """One measure on the trained table and on its random start, on the same `points` values.

    Intervals are over values drawn anew; `gain` is the paired difference. `chance` is what a
    guess without vectors gets. `left_out` values had no class or one too rare to test.
    """

    target: str
    measure: Measure
    trained: Interval
    untrained: Interval
    gain: Interval
    chance: float
    points: int
    left_out: int

    @property
    def clear(self) -> bool:
        """Whether the trained table is better beyond the interval."""
        return self.gain.low > 0


def probe(
    trained: Matrix, untrained: Matrix, target: pd.Series, name: str, seed: int = 0
) -> list[Probe]:
    """Every measure that fits the target: classes, or numbers of more than ten values.

    Empty if there is too little to test: fewer than `MIN_POINTS` values, or one class.
    """
    if pd.api.types.is_numeric_dtype(target.dtype) and target.nunique() > 10:
        return _probe_number(trained, untrained, target, name, seed)
    return _probe_class(trained, untrained, target, name, seed)


def _probe_class(
    trained: Matrix, untrained: Matrix, target: pd.Series, name: str, seed: int
) -> list[Probe]:
    codes, classes = pd.factorize(target)
    sizes = np.bincount(codes[codes >= 0], minlength=len(classes))
    usable = np.flatnonzero((codes >= 0) & (np.append(sizes, 0)[codes] >= FOLDS))
    labels = codes[usable].astype(np.int64)
    if len(usable) < MIN_POINTS or len(np.unique(labels)) < 2:
        return []
    counts = np.bincount(labels)
    same = float((counts * (counts - 1)).sum() / (len(labels) * (len(labels) - 1)))
    a, b = trained[usable], untrained[usable]
    left = len(target) - len(usable)
    return [
        _compared(
            name,
            "linear probe",
            linear_hits(a, labels, seed),
            linear_hits(b, labels, seed),
            float(counts.max() / len(labels)),
            left,
            seed,
        ),
        _compared(
            name,
            "neighbour purity",
            purity_influences(a, labels),
            purity_influences(b, labels),
            same,
            left,
            seed,
        ),
    ]


def _probe_number(
    trained: Matrix, untrained: Matrix, target: pd.Series, name: str, seed: int
) -> list[Probe]:
    values = target.to_numpy(dtype=np.float64, na_value=np.nan)
    usable = np.flatnonzero(np.isfinite(values))
    values = _without_tail(values[usable])
    if len(usable) < MIN_POINTS or np.ptp(values) == 0:
        return []
    scores = [explained(table[usable], values, seed) for table in (trained, untrained)]
    left = len(target) - len(usable)
    return [_compared(name, "explained variance", scores[0], scores[1], 0.0, left, seed)]


def _without_tail(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """log(1 + x) of counts and the like: a few huge values would decide a squared error alone."""
    if len(values) and values.min() >= 0 and values.max() > TAIL * (np.median(values) + 1):
        return np.log1p(values)
    return values


def _compared(
    name: str, measure: Measure, a: Scores, b: Scores, chance: float, left: int, seed: int
) -> Probe:
    wider = 1.0 if measure == "neighbour purity" else REFITTED
    trained, untrained, gain = (bootstrap_mean(one, seed).widened(wider) for one in (a, b, a - b))
    return Probe(
        target=name,
        measure=measure,
        trained=trained,
        untrained=untrained,
        gain=gain,
        chance=chance,
        points=len(a),
        left_out=left,
    )


def linear_hits(vectors: Matrix, labels: npt.NDArray[np.int64], seed: int) -> Scores:
    """How often, over `REPEATS` ways to cut folds, a logistic regression fitted on the other folds
    names the class of each point, [n]: one cut alone would add its luck to the interval."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    hits = np.zeros(len(labels))
    # Fits this small are slower on several threads, and a server has other guests.
    with warnings.catch_warnings(), threadpool_limits(1):
        # A boundary not fitted to the last digit names the same classes.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for repeat in range(REPEATS):
            folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + repeat)
            hits += cross_val_predict(model, vectors, labels, cv=folds) == labels
    return hits / REPEATS


def purity_influences(vectors: Matrix, labels: npt.NDArray[np.int64], k: int = PURITY_K) -> Scores:
    """What each point adds to the mean purity, the share of its k nearest by cosine that have its
    class, [n]; the mean is that of the shares.

    A point's class counts in its own share and in the shares of all that have it as a neighbour:
    shares are not independent, and an interval over them would be too narrow by up to a half.
    This is the first term of the statistic's expansion by points (Hajek 1968).
    """
    found = nearest(vectors, k)
    same = labels[found] == labels[:, None]
    beyond = same - same.mean()
    as_neighbour = np.bincount(found.ravel(), weights=beyond.ravel(), minlength=len(labels))
    return np.asarray(same.mean() + beyond.mean(1) + as_neighbour / found.shape[1])


def explained(vectors: Matrix, values: npt.NDArray[np.float64], seed: int) -> Scores:
    """1 - squared error / variance of each value under a ridge regression fitted on the other
    folds, [n]: its mean is R squared."""
    model = make_pipeline(StandardScaler(), Ridge(alpha=1.0))
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    guessed = cross_val_predict(model, vectors, values, cv=folds)
    return np.asarray(1 - (guessed - values) ** 2 / values.var(), dtype=np.float64)
