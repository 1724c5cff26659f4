"""The Start page: one button, four models, the map that fills."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.charts.tradeoff import Dot, describe_map, tradeoff_map
from recsys_demo.errors import LabError
from recsys_demo.ui import engine
from recsys_demo.ui.engine import Training
from recsys_demo.ui.frame import show_error
from recsys_demo.ui.state import State
from recsys_demo.ui.trail import trail


def intro(state: State) -> None:
    """What this is, in one screen's first lines, and the one button."""
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.markdown(
        "People see an app and install it or not. A **wide** model remembers which pairs went "
        "together; a **deep** one places apps in a space and guesses pairs it never saw. "
        "Train four models on the same log and see which did what."
    )
    right.button(
        "Train the four models",
        key="start.train",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        on_click=_begin,
        args=(state,),
    )


def _begin(state: State) -> None:
    try:
        engine.start_all(engine.trainings(state))
    except LabError as error:
        st.session_state["start.error"] = error


def results(state: State) -> None:
    """Map and table; redrawn twice a second while something trains."""
    if error := st.session_state.pop("start.error", None):
        show_error(error)
    busy = any(training.is_busy for training in engine.trainings(state))
    st.fragment(_results, run_every=0.6 if busy else None)(state, busy)


def _results(state: State, was_busy: bool) -> None:
    wanted = engine.trainings(state)
    if was_busy and not any(training.is_busy for training in wanted):
        st.rerun()  # the last tick: stop ticking
    key, name = engine.memory_slice(engine.schema_of(state))
    dots = [dot for t in wanted if (dot := _dot(t, key)) is not None]
    truth = engine.truth_auc(state)
    ceiling = (truth["never"], truth[key]) if truth is not None else None
    left, right = st.columns([3, 2], gap="medium")
    with left:
        figure = tradeoff_map(
            dots,
            engine.X_TITLE,
            engine.memory_title(name),
            trail=trail(engine.dataset(state).fingerprint, [t.job_id for t in wanted], dots),
            ceiling=ceiling,
        )
        st.plotly_chart(
            figure, key="start.map", config=_CHART, alt=describe_map(dots, ceiling), theme=None
        )
    with right:
        _table(wanted, key)
        _verdict(wanted, key)


_CHART = {"displayModeBar": False, "responsive": True}


def _dot(training: Training, memory: str) -> Dot | None:
    """The test result of a finished run, else its last validation result."""
    if training.job is None:
        return None
    if (result := training.job.result) is not None:
        x = engine.slice_value(result["test"], "never")
        y = engine.slice_value(result["test"], memory)
        return Dot(training.model, x, y, note="test rows", key=training.job_id)
    reports = training.job.of_type("epoch")
    if not reports:
        return None
    valid = reports[-1]["valid"]
    x, y = (_number(valid.get(key, {}).get("auc")) for key in ("never", memory))
    note = f"validation rows, epoch {reports[-1]['epoch']}"
    return Dot(training.model, x, y, note=note, key=training.job_id)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _table(wanted: Sequence[Training], memory: str) -> None:
    rows = []
    for training in wanted:
        result = training.job.result if training.job is not None else None
        test = result["test"] if result is not None else None
        rows.append(
            {
                "model": label(training.model),
                "all rows": _shown(engine.slice_value(test, "all")),
                "memorize": _shown(engine.slice_value(test, memory)),
                "never seen": _shown(engine.slice_value(test, "never")),
                "training": _progress(training),
            }
        )
    st.table(rows, hide_index=True, border="horizontal")


def _shown(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"


def _progress(training: Training) -> str:
    job = training.job
    if job is None:
        return "not yet"
    if job.status.state == "done" and job.result is not None:
        return f"{job.result['train_seconds']:.1f} s"
    if job.status.state == "queued":
        return "waiting" if not job.position else f"waiting behind {job.position}"
    if job.status.has_ended:
        return job.status.state
    reports = job.of_type("epoch")
    return f"epoch {reports[-1]['epoch'] + 1} ..." if reports else "starting ..."


def _verdict(wanted: Sequence[Training], memory: str) -> None:
    """What came out, from the numbers of these runs; a single seed is said to be one."""
    done = {t.model: t.job.result["test"] for t in wanted if t.job and t.job.result}
    if not done:
        st.info(
            "The table fills in a few seconds after you press the button. The AUC says how often "
            "an installed app is ranked above one that was not: 0.5 is chance, 1 is perfect.",
            icon=":material/touch_app:",
        )
        return
    if len(done) < len(wanted):
        return
    lines = []
    for key, told in (
        (memory, "memorizes best"),
        ("never", "generalizes best"),
        ("all", "is best overall"),
    ):
        values = {m: engine.slice_value(test, key) for m, test in done.items()}
        values = {m: v for m, v in values.items() if math.isfinite(v)}
        if values:
            best = max(values, key=lambda m: values[m])
            lines.append(f"- **{label(best)}** {told}: AUC {values[best]:.3f}")
    st.markdown("\n".join(lines))
    st.caption(
        "One training each, on one seed. *Compare* trains several and says what is noise. "
        "The sample log is planted: its exceptions are there on purpose."
        if memory == "exceptions"
        else "One training each, on one seed. *Compare* trains several and says what is noise."
    )
