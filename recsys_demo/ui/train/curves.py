"""The live curves of the Train room, and the exact values behind them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from recsys_demo.charts.training import Curve, describe_curves, learning_curves
from recsys_demo.csv_export import to_csv
from recsys_demo.ui import datasets
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.glossary.hints import hint
from recsys_demo.ui.live.travel_map import travel_map
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.choices import choices
from recsys_demo.ui.train.replay import as_shown, events, is_rewound, result
from recsys_demo.ui.train.runs import full_name, name_of

SLICE_NAMES = {
    "all": "all rows",
    "never": "pairs never seen",
    "exceptions": "planted exceptions",
    "rare": "pairs seen 1-4 times",
    "medium": "pairs seen 5-19 times",
    "frequent": "pairs seen 20+ times",
}
CHART = {"displayModeBar": False, "responsive": True}
HEIGHT = 220
# A curve of more points looks the same.
MOST_POINTS = 300


def offered_slices(state: State) -> list[str]:
    """The slices there are for the state's data."""
    planted = datasets.schema_of(state).truth is not None
    return [key for key in SLICE_NAMES if planted or key != "exceptions"]


def chosen_slices(state: State) -> list[str]:
    """The slices whose AUC is drawn: chosen, else all rows and the two that tell models apart."""
    offered = offered_slices(state)
    kept = [key for key in choices(state).now.slices if key in offered]
    return kept or ["all", datasets.memory_slice(state)[0], "never"]


def slice_choice(state: State) -> None:
    """Which rows the AUC is drawn for."""
    st.multiselect(
        "AUC is drawn for",
        offered_slices(state),
        format_func=SLICE_NAMES.__getitem__,
        max_selections=4,
        **choices(state).bound("slices", chosen_slices(state)),
    )


def curves(state: State, shown: Sequence[Training], pins: int) -> None:
    """Loss over all rows, and the AUC of the chosen slices, of every run shown; the last `pins` of
    them are pinned ones."""
    # What the finding speaks of comes first.
    first, *others = ((key, "auc") for key in chosen_slices(state))
    charts = [first, ("all", "logloss"), *others]
    left, right = st.columns(2, gap="medium")
    with left:
        wanted = [as_shown(training) for training in shown[: len(shown) - pins]]
        travel_map(state, wanted, "train.map", height=None)
        st.caption("A place for every epoch, on validation rows; the last on test rows.")
    with right:
        for key, metric in charts[:2]:
            _chart(state, shown, pins, key, metric)
    for start in range(2, len(charts), 2):
        for column, (key, metric) in zip(
            st.columns(2, gap="medium"), charts[start : start + 2], strict=False
        ):
            with column:
                _chart(state, shown, pins, key, metric)


def _chart(state: State, shown: Sequence[Training], pins: int, key: str, metric: str) -> None:
    if metric == "logloss":
        st.markdown(
            "**Log loss**, all rows :small[· lower is better · thin: training rows]",
            help=hint("log loss ring"),
        )
    else:
        thin = " · thin: training rows" if key == "all" else ""
        st.markdown(
            f"**AUC**, {SLICE_NAMES[key]} :small[· 0.5 is chance{thin}]",
            help=hint(f"AUC chance {SLICE_NAMES[key]}"),
        )
    drawn = _curves(state, shown, pins, key, metric)
    moving = [t.config.training.epochs for t in shown if t.is_busy or is_rewound(t)]
    most = max(moving, default=None)
    values = [value for curve in drawn for value in curve.values]
    if values and not any(map(math.isfinite, values)):
        st.caption("No validation row is of this kind, or none of one label: see the test AUC.")
        return
    st.plotly_chart(
        # A page that ticks asks twice a second for the same curves.
        cached_figure(
            ("train.curves", metric, drawn, most),
            lambda: learning_curves(drawn, metric, HEIGHT, most),
        ),
        key=f"train.chart.{metric}.{key}",
        config=CHART,
        theme=None,
        alt=describe_curves(drawn, metric),
    )


def _curves(
    state: State, shown: Sequence[Training], pins: int, key: str, metric: str
) -> list[Curve]:
    several = len({training.config.seed for training in shown}) > 1
    found = []
    for place, training in enumerate(shown):
        reports = events(training, "epoch")
        ended = result(training)
        name = full_name(training, state) if several else name_of(training, state)
        is_pin = place >= len(shown) - pins
        epochs = [float(report["epoch"]) for report in reports]
        values = [_value(report["valid"].get(key), metric) for report in reports]
        best = ended["best_epoch"] if ended is not None else None
        found.append(Curve(training.model, name, epochs, values, best, is_pin=is_pin))
        if key == "all":
            x, y = _training_points(training, reports, metric)
            found.append(Curve(training.model, name, x, y, is_training=True, is_pin=is_pin))
    return found


def _training_points(
    training: Training, reports: Sequence[Mapping[str, Any]], metric: str
) -> tuple[list[float], list[float]]:
    """The training rows' metric: within an epoch for the loss, once an epoch for the AUC."""
    steps = events(training, "progress") if metric == "logloss" else []
    every = max(1, -(-len(steps) // MOST_POINTS))
    if steps:
        shown = [*steps[::-1][::every]][::-1]  # the newest point is always there
        return [e["step"] / e["steps_per_epoch"] for e in shown], [e["loss"] for e in shown]
    return [float(report["epoch"]) for report in reports], [
        _value(report["train"], metric) for report in reports
    ]


def _value(values: Mapping[str, Any] | None, metric: str) -> float:
    value = (values or {}).get(metric)
    return float(value) if isinstance(value, int | float) else math.nan


def exact_values(state: State, shown: Sequence[Training]) -> None:
    """Every epoch of every run as a table and a file."""
    rows = [
        {
            "run": name_of(training, state),
            "seed": training.config.seed,
            "epoch": report["epoch"],
            "train logloss": _value(report["train"], "logloss"),
            "train auc": _value(report["train"], "auc"),
            **{
                f"{name} {metric}": _value(values, metric)
                for name, values in report["valid"].items()
                for metric in ("logloss", "auc")
            },
            "rows/s": report["rows_per_second"],
        }
        for training in shown
        for report in events(training, "epoch")
    ]
    if not rows:
        st.caption("No epoch has ended yet: press Play.")
        return
    frame = pd.DataFrame(rows)
    st.dataframe(frame, hide_index=True, height=260)
    st.download_button(
        "Curves as CSV",
        lambda: to_csv(frame),
        "curves.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
