"""Before and after, epoch by epoch: a training again, and where the vectors went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from recsys_demo.charts.embedding_film import film_figure
from recsys_demo.charts.embeddings import MapView
from recsys_demo.studies.embeddings.snapshots import Film, film
from recsys_demo.studies.embeddings.tasks import FilmPayload, film_job, read_film
from recsys_demo.ui import jobs
from recsys_demo.ui.embeddings.choices import EmbeddingChoices
from recsys_demo.ui.embeddings.maps import PaneView
from recsys_demo.ui.embeddings.panes import Pane

ASK = (
    "Trains this model once more with the same seed, which gives the same numbers, and keeps the "
    "vectors of every epoch."
)


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
    if jobs.job_result(spec, ASK, "Film the training", icon=":material/movie:") is not None:
        _show(view, choices, color, str(jobs.lab_jobs().workers.store.path(spec.id)))


def _payload(pane: Pane, field: str) -> FilmPayload:
    config = pane.run.config
    return FilmPayload(config=config, field=field, table=pane.table)


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
