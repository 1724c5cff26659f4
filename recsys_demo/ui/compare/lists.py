"""Whole lists: how good, how varied, how far from the beaten path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from recsys_demo.evaluation.intervals import Interval
from recsys_demo.jobs.store import JobSpec
from recsys_demo.jobs.watch import JobView
from recsys_demo.studies.comparison.list_job import ModelLists, lists_job, read_lists
from recsys_demo.studies.comparison.list_rows import ListRow, list_frame, list_rows
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.ui import jobs, session
from recsys_demo.ui.chart_panel import files
from recsys_demo.ui.compare.choices import MOST_PLACES, Control
from recsys_demo.ui.compare.measurements import Comparison
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State

ASK = (
    "A worker lets every model rank the whole catalogue for a sample of the test rows' queries. "
    "AUC judges rows that the log chose to show; a list is what a person would see."
)


def lists_section(state: State, found: Comparison, control: Control) -> None:
    """The table of list metrics at k."""
    del state
    _places(control)
    made = lists_of_models(found, control)
    if made is None:
        return
    job, content = made
    rows = list_rows(found.models, content, control.now.k)
    _table(rows, found.models, content.sample.planted)
    result = job.result or {}
    st.caption(_caption(content, int(result["queries"]), int(result["items"])))
    files("compare.lists", list_frame(rows, found.models, control.now.k))


def _places(control: Control) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider("Places in a list (k)", 1, MOST_PLACES, width=260, **control.bound("k"))
        st.number_input(
            "Queries",
            min_value=20,
            max_value=2_000,
            step=50,
            width=130,
            help="Sampled from the test rows; fewer are taken where the catalogue is large",
            **control.bound("queries"),
        )


def lists_of_models(found: Comparison, control: Control) -> tuple[JobView, ModelLists] | None:
    """The lists of every run, once a worker has made them; else progress or the button."""
    job = jobs.job_result(lists_spec(found, control), ASK, "Make the lists")
    if job is None:
        return None
    return job, _lists(str(jobs.lab_jobs().workers.store.path(job.id)))


def lists_spec(found: Comparison, control: Control) -> JobSpec:
    """The job that makes the lists of every run."""
    runs = [run for model in found.models for run in model.runs]
    return lists_job(runs, control.now.queries)


@st.cache_resource(max_entries=6, show_spinner=False)
def _lists(folder: str) -> ModelLists:
    return read_lists(Path(folder))


def _table(rows: Sequence[ListRow], models: Sequence[Contender], planted: bool) -> None:
    frame = pd.DataFrame(
        [
            {
                "": plain(row.metric.label),
                **{plain(model.name): _cell(row.values[model.key]) for model in models},
                **_of_truth(row),
            }
            for row in rows
        ]
    )
    st.table(frame, hide_index=True, border="horizontal")
    with st.popover("What these mean", type="tertiary", icon=":material/help:"):
        told = [f"- **{plain(row.metric.label)}**: {plain(row.metric.help)}" for row in rows]
        st.markdown("\n".join(told))
    if not planted:
        st.info(
            "Precision, recall, NDCG, MAP and hit rate count only what the test rows happen to "
            "hold: an app that the log never showed counts as a miss, so all of them are too low. "
            "Exact ones need the truth, which only the planted sample set has. Coverage, novelty "
            "and diversity need none.",
            icon=":material/info:",
        )


def _of_truth(row: ListRow) -> dict[str, str]:
    """A cell for the planted truth's own lists, unless a lesson hides it."""
    if row.truth is None or session.hidden("truth"):
        return {}
    return {"the truth's lists": f"{row.truth:.3f}"}


def _cell(found: Interval | None) -> str:
    if found is None:
        return "–"
    half = found.half_width
    return f"{found.value:.3f}" + ("" if math.isnan(half) else f" ± {half:.3f}")


def _caption(content: ModelLists, queries: int, items: int) -> str:
    text = f"{queries:,} queries, {items:,} items ranked for each; "
    text += "apps a person has are left out. " if content.sample.excluded.any() else ""
    text += (
        "± is half of the 95 % interval, which combines sampling error over queries and, with "
        "several seeds, seed-to-seed spread. "
    )
    if content.sample.planted:
        text += "Relevance is the planted true probability of an install. "
    if content.sample.catalogue.vectors is not None:
        text += "Vectors come from who took an item in training rows, not from a model. "
    return text + "The upper five measure how relevant a list is, the lower ones how varied."
