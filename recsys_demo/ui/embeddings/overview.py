"""The room's first view: one model before and after its training, and the training as a film."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys_demo.charts.embedding_overview import names_on, overview_figure
from recsys_demo.jobs.store import JobSpec
from recsys_demo.studies.embeddings.overview import LIT, Overview, between, lit, sentence
from recsys_demo.studies.embeddings.snapshots import Snapshot
from recsys_demo.studies.embeddings.tasks import FilmPayload, film_job, read_film
from recsys_demo.studies.embeddings.vectors import Matrix, positions
from recsys_demo.ui import jobs, session
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.controls import Control
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.finding import finding
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.model_chips import model_chips

FRAME_SECONDS = 0.5
PROJECTED_HEIGHT = 350  # above it larger letters take more room
_PLAYED = "embeddings.played"


@dataclass(frozen=True)
class Played:
    """A film that was asked for; `since` is when its first picture was shown."""

    job_id: str
    since: float | None = None


def at_a_glance(
    offered: Sequence[Pane], control: Control, said: DeltaGenerator, row: DeltaGenerator
) -> None:
    """What the chosen model has learned, in one sentence, where that is to be said, and two maps;
    its controls stand in a row."""
    trained = [pane for pane in offered if not pane.start]
    pane = next((p for p in trained if p.key == control.now.model), trained[0])
    found, words = _found(pane)
    spec = film_job(_payload(pane, found))
    with row:
        if len(trained) > 1:
            model_choice(trained, pane, control, "glance")
        jobs.start_button(
            "Play the training",
            "embeddings.play",
            _play,
            spec,
            disabled=_played(spec) is not None,
            help="Trains it once more with the same seed, which gives the same numbers, and shows "
            "where every epoch has moved the vectors.",
        )
    with said:
        finding(plain(sentence(found, pane.label, *words)))
    before, after = st.container(key="embeddings_first").columns(2)
    with before:
        st.markdown("**Before training**")
        _draw(pane, found, None, found.before, "before")
    with after:
        _after(pane, found, spec)
    _told(found)


def _found(pane: Pane) -> tuple[Overview, tuple[str, str]]:
    """The overview of a model, and what to call its attribute and a value of its field."""
    found = measurements.overview(pane, planted=not session.hidden("truth"))
    schema = measurements.stored_run(pane.run).encoder.fields.schema
    attribute = found.attribute.replace("planted segment", "planted taste")
    item, name = schema.item or "item", found.field.field
    is_item = len(found.field.metadata.columns) > 2 and name != item  # known by the catalogue
    noun = item if name == item else f"{name} {item}" if is_item else f"value of {name}"
    return found, (attribute, noun)


def model_choice(trained: Sequence[Pane], pane: Pane, control: Control, view: str) -> None:
    """Whose vectors this view shows."""
    labels = {p.key: p.label for p in trained}
    model_chips("embeddings.model", [p.run.manifest.model.name for p in trained])
    st.segmented_control(
        "Model",
        list(labels),
        format_func=lambda key: labels[key],
        required=True,
        label_visibility="collapsed",
        **control.bound("model", pane.key, lambda key: control.update(model=key, view=view)),
    )


def _after(pane: Pane, found: Overview, spec: JobSpec) -> None:
    """The map after training; while the film plays, after one epoch after the other."""

    def rate() -> float | None:
        return FRAME_SECONDS if _played(spec) is not None else None

    def draw() -> None:
        snapshot = _snapshot(spec)
        if snapshot is None:
            st.markdown("**After training**")
            _draw(pane, found, None, found.after, "after")
            return
        st.markdown(f"**After epoch {snapshot.epoch}**")
        rows = positions(measurements.vectors(pane, found.field.field, False), found.field.values)
        places = found.on_axes(snapshot.vectors[rows])
        _draw(pane, found, snapshot.epoch, places, "after")

    jobs.watched("embeddings.after", rate, draw)
    job = jobs.view(spec.id)
    if _played(spec) is not None and job is not None and not job.status.has_ended:
        jobs.watched_jobs("embeddings.film", [spec.id], lambda at: jobs.progress_bar(at[0]))
    elif job is not None and job.status.has_ended and job.status.message:
        st.warning(plain(job.status.message), icon=":material/error:")


def _draw(pane: Pane, found: Overview, epoch: int | None, places: Matrix, when: str) -> None:
    projector = session.current().projector
    is_last = when == "after" and epoch is None

    def build() -> go.Figure:
        middle = between(found)
        also = [] if middle is None else [middle[0]]
        named = names_on(found, also, projector) if is_last else []
        figure = overview_figure(found, places, named, lit(found))
        return figure.update_layout(height=PROJECTED_HEIGHT) if projector else figure

    key = (pane.key, pane.run.checksum, found.field.field, found.attribute, when, epoch, projector)
    st.plotly_chart(
        cached_figure(("embeddings.glance", key), build),
        key=f"embeddings.first.{when}",
        config={"displaylogo": False, "displayModeBar": False},
        alt=f"Map of {len(found.field)} vectors of {found.field.field}, {pane.label}, {when} "
        "training",
    )


def _told(found: Overview) -> None:
    """What else to notice, and what the picture cannot say."""
    one = plain(found.field.names[lit(found)[0]])
    told = [
        f"Ringed and joined on both maps: **{one}** and its {LIT} nearest in the trained vectors. "
        "Larger dots: more training rows."
    ]
    middle = between(found)
    if middle is not None:
        row, first, second = middle
        told.append(f"**{plain(found.field.names[row])}** lies between {first} and {second}.")
    if found.quality is not None:
        told.append(found.quality.sentence())
    if "planted" in found.attribute:
        told.append("The tastes are planted: no model was told of them.")
    st.caption(" ".join(told))


def _payload(pane: Pane, found: Overview) -> FilmPayload:
    return FilmPayload(config=pane.run.config, field=found.field.field, table=pane.table)


def _play(spec: JobSpec) -> None:
    """Have the film made, or show it again. Raises InputError."""
    job = jobs.view(spec.id)
    if job is None or job.status.state != "done":
        jobs.start(spec)
    st.session_state[_PLAYED] = Played(spec.id)


def _played(spec: JobSpec) -> Played | None:
    """The film, if it was asked for in this tab and has neither run to its end nor failed."""
    kept = st.session_state.get(_PLAYED)
    if not isinstance(kept, Played) or kept.job_id != spec.id:
        return None
    job = jobs.view(spec.id)
    failed = job is None or (job.status.has_ended and job.status.state != "done")
    over = kept.since is not None and time.monotonic() > kept.since + _seconds(spec)
    return None if failed or over else kept


def _seconds(spec: JobSpec) -> float:
    return FRAME_SECONDS * len(_snapshots(str(_folder(spec))))


def _snapshot(spec: JobSpec) -> Snapshot | None:
    """The epoch to be shown now, None outside of the film."""
    kept, job = _played(spec), jobs.view(spec.id)
    if kept is None or job is None or job.status.state != "done":
        return None
    if kept.since is None:
        kept = Played(kept.job_id, time.monotonic())
        st.session_state[_PLAYED] = kept
    assert kept.since is not None
    epochs = _snapshots(str(_folder(spec)))
    at = int((time.monotonic() - kept.since) / FRAME_SECONDS)
    return epochs[min(at, len(epochs) - 1)]


@st.cache_resource(max_entries=6, show_spinner=False)
def _snapshots(folder: str) -> list[Snapshot]:
    return read_film(Path(folder))


def _folder(spec: JobSpec) -> Path:
    return jobs.lab_jobs().workers.store.path(spec.id)
