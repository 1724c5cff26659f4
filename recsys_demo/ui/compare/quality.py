"""ROC, precision-recall, calibration and score histograms of a slice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from recsys_demo.charts.quality import (
    CurveStyle,
    calibration_chart,
    histogram_chart,
    pr_chart,
    roc_chart,
)
from recsys_demo.evaluation.curves import (
    Calibration,
    Curve,
    Histogram,
    calibration_curve,
    pr_points,
    roc_points,
    score_histogram,
)
from recsys_demo.evaluation.metrics import METRICS, perfect_calibration_error
from recsys_demo.evaluation.slices import Slice
from recsys_demo.studies.comparison.tables import calibration_frame, curve_frame, histogram_frame
from recsys_demo.ui.chart_panel import chart, files
from recsys_demo.ui.compare.choices import Control
from recsys_demo.ui.compare.measurements import KEYED, Comparison
from recsys_demo.ui.compare.slices import all_slices
from recsys_demo.ui.glossary.hints import hint
from recsys_demo.ui.state import State

PERFECT = "calibration error, if perfect"
Curves = tuple[list[Curve], list[Curve], list[Calibration], list[Histogram]]


def curves_section(state: State, found: Comparison, control: Control) -> None:
    """Four charts of the slice that is chosen, and all metrics behind them."""
    known = {one.key: one for one in all_slices(state, found, control)}
    key = control.now.slice if control.now.slice in known else "all"
    st.selectbox(
        "Rows",
        list(known),
        format_func=lambda k: f"{known[k].label} ({len(known[k]):,} rows)",
        width=420,
        **control.bound("slice", key),
    )
    labels = found.data.test.labels[known[key].mask]
    if not 0 < np.count_nonzero(labels) < len(labels):
        st.info("These rows have one label only: there is no curve to draw. Choose other rows.")
        return
    _charts(found, known[key], float(labels.mean()))
    frame = _all_metrics(found, known[key])
    st.dataframe(frame, hide_index=True, alt="Every metric of these rows, mean over seeds")
    told = (
        "The last column is the calibration error that perfect predictions are expected to have on "
        "as many rows: nothing can be much below it."
    )
    if any(len(model.seeds) > 1 for model in found.models):
        told = (
            f"Curves are those of the first seed of each model ({found.models[0].seeds[0]}); the "
            f"table has the mean over all seeds. {told}"
        )
    st.caption(told)
    files("compare.metrics", frame)


def _charts(found: Comparison, rows: Slice, base_rate: float) -> None:
    looks = [CurveStyle(model.model, model.name) for model in found.models]
    names = [look.name for look in looks]
    roc, pr, calibration, histogram = _curves(found, rows)
    who = ", ".join(names)
    left, right = st.columns(2)
    with left:
        st.markdown("**ROC**", help=hint("ROC"))
        chart(
            roc_chart(list(zip(looks, roc, strict=True))),
            "compare.roc",
            f"ROC curves of {who} on {rows.label}",
            curve_frame(names, roc, "false positive rate", "true positive rate"),
        )
        st.markdown(
            "**Calibration**",
            help=hint("Calibration", "On the diagonal a prediction means what it says."),
        )
        chart(
            calibration_chart(list(zip(looks, calibration, strict=True))),
            "compare.calibration",
            f"Calibration of {who} on {rows.label}, ten bins",
            calibration_frame(names, calibration),
        )
    with right:
        st.markdown("**Precision and recall**", help=hint("PR AUC"))
        chart(
            pr_chart(list(zip(looks, pr, strict=True)), base_rate),
            "compare.pr",
            f"Precision against recall of {who} on {rows.label}",
            curve_frame(names, pr, "recall", "precision"),
        )
        st.markdown(
            "**Predictions of installed (colour) and other rows (grey)**",
            help="Each adds up to 100 %. The less they overlap, the better they are told apart.",
        )
        chart(
            histogram_chart(list(zip(looks, histogram, strict=True))),
            "compare.histogram",
            f"Histograms of the predictions of {who} on {rows.label}, by label",
            histogram_frame(names, histogram),
        )


@st.cache_resource(max_entries=30, show_spinner="Drawing the curves ...", hash_funcs=KEYED)
def _curves(found: Comparison, rows: Slice) -> Curves:
    labels = found.data.test.labels[rows.mask]
    logits = [model.logits[0, rows.mask] for model in found.models]
    return (
        [roc_points(labels, one) for one in logits],
        [pr_points(labels, one) for one in logits],
        [calibration_curve(labels, one) for one in logits],
        [score_histogram(labels, one) for one in logits],
    )


@st.cache_resource(max_entries=30, show_spinner=False, hash_funcs=KEYED)
def _all_metrics(found: Comparison, rows: Slice) -> pd.DataFrame:
    labels = found.data.test.labels[rows.mask]
    return pd.DataFrame(
        [
            {
                "model": model.name,
                "seeds": len(model.seeds),
                **{
                    metric.label: float(
                        np.mean([metric.value(labels, seed[rows.mask]) for seed in model.logits])
                    )
                    for metric in METRICS.values()
                },
                PERFECT: float(
                    np.mean([perfect_calibration_error(seed[rows.mask]) for seed in model.logits])
                ),
            }
            for model in found.models
        ]
    )
