"""The maps side by side, drawn at once or by a worker, and how far each can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from recsys_demo.charts.embeddings import MapView, map_figure
from recsys_demo.jobs.store import Command, JobSpec
from recsys_demo.studies.embeddings.alignment import Alignment
from recsys_demo.studies.embeddings.maps import Projection
from recsys_demo.studies.embeddings.quality import MapQuality, compared
from recsys_demo.studies.embeddings.settings import PcaSettings, ProjectionSettings
from recsys_demo.studies.embeddings.tasks import MapPayload, map_job
from recsys_demo.studies.embeddings.vectors import FieldVectors, Matrix
from recsys_demo.ui import jobs
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.chart_panel import clickable_chart
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.choices import EmbeddingChoices
from recsys_demo.ui.embeddings.controls import CHANGED
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.embeddings.selection import mark_from_chart, marked
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import guarded

PER_ROW = 2
_BEGUN = "embeddings.begun"


@dataclass(frozen=True, eq=False)
class PaneView:
    """A pane with what is drawn on it; `job` draws the map that was asked for, or would."""

    pane: Pane
    vectors: FieldVectors
    map: Projection
    settings: ProjectionSettings
    job: JobSpec | None = None
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


def pane_views(panes: Sequence[Pane], field: str, choices: EmbeddingChoices) -> list[PaneView]:
    """Every pane with its map, aligned on the first if that is chosen."""
    drawn = bool(st.session_state.get(CHANGED))
    found = [_mapped(pane, field, choices, drawn) for pane in panes]
    # Not before: a run that ends early, as something else is clicked, leaves it to the next one.
    st.session_state.pop(CHANGED, None)
    _cancel_stale([view.job for view in found if view.job is not None])
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


def _mapped(pane: Pane, field: str, choices: EmbeddingChoices, drawn: bool) -> PaneView:
    """The pane with its map, or with PCA in its place. A worker begins to draw it where a choice
    has just been made (`drawn`), never because a page was opened."""
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
    if job is None and drawn:
        guarded(_begin, _draw_key(spec))(spec)
    elif job is not None and job.status.state == "done":
        found = measurements.finished_map(str(jobs.lab_jobs().workers.store.path(spec.id)))
        return PaneView(pane, vectors, found, settings)
    # Until the map is there PCA stands in, so that there is something to look at.
    instead = PcaSettings(dimensions=settings.dimensions, metric=settings.metric)
    return PaneView(pane, vectors, measurements.pca(pane, field, instead), instead, spec)


def _aligned(first: PaneView, other: PaneView) -> PaneView:
    if first.places.shape[1] != other.places.shape[1]:
        return other
    turned = measurements.alignment(
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
    name = name_of(view.settings.kind)
    clickable_chart(
        figure,
        key,
        partial(mark_from_chart, key),
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
    st.caption(f"{quality.sentence()} {_against_pca(view, quality)}")
    told = []
    if view.alignment is not None:
        told.append(f"{1 - view.alignment.disparity:.0%} of the first map's shape is found here.")
    if view.map.explained is not None:
        told.append(f"The axes carry {sum(view.map.explained):.0%} of the vectors' spread.")
    with st.popover("How far this map can be trusted", icon=":material/verified:"):
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


def _against_pca(view: PaneView, quality: MapQuality) -> str:
    """Which map keeps more neighbours, where this is not PCA."""
    if view.settings.kind == "pca":
        return ""
    plain_map = PcaSettings(dimensions=view.settings.dimensions, metric=view.settings.metric)
    pca = measurements.pca(view.pane, view.vectors.field, plain_map).quality
    return "" if pca is None else compared(name_of(view.settings.kind), quality, pca)


def _begin(spec: JobSpec) -> None:
    """Have the map drawn. Raises InputError."""
    jobs.start(spec)
    st.session_state.setdefault(_BEGUN, []).append(spec.id)


def _cancel_stale(wanted: Sequence[JobSpec]) -> None:
    """End the drawing of maps that this tab began and does not show any more."""
    still = {spec.id for spec in wanted}
    begun: list[str] = st.session_state.get(_BEGUN, [])
    for job_id in begun:
        job = jobs.view(job_id)
        if job_id not in still and job is not None and not job.status.has_ended:
            jobs.command(job_id, Command(command="cancel"))
    st.session_state[_BEGUN] = [job_id for job_id in begun if job_id in still]


def _waiting(spec: JobSpec) -> None:
    """The button that has the map drawn, progress, and what went wrong; the page is drawn again
    when the map is there."""

    def rate() -> float | None:
        job = jobs.view(spec.id)
        return None if job is None or job.status.has_ended else jobs.TICK_SECONDS

    def draw() -> None:
        job = jobs.view(spec.id)
        if job is None or job.status.has_ended:
            _offer(spec, "" if job is None else job.status.message)
        else:
            jobs.progress_bar(job, "PCA is shown meanwhile")

    jobs.watched(f"embeddings.wait.{spec.id}", rate, draw)


def _offer(spec: JobSpec, message: str) -> None:
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.caption((plain(message) + " " if message else "") + "This is PCA.")
    name = name_of(spec.payload["settings"]["kind"])
    with right:
        jobs.start_button(
            f"Draw with {name}",
            _draw_key(spec),
            _begin,
            spec,
            type="secondary",
            help="A worker draws it; UMAP takes half a minute the first time",
        )


def _draw_key(spec: JobSpec) -> str:
    return f"embeddings.draw.{spec.id}"


def name_of(kind: str) -> str:
    """What a projection is called."""
    return kind.upper().replace("TSNE", "t-SNE")
