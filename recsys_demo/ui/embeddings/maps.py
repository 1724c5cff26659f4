"""The maps side by side, drawn at once or by a worker, and how far each can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from recsys_demo.charts.embeddings import MapView, map_figure
from recsys_demo.jobs.store import Command
from recsys_demo.jobs.watch import JobView
from recsys_demo.studies.embeddings.alignment import Alignment
from recsys_demo.studies.embeddings.maps import Projected
from recsys_demo.studies.embeddings.settings import PcaSettings, ProjectionSettings
from recsys_demo.studies.embeddings.tasks import MapPayload, map_job
from recsys_demo.studies.embeddings.vectors import FieldVectors, Matrix
from recsys_demo.ui import jobs
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.choices import EmbeddingChoices
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.embeddings.selection import mark_from_chart, marked
from recsys_demo.ui.frame import plain

TICK_SECONDS = 0.5
PER_ROW = 2


@dataclass(frozen=True, eq=False)
class PaneView:
    """A pane with what is drawn on it; `job` is still drawing the map that was asked for."""

    pane: Pane
    vectors: FieldVectors
    map: Projected
    settings: ProjectionSettings
    job: str | None = None
    alignment: Alignment | None = None
    target: str = ""  # the pane it is aligned on

    @property
    def key(self) -> tuple[str, ...]:
        """Tells it from every other map."""
        pane = self.pane
        settings = self.settings.model_dump_json()
        return (pane.key, pane.run.checksum, self.vectors.field, settings, self.target)

    @property
    def places(self) -> Matrix:
        """Where the points are drawn."""
        return self.map.places if self.alignment is None else self.alignment.places


def shown(panes: Sequence[Pane], field: str, choices: EmbeddingChoices) -> list[PaneView]:
    """Every pane with its map, aligned on the first if that is chosen."""
    found = [_mapped(pane, field, choices) for pane in panes]
    if not choices.aligned:
        return found
    first = found[0]
    return [first, *(_aligned(first, other) for other in found[1:])]


def draw(views: Sequence[PaneView], choices: EmbeddingChoices, color: str) -> None:
    """The maps, two in a row."""
    for start in range(0, len(views), PER_ROW):
        row = views[start : start + PER_ROW]
        for column, view in zip(st.columns(len(row)), row, strict=True):
            with column:
                _pane(view, choices, color)


def _mapped(pane: Pane, field: str, choices: EmbeddingChoices) -> PaneView:
    vectors = measurements.vectors(pane, field, choices.truth)
    settings = choices.settings
    if settings.kind == "pca":
        return PaneView(pane, vectors, measurements.pca(pane, field, settings), settings)
    spec = map_job(
        MapPayload(
            run=str(pane.run.folder),
            checksum=pane.run.checksum,
            field=field,
            table=pane.table,
            start=pane.start,
            settings=settings,
        )
    )
    job = jobs.view(spec.id)
    if job is None:
        jobs.start(spec)
    elif job.status.state == "done":
        found = measurements.finished_map(str(jobs.lab_jobs().workers.store.path(spec.id)))
        return PaneView(pane, vectors, found, settings)
    # Until the map is there PCA stands in, so that there is something to look at.
    instead = PcaSettings(dimensions=settings.dimensions, metric=settings.metric)
    return PaneView(pane, vectors, measurements.pca(pane, field, instead), instead, spec.id)


def _aligned(first: PaneView, other: PaneView) -> PaneView:
    if first.places.shape[1] != other.places.shape[1]:
        return other
    turned = measurements.aligned(
        (first.key, other.key), first.vectors, first.map, other.vectors, other.map
    )
    return replace(other, alignment=turned, target=repr(first.key))


def _pane(view: PaneView, choices: EmbeddingChoices, color: str) -> None:
    st.markdown(f"**{plain(view.pane.label)}**")
    key = f"embeddings.map.{view.pane.key}.{view.settings.dimensions}"
    figure = cached_figure(
        ("embeddings.map", view.key, color, choices.sized, marked(), choices.named),
        lambda: map_figure(
            MapView(
                view.vectors,
                view.places,
                view.vectors.metadata.get(color, None),
                choices.sized,
                measurements.known_rows(view.vectors, marked()),
                choices.named,
            )
        ),
    )
    name = view.settings.kind.upper().replace("TSNE", "t-SNE")
    st.plotly_chart(
        figure,
        key=key,
        on_select=lambda: mark_from_chart(key),
        selection_mode=("box", "lasso", "points"),
        config={"displaylogo": False, "toImageButtonOptions": {"filename": view.pane.key}},
        alt=f"{name} map of {len(view.vectors)} values of {view.vectors.field}, {view.pane.label}",
    )
    if view.job is not None:
        _waiting(view.job)
    else:
        _trust(view)


def _trust(view: PaneView) -> None:
    quality = view.map.quality
    if quality is None:
        st.caption("Too few values to say how far this map can be trusted.")
        return
    st.caption(quality.sentence())
    told = []
    if view.alignment is not None:
        told.append(f"{1 - view.alignment.disparity:.0%} of the first map's shape is found here.")
    if view.map.explained is not None:
        told.append(f"The axes carry {sum(view.map.explained):.0%} of the vectors' spread.")
    with st.popover("How far to trust this map", icon=":material/verified:"):
        st.markdown(
            "\n".join(
                [
                    f"- **trustworthiness {quality.trustworthiness}**: near on the map means near "
                    "in truth",
                    f"- **continuity {quality.continuity}**: near in truth means near on the map",
                    f"- **kept {quality.kept}**: share of the {quality.k} nearest that are the "
                    "same",
                ]
            )
        )
        st.caption(
            f"From 0 to 1, with 95 % intervals; {quality.looked_at:,} of {quality.points:,} points "
            f"looked at, near by {view.settings.metric}. " + " ".join(told)
        )


def _waiting(job_id: str) -> None:
    """Progress, and what went wrong; the page is drawn again when the map is there."""

    @st.fragment(run_every=jobs.pace(TICK_SECONDS), key=f"embeddings.wait.{job_id}")
    def tick() -> None:
        job = jobs.view(job_id)
        if job is None or (job.status.has_ended and job.status.state != "done"):
            _ended(job_id, "" if job is None else job.status.message)
            return
        if job.status.state == "done":
            st.rerun()
        progress(job, f"embeddings.cancel.{job_id}", "PCA stands in meanwhile")

    tick()


def progress(job: JobView, key: str, meanwhile: str) -> None:
    """How far a job is, and a way to end it."""
    steps = job.of_type("progress")
    fraction, text = 0.0, "waiting for a worker"
    if job.position:
        text = f"{job.position} jobs go before"
    elif steps:
        fraction, text = min(float(steps[-1]["fraction"]), 1.0), str(steps[-1]["message"])
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.progress(fraction, f"{text}; {meanwhile}" if meanwhile else text)
    cancel = Command(command="cancel")
    right.button("Cancel", key=key, on_click=jobs.command, args=(job.id, cancel))


def _ended(job_id: str, message: str) -> None:
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.warning(plain(message or "The map was not drawn.") + " This is PCA.")
    forget = jobs.lab_jobs().workers.store.forget
    if right.button(
        "Draw again", key=f"embeddings.again.{job_id}", on_click=forget, args=(job_id,)
    ):
        st.rerun()
