"""A run opened by a click on its dot: what it is, what it scored, where to go on."""

from __future__ import annotations

import statistics
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from recsys_demo.config.presets import PRESETS
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.ui import session
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.measurements import Comparison
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import dialog

_OPENED = "compare.opened"


def open_run(chart: str) -> None:
    """Callback of a chart whose points carry the keys of models."""
    event = st.session_state.get(chart)
    points = event["selection"]["points"] if event else []
    if points:
        st.session_state[_OPENED] = str(_first(points[0].get("customdata")))


def _first(data: object) -> object:
    """The custom data of a point, which arrives as a value, a list, or a dict of them."""
    if isinstance(data, dict):
        data = list(data.values())
    return data[0] if isinstance(data, list) and data else data


def run_dialog(found: Comparison) -> None:
    """Show the run that was clicked, once."""
    model = found.by_key.get(st.session_state.pop(_OPENED, ""))
    if model is not None:
        _dialog(model, {one.key: one.label for one in measurements.slices(found.data)})


@dialog("A model and its runs")
def _dialog(model: Contender, slices: Mapping[str, str]) -> None:
    st.markdown(f"#### {plain(model.name)}")
    preset = PRESETS.get(model.model)
    if preset is not None:
        st.caption(preset.summary)
        st.latex(preset.equation)
    st.dataframe(run_frame(model), hide_index=True, alt=f"Runs of {model.name}")
    st.markdown("**Test AUC on every slice, seed by seed**")
    st.dataframe(slices_frame(model, slices), hide_index=True, alt=f"Slices of {model.name}")
    with st.container(horizontal=True):
        session.room_link("train", "Its curves and settings", ":material/timeline:")


def run_frame(model: Contender) -> pd.DataFrame:
    """A row per seed: epochs, time, size."""
    return pd.DataFrame(
        [
            {
                "seed": run.manifest.seed,
                "best epoch": run.result["best_epoch"],
                "epochs": run.result["epochs"],
                "ended by": run.result["stopped"],
                "seconds": round(float(run.result["train_seconds"]), 2),
                "parameters": run.result["parameters"],
                "test AUC": run.result["test"]["auc"],
                "test log loss": run.result["test"]["logloss"],
            }
            for run in model.runs
        ]
    )


def slices_frame(model: Contender, names: Mapping[str, str]) -> pd.DataFrame:
    """A row per slice, a column per seed and their mean. `names` says what slices are called."""
    records = []
    for key, first in model.runs[0].result["test"]["slices"].items():
        of_seeds = {
            f"seed {run.manifest.seed}": run.result["test"]["slices"][key]["auc"]
            for run in model.runs
        }
        known = [value for value in of_seeds.values() if value is not None]
        mean = {"mean": statistics.fmean(known)} if len(known) > 1 else {}
        records.append({"slice": names.get(key, key), "rows": first["rows"], **of_seeds, **mean})
    return pd.DataFrame(records)
