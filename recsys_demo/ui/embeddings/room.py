"""The Embeddings room from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys_demo.charts.embedding_overview import empty_figure
from recsys_demo.charts.theme import label
from recsys_demo.studies.embeddings.quality import maps_finding
from recsys_demo.studies.embeddings.vectors import NORM, SUPPORT, FieldVectors
from recsys_demo.ui import jobs, models, session
from recsys_demo.ui.embeddings import controls, maps, measurements, selection
from recsys_demo.ui.embeddings.axes import axes
from recsys_demo.ui.embeddings.choices import EmbeddingChoices
from recsys_demo.ui.embeddings.controls import NO_COLOR, Control
from recsys_demo.ui.embeddings.exports import exports
from recsys_demo.ui.embeddings.film import film_section
from recsys_demo.ui.embeddings.lift import lift_section
from recsys_demo.ui.embeddings.maps import PaneView
from recsys_demo.ui.embeddings.neighbours import neighbours
from recsys_demo.ui.embeddings.overview import at_a_glance
from recsys_demo.ui.embeddings.panes import Pane, embedding_runs, panes_of, proposal
from recsys_demo.ui.embeddings.probes import probe_section
from recsys_demo.ui.embeddings.two_fields import two_fields_view
from recsys_demo.ui.finding import finding
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.models import Training
from recsys_demo.ui.room_choices import content_of
from recsys_demo.ui.state import State

VIEWS = {"glance": "At a glance", "pair": "Two fields", "more": "More maps and measures"}
TABS = ("Marked", "Neighbours", "Probes", "Understood?", "Film", "Custom axis", "Export")


def embeddings_room(state: State) -> None:
    """Maps of what the state's runs, and the pinned ones, have learned."""
    every = models.trainings(state)
    wanted = [t for t in every if t.config.model.vector_readers]
    runs = embedding_runs(wanted, state.pinned)
    busy = [training for training in wanted if training.is_busy]
    if busy:
        models.watched_trainings("embeddings.training", busy)
    if not runs:
        if not busy:
            _nothing(wanted)
        return
    if models.show_ended(wanted):
        _train_button(wanted)
    _views(panes_of(runs), controls.chosen(state))
    _left_out(every)


def _views(offered: Sequence[Pane], control: Control) -> None:
    """One of the room's views. A link that says what to show, and not in which view, is of the time
    when there was only what is now More."""
    now = control.now
    view = now.view or ("more" if content_of(now) else "glance")
    said = st.container()
    row = st.container(horizontal=True, vertical_alignment="center")
    row.segmented_control(
        "View",
        list(VIEWS),
        format_func=lambda key: VIEWS[key],
        required=True,
        label_visibility="collapsed",
        **control.bound("view", view),
    )
    if view == "more":
        by_key = {pane.key: pane for pane in offered}
        panes = [by_key[key] for key in now.panes if key in by_key]
        _room(panes or proposal(offered), offered, control, said)
    elif view == "pair":
        two_fields_view(offered, control, said, row)
    else:
        at_a_glance(offered, control, said, row)


def _left_out(every: Sequence[Training]) -> None:
    """Which models are not here, and why."""
    names = dict.fromkeys(label(t.model) for t in every if not t.config.model.vector_readers)
    if names:
        st.caption(f"Not shown, for want of vectors: {plain(', '.join(names))}.")


def _nothing(wanted: Sequence[Training]) -> None:
    """What to do in an empty room."""
    if not wanted:
        st.info(
            "None of the chosen models has embeddings; Deep gives every app a vector.",
            icon=":material/scatter_plot:",
        )
        models.model_button("deep", "embeddings.deep")
        return
    st.info(
        "Nothing is trained yet, so there is nothing to map. A model with embeddings gives every "
        "app a vector; here you see which apps it has put near each other, and how far that can "
        "be trusted.",
        icon=":material/scatter_plot:",
    )
    models.show_ended(wanted)
    _train_button(wanted)
    for column, when in zip(st.columns(2), ("Before", "After"), strict=True):
        with column:
            st.markdown(f"**{when} training**")
            st.plotly_chart(
                empty_figure(),
                key=f"embeddings.empty.{when}",
                config={"displayModeBar": False},
                alt=f"Empty map, {when.lower()} training",
            )


def _train_button(wanted: Sequence[Training]) -> None:
    jobs.start_button("Train the models with embeddings", "embeddings.train", models.train, wanted)


def _room(
    panes: Sequence[Pane], offered: Sequence[Pane], control: Control, said: DeltaGenerator
) -> None:
    choices = control.now
    fields = _common_fields(panes)
    field = choices.field if choices.field in fields else fields[0]
    first = measurements.vectors(panes[0], field, choices.truth)
    columns = [str(c) for c in first.metadata.columns]
    color = _color(choices, columns)
    planted = panes[0].run.config.data.kind == "sample" and not session.hidden("truth")
    _controls(control, fields, first, offered, panes, columns, color, planted)
    views = maps.pane_views(panes, field, choices)
    known = {v.pane.label: v.map.quality for v in views if v.map.quality is not None}
    with said:
        finding(plain(maps_finding(known)))
    maps.draw(views, choices, color)
    _below(views, offered, control, color)


def _common_fields(panes: Sequence[Pane]) -> list[str]:
    fields = measurements.fields_of(panes[0].run)
    for pane in panes[1:]:
        there = measurements.fields_of(pane.run)
        fields = [field for field in fields if field in there] or fields
    return fields


def _color(choices: EmbeddingChoices, columns: Sequence[str]) -> str:
    """The chosen color if there is such a column; else the truth if revealed, else the first
    attribute, else support."""
    if choices.color == NO_COLOR or choices.color in columns:
        return choices.color
    segment = measurements.TRUTH + "segment"
    if segment in columns:
        return segment
    attributes = [c for c in columns if c not in (SUPPORT, NORM)]
    return attributes[0] if attributes else SUPPORT


def _controls(
    control: Control,
    fields: Sequence[str],
    first: FieldVectors,
    offered: Sequence[Pane],
    panes: Sequence[Pane],
    columns: Sequence[str],
    color: str,
    planted: bool,
) -> None:
    with st.container(border=True):
        whose, side_by_side, method, colors = st.columns([1, 2, 1.65, 1])
        with whose:
            controls.what(control, fields, first.field)
        with side_by_side:
            controls.side_by_side(control, offered, panes)
        with method:
            controls.method(control)
        with colors:
            controls.colored(control, columns, color)
        with st.container(horizontal=True, vertical_alignment="center"):
            controls.details(control)
            controls.look(control, planted)
            selection.search(first, color)


def _below(
    views: Sequence[PaneView], offered: Sequence[Pane], control: Control, color: str
) -> None:
    choices = control.now
    name = choices.tab if choices.tab in TABS else TABS[0]
    # Only the open part is drawn: probes and heat maps take their time.
    with st.tabs(TABS, **control.bound("tab", name))[TABS.index(name)]:
        match name:
            case "Neighbours":
                neighbours(views, color)
            case "Probes":
                probe_section(views, choices.truth, color)
            case "Understood?":
                lift_section(views, offered, control)
            case "Film":
                film_section(views, choices, color)
            case "Custom axis":
                axes(views, choices, color)
            case "Export":
                exports(views, choices, color)
            case _:
                selection.table(views[0].vectors, views[0].pane, views[0].places)
