"""Worker jobs of the room: begun by a button, watched, told when they fail."""

from __future__ import annotations

import streamlit as st

from recsys_demo.errors import LabError
from recsys_demo.jobs.store import Command, JobSpec
from recsys_demo.jobs.watch import JobView
from recsys_demo.ui import jobs
from recsys_demo.ui.frame import plain, show_error

TICK_SECONDS = 0.7
_REFUSED = "compare.refused"


def finished(spec: JobSpec, ask: str, button: str) -> JobView | None:
    """The job if it is done. Else its progress, or what it would do (`ask`) and the button."""
    if error := st.session_state.pop(_REFUSED, None):
        show_error(error)
    job = jobs.view(spec.id)
    if job is not None and job.status.state == "done":
        return job
    if job is not None and not job.status.has_ended:
        _watch(spec.id)
        return None
    if job is not None and job.status.message:
        st.warning(plain(job.status.message), icon=":material/error:")
    st.markdown(ask)
    st.button(
        button,
        key=f"compare.begin.{spec.task}",
        type="primary",
        icon=":material/play_arrow:",
        on_click=_begin,
        args=(spec,),
    )
    return None


def _begin(spec: JobSpec) -> None:
    try:
        jobs.start(spec)
    except LabError as error:
        st.session_state[_REFUSED] = error


def _watch(job_id: str) -> None:
    @st.fragment(run_every=jobs.pace(TICK_SECONDS), key=f"compare.watch.{job_id}")
    def tick() -> None:
        job = jobs.view(job_id)
        if job is None or job.status.has_ended:
            st.rerun()
        steps = job.of_type("progress")
        fraction, text = 0.0, "waiting for a worker"
        if job.position:
            text = f"waiting behind {job.position}"
        elif steps:
            fraction, text = min(float(steps[-1]["fraction"]), 1.0), str(steps[-1]["message"])
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.progress(fraction, text)
        right.button(
            "Cancel",
            key=f"compare.cancel.{job_id}",
            on_click=jobs.command,
            args=(job_id, Command(command="cancel")),
        )

    tick()
