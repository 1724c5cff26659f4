"""A toy metric: the Brier score, which the lab does not have."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from recsys_demo.evaluation.metrics import METRICS, Metric

KEY = "brier"


def brier(labels: np.ndarray, logits: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Mean squared distance of prediction and label."""
    return float(np.average((expit(logits) - labels) ** 2, weights=weights))


def add_toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register it, as a metric of the lab is."""
    toy = Metric(KEY, "Brier score", False, False, 0.0, "Mean squared distance.", brier)
    monkeypatch.setitem(METRICS, KEY, toy)  # type: ignore[misc]
