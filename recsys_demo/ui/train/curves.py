"""The live curves of the Train room, and the exact values behind them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from recsys_demo.charts.training import Curve, describe_curves, learning_curves
from recsys_demo.csv_export import to_csv
from recsys_demo.ui import engine, session
from recsys_demo.ui.engine import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.toolbar import rewound
from recsys_demo.ui.widgets import bound

SLICE_NAMES = {
    "all": "all rows",
    "never": "pairs never seen",
    "rare": "pairs seen 1-4 times",
    "medium": "pairs seen 5-19 times",
    "frequent": "pairs seen 20+ times",
    "exceptions": "planted exceptions",
    "held_out": "held-out pairs",
}
CHART = {"displayModeBar": False, "responsive": True}
SLICE = "train.slice"


def curve_controls(state: State) -> None:
    """Which rows the second chart is about."""
    keys = _offered(state)
    chosen = state.control(SLICE, "")
    memory = engine.memory_slice(engine.schema_of(state))[0]
    st.segmented_control(
        "AUC on",
        keys,
        format_func=SLICE_NAMES.__getitem__,
        required=True,
        **bound(
            "train.slice.widget",
            chosen if chosen in keys else memory,
            lambda key: session.set_control(SLICE, key),
        ),
    )


def _offered(state: State) -> list[str]:
    memory = engine.memory_slice(engine.schema_of(state))[0]
    return list(dict.fromkeys(["all", "never", memory, "rare", "frequent"]))


def curves(state: State, shown: Sequence[Training]) -> None:
    """Loss over all rows, and the AUC of the chosen rows, of every run shown."""
    keys = _offered(state)
    memory = engine.memory_slice(engine.schema_of(state))[0]
    chosen = state.control(SLICE, "")
    key = chosen if chosen in keys else memory
    loss = _curves(shown, "all", "logloss")
    auc = _curves(shown, key, "auc")
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Log loss**, all rows :small[(lower is better; dotted: training rows)]")
        st.plotly_chart(
            learning_curves(loss, "logloss"),
            key="train.loss",
            config=CHART,
            theme=None,
            alt=describe_curves(loss, "logloss"),
        )
    with right:
        st.markdown(f"**AUC**, {SLICE_NAMES[key]} :small[(0.5 is chance)]")
        st.plotly_chart(
            learning_curves(auc, "auc"),
            key="train.auc",
            config=CHART,
            theme=None,
            alt=describe_curves(auc, "auc"),
        )


def _curves(shown: Sequence[Training], key: str, metric: str) -> list[Curve]:
    several = len({training.config.seed for training in shown}) > 1
    found = []
    for training in shown:
        reports = epochs_of(training)
        name = "validation" + (f", seed {training.config.seed}" if several else "")
        result = training.job.result if training.job is not None else None
        best = result.get("best_epoch") if result is not None and reports else None
        epochs = [int(report["epoch"]) for report in reports]
        values = [_value(report["valid"].get(key), metric) for report in reports]
        found.append(Curve(training.model, name, epochs, values, best))
        if key == "all":
            trained = [_value(report["train"], metric) for report in reports]
            if any(math.isfinite(value) for value in trained):
                found.append(Curve(training.model, "training", epochs, trained, faint=True))
    return found


def epochs_of(training: Training) -> list[dict[str, Any]]:
    """The epochs told so far; none once a person has wound the run back."""
    if training.job is None or training.job_id in rewound():
        return []
    return training.job.of_type("epoch")


def _value(values: Mapping[str, Any] | None, metric: str) -> float:
    value = (values or {}).get(metric)
    return float(value) if isinstance(value, int | float) else math.nan


def exact_values(shown: Sequence[Training]) -> None:
    """Every epoch of every run as a table and a file."""
    rows = [
        {
            "model": training.model,
            "seed": training.config.seed,
            "epoch": report["epoch"],
            "train logloss": _value(report["train"], "logloss"),
            **{
                f"{name} {metric}": _value(values, metric)
                for name, values in report["valid"].items()
                for metric in ("logloss", "auc")
            },
            "rows/s": report["rows_per_second"],
        }
        for training in shown
        for report in epochs_of(training)
    ]
    if not rows:
        st.caption("No epoch has ended yet.")
        return
    frame = pd.DataFrame(rows)
    st.dataframe(frame, hide_index=True, height=260)
    st.download_button(
        "Curves as CSV",
        to_csv(frame),
        "curves.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
