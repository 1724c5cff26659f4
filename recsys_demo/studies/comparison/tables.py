"""What the room shows as tables, plain frames that can be saved as CSV."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from recsys_demo.evaluation.curves import Calibration, Curve, Histogram
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.studies.comparison.measures import Estimate, SliceRow
from recsys_demo.studies.comparison.models import Contender


def slice_frame(rows: Sequence[SliceRow], models: Sequence[Contender], metric: str) -> pd.DataFrame:
    """One row per slice and model: mean, interval, spread over seeds, and whether it is clearly
    the best."""
    records = [
        {
            "slice": row.slice.label,
            "model": model.name,
            "metric": METRICS[metric].label,
            **numbers(row.estimates[model.key]),
            "clearly best": row.best == model.key,
            "rows": row.rows,
            "positives": row.positives,
        }
        for row in rows
        for model in models
    ]
    return pd.DataFrame(records)


def numbers(found: Estimate | None) -> Mapping[str, object]:
    """Mean, interval and spread of an estimate as cells."""
    if found is None:
        nothing = dict.fromkeys(("mean", "low", "high", "sd over seeds"), math.nan)
        return {**nothing, "seeds": 0, "interval": ""}
    interval = found.interval
    return {
        "mean": found.value,
        "low": interval.low,
        "high": interval.high,
        "sd over seeds": found.sd,
        "seeds": len(found.of_seeds),
        "interval": f"{interval.level:.0%}, {interval.method}",
    }


def estimate_text(found: Estimate | None, decimals: int = 3) -> str:
    """`0.862 ± 0.007`: the ± is half of the interval; a dash where there is no value."""
    if found is None:
        return "–"
    half = found.interval.half_width
    return f"{found.value:.{decimals}f}" + ("" if math.isnan(half) else f" ± {half:.{decimals}f}")


def curve_frame(names: Sequence[str], curves: Sequence[Curve], x: str, y: str) -> pd.DataFrame:
    """The points of curves, one row each."""
    return pd.concat(
        [
            pd.DataFrame({"model": name, x: curve.x, y: curve.y, "threshold": curve.threshold})
            for name, curve in zip(names, curves, strict=True)
        ],
        ignore_index=True,
    )


def calibration_frame(names: Sequence[str], curves: Sequence[Calibration]) -> pd.DataFrame:
    """The bins of calibration curves, one row each."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "model": name,
                    "rows": found.rows,
                    "mean prediction": found.predicted,
                    "share installed": found.rate,
                    "low": found.low,
                    "high": found.high,
                }
            )
            for name, found in zip(names, curves, strict=True)
        ],
        ignore_index=True,
    )


def histogram_frame(names: Sequence[str], found: Sequence[Histogram]) -> pd.DataFrame:
    """The bins of score histograms, one row each."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "model": name,
                    "from": one.edges[:-1],
                    "to": one.edges[1:],
                    "installed": one.positives,
                    "not installed": one.negatives,
                }
            )
            for name, one in zip(names, found, strict=True)
        ],
        ignore_index=True,
    )
