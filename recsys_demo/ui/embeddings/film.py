"""Before and after, epoch by epoch: a training again, and where the vectors went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from recsys_demo.charts.embeddings import MapView, film_figure
from recsys_demo.config.run import RunConfig
from recsys_demo.jobs.store import JobSpec
from recsys_demo.studies.embeddings.snapshots import Film, film
from recsys_demo.studies.embeddings.tasks import FilmPayload, film_job, read_film
from recsys_demo.ui import jobs
from recsys_demo.ui.embeddings.choices import EmbeddingChoices
from recsys_demo.ui.embeddings.maps import TICK_SECONDS, PaneView, progress
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.frame import plain


def film_section(views: Sequence[PaneView], choices: EmbeddingChoices, color: str) -> None:
    """A film of one of the panes' trainings."""
    panes = {f"{v.pane.run.key}.{v.pane.table}": v for v in views}
    key = st.selectbox(
        "Training",
        list(panes),
        format_func=lambda k: panes[k].pane.label.removesuffix(", before training"),
        key="embeddings.film.of",
    )
    view = panes[key]
    spec = film_job(_payload(view.pane, view.vectors.field))
    job = jobs.view(spec.id)
    if job is not None and job.status.state == "done":
        _show(view, choices, color, str(jobs.lab_jobs().workers.store.path(spec.id)))
        return
    if job is not None and not job.status.has_ended:
        _waiting(spec.id)
        return
    if job is not None and job.status.message:
        st.warning(plain(job.status.message))
    st.markdown(
        "Trains this model once more with the same seed, which gives the same numbers, and keeps "
        "the vectors of every epoch."
    )
    st.button(
        "Film the training",
        type="primary",
        icon=":material/movie:",
        on_click=_begin,
        args=(spec,),
    )


def _begin(spec: JobSpec) -> None:
    jobs.start(spec)


def _payload(pane: Pane, field: str) -> FilmPayload:
    config = RunConfig.model_validate(pane.run.manifest.config)
    return FilmPayload(config=config, field=field, table=pane.table)


def _waiting(job_id: str) -> None:
    @st.fragment(run_every=jobs.pace(TICK_SECONDS), key=f"embeddings.film.{job_id}")
    def tick() -> None:
        job = jobs.view(job_id)
        if job is None or job.status.has_ended:
            st.rerun()
        progress(job, f"embeddings.cancel.{job_id}", "")

    tick()


@st.cache_resource(max_entries=6, show_spinner=False)
def _film(folder: str) -> Film:
    return film(read_film(Path(folder)))


def _show(view: PaneView, choices: EmbeddingChoices, color: str, folder: str) -> None:
    found = _film(folder)
    known = view.vectors.metadata
    figure = film_figure(
        MapView(
            view.vectors,
            found.places[-1],
            known.get(color, None),
            choices.sized,
        ),
        found,
    )
    st.plotly_chart(
        figure,
        key="embeddings.film.chart",
        config={"displaylogo": False},
        alt=f"Film of {len(view.vectors)} vectors over {len(found.epochs) - 1} epochs",
    )
    st.caption(
        "On the two main directions of the last epoch, which stay the same throughout: only the "
        "vectors move. Epoch 0 is the random start. Training may have kept an earlier epoch."
    )
