"""The overcross demonstration: one cross too fine, trained before a person's eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from recsys_demo.charts import crosses as charts
from recsys_demo.jobs.overcross_task import OvercrossPayload, overcross_job
from recsys_demo.jobs.store import JobSpec
from recsys_demo.ui import datasets, jobs
from recsys_demo.ui.crosses.choices import PULLS, CrossesChoices
from recsys_demo.ui.glossary.hints import hint
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.state import State

Point = Mapping[str, Any]  # an event: model, epoch, train, held_out, parameters, used
_LAST = "crosses.overcross.last"  # what was trained before


def overcross_section(
    cross: str | None, state: State, choices: RoomChoices[CrossesChoices]
) -> None:
    """Train a linear model with and without this cross and show both parts' losses."""
    if cross is None:
        st.info("This log has fields on one side only, so no pair can be over-crossed.")
        return
    st.markdown(
        "A linear model is trained twice, without and with the cross "
        f"**{plain(cross)}**: of the user, the context and the item the field with the most "
        "values. Few of its combinations occur often enough to learn from. Watch both losses."
    )
    title = "L1 of the FTRL optimizer"
    st.select_slider(
        title,
        PULLS,
        help=hint(title, "0 keeps every combination."),
        **choices.bound("l1"),
    )
    split = state.split_for(datasets.schema_of(state).split is not None)
    payload = OvercrossPayload(data=state.data, split=split, cross=cross, l1=choices.now.l1)
    spec = overcross_job(payload)
    jobs.watched("crosses.overcross", lambda: _rate(spec), lambda: _losses(spec, payload))


def _rate(spec: JobSpec) -> float | None:
    job = jobs.view(spec.id)
    return None if job is None or job.status.has_ended else jobs.TICK_SECONDS


def _losses(spec: JobSpec, payload: OvercrossPayload) -> None:
    job = jobs.view(spec.id)
    if job is None or job.status.state in ("failed", "cancelled", "lost"):
        if job is not None:
            st.warning(plain(job.status.message or "It was cancelled."))
        jobs.start_button("Overcross it", "crosses.go", jobs.start, spec, type="secondary")
        _earlier(payload)
        return
    points = job.of_type("point")
    if not job.status.has_ended:
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.caption("Training in a worker ..." if points else "Waiting for a worker ...")
        with right:
            jobs.cancel_button(spec.id)
    if not points:
        return
    words = overcross_sentence(points)
    st.plotly_chart(charts.overcross(points), key="crosses.overcross", alt=words or "Two losses")
    if words and job.status.has_ended:
        st.markdown(plain(words))
        st.session_state[_LAST] = payload


def _earlier(payload: OvercrossPayload) -> None:
    """What the same cross did under another L1, until it is trained with this one."""
    last = st.session_state.get(_LAST)
    if not isinstance(last, OvercrossPayload) or last.model_copy(update={"l1": 0}) != (
        payload.model_copy(update={"l1": 0})
    ):
        return
    job = jobs.view(overcross_job(last).id)
    points = [] if job is None else job.of_type("point")
    if words := overcross_sentence(points):
        st.caption(f"Below: trained before, with L1 = {last.l1:g}.")
        st.plotly_chart(charts.overcross(points), key="crosses.overcross.earlier", alt=words)
        st.markdown(plain(words))


def overcross_sentence(points: Sequence[Point]) -> str:
    """What the last epochs say; empty until both models have one."""
    last = {point["model"]: point for point in points}
    if len(last) < 2:
        return ""
    without, crossed = last["without"], last["with"]
    used = ""
    if "used" in crossed and "used" in without:
        used = f", {crossed['used'] - without['used']:,} of them not zero,"
    return (
        f"With room for {crossed['parameters'] - without['parameters']:,} more weights{used} the "
        f"training loss goes from {without['train']:.3f} to {crossed['train']:.3f}, that of "
        f"held-out rows from {without['held_out']:.3f} to {crossed['held_out']:.3f}."
    )
