"""Cost beside quality, and serving beside the paper's Table 2."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from recsys_demo.evaluation.papers import WD_SERVING
from recsys_demo.studies.comparison.cost import cost_frame, serving_frame, serving_job
from recsys_demo.ui.chart_panel import files
from recsys_demo.ui.compare.choices import Control
from recsys_demo.ui.compare.measurements import Comparison
from recsys_demo.ui.jobs import job_result
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State

ASK = (
    "**Serving.** A worker times requests: one person's fields read, 50 to 200 candidates scored, "
    "the way the Recommend room does it."
)


def cost_section(state: State, found: Comparison, control: Control) -> None:
    """Two tables."""
    del state, control
    frame = cost_frame(found.models)
    shown = pd.DataFrame(
        {
            "": [plain(name) for name in frame["model"]],
            "parameters": [f"{n:,}" for n in frame["parameters"]],
            "non-zero wide weights": [f"{n:,}" for n in frame["non-zero wide weights"]],
            "training": [f"{s:.1f} s" for s in frame["training seconds"]],
            "to the best epoch": [f"{s:.1f} s" for s in frame["seconds to the best epoch"]],
            "rows per second": [f"{n:,.0f}" for n in frame["rows per second"]],
            "on disk": [f"{n / 1e6:.2f} MB" for n in frame["bytes on disk"]],
            "test AUC": [f"{auc:.4f}" for auc in frame["test AUC"]],
        }
    )
    st.table(shown, hide_index=True, border="horizontal")
    st.caption(
        "Means over the runs of each model, as measured while they trained: other work on this "
        "machine at the time slowed them. A run's folder holds weights, vocabularies, "
        "predictions, history and catalogue."
    )
    files("compare.cost", frame)
    _serving(found)


def _serving(found: Comparison) -> None:
    job = job_result(
        serving_job([model.runs[0] for model in found.models]), ASK, "Time the serving"
    )
    if job is None:
        return
    frame = serving_frame(job.of_type("timed"), found.models)
    columns = [f"{model.name}, ms" for model in found.models]
    shown = pd.DataFrame(
        {
            "candidates": [f"{n:,}" for n in frame["candidates"]],
            "threads x batch": [
                f"{threads} x {candidates // threads}"
                for threads, candidates in frame[["threads", "candidates"]].itertuples(index=False)
            ],
            **{plain(name): [_ms(value) for value in frame[name]] for name in columns},
            "W&D, Table 2": [_ms(value) for value in frame["W&D Table 2, ms"]],
        }
    )
    st.table(shown, hide_index=True, border="horizontal")
    result = job.result or {}
    st.caption(
        f"Median of {result['repeats']:,} requests of the first seed on this machine "
        f"({result['cores']} cores; a dash where there are fewer cores than threads). "
        f"{plain(WD_SERVING.source)}: other hardware, a far larger model, milliseconds of a live "
        "system. Only the direction can be compared: there, more threads with smaller batches "
        "were faster."
    )
    files("compare.serving", frame)


def _ms(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"
