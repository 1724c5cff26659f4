"""The Embeddings room from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from recsys_demo.errors import InputError
from recsys_demo.jobs.workers import Workers
from recsys_demo.projection.vectors import NORM, SUPPORT
from recsys_demo.ui.embeddings import computed, controls, maps, selection
from recsys_demo.ui.embeddings.axes import axes
from recsys_demo.ui.embeddings.choices import EmbeddingChoices
from recsys_demo.ui.embeddings.controls import NO_COLOR, Control
from recsys_demo.ui.embeddings.exports import exports
from recsys_demo.ui.embeddings.filming import filming
from recsys_demo.ui.embeddings.maps import Shown
from recsys_demo.ui.embeddings.neighbours import neighbours
from recsys_demo.ui.embeddings.panes import Pane, RunEntry, panes_of, proposal
from recsys_demo.ui.embeddings.probing import probing
from recsys_demo.ui.embeddings.understood import understood
from recsys_demo.ui.problems import show_problems

TABS = ("Marked", "Neighbours", "Probes", "Understood?", "Film", "Custom axis", "Export")


def embeddings_room(
    runs: Sequence[RunEntry],
    choices: EmbeddingChoices,
    save: Callable[[EmbeddingChoices], None],
    workers: Workers,
    session: str,
) -> None:
    """Maps of what the runs have learned. `runs` are those with embeddings, newest first."""
    offered = panes_of(runs)
    by_key = {pane.key: pane for pane in offered}
    panes = [by_key[key] for key in choices.panes if key in by_key] or proposal(offered)
    control = Control(choices, save)
    try:
        _room(panes, offered, control, workers, session)
    except InputError as error:
        show_problems(error)


def _room(
    panes: Sequence[Pane],
    offered: Sequence[Pane],
    control: Control,
    workers: Workers,
    session: str,
) -> None:
    choices = control.choices
    fields = _common_fields(panes)
    field = choices.field if choices.field in fields else fields[0]
    first = computed.vectors(panes[0], field, choices.truth)
    columns = [str(c) for c in first.metadata.columns]
    color = _color(choices, columns)
    planted = computed.dataset(panes[0].run).world is not None if _invented(panes[0]) else False
    _controls(control, fields, field, offered, panes, columns, color, planted)
    views = maps.shown(panes, field, choices, workers, session)
    selection.search(first)
    maps.draw(views, choices, color, workers)
    _below(views, control, color, workers, session)


def _common_fields(panes: Sequence[Pane]) -> list[str]:
    fields = computed.fields_of(panes[0].run)
    for pane in panes[1:]:
        there = computed.fields_of(pane.run)
        fields = [field for field in fields if field in there] or fields
    return fields


def _color(choices: EmbeddingChoices, columns: Sequence[str]) -> str:
    """The chosen color if there is such a column; else the truth if revealed, else the first
    attribute, else support."""
    if choices.color == NO_COLOR or choices.color in columns:
        return choices.color
    segment = computed.TRUTH + "segment"
    if segment in columns:
        return segment
    attributes = [c for c in columns if c not in (SUPPORT, NORM)]
    return attributes[0] if attributes else SUPPORT


def _invented(pane: Pane) -> bool:
    data = pane.run.manifest.config.get("data")
    return isinstance(data, dict) and data.get("kind") == "sample"


def _controls(
    control: Control,
    fields: Sequence[str],
    field: str,
    offered: Sequence[Pane],
    panes: Sequence[Pane],
    columns: Sequence[str],
    color: str,
    planted: bool,
) -> None:
    with st.container(border=True):
        left, right = st.columns([1, 3])
        with left:
            controls.what(control, fields, field)
        with right:
            controls.side_by_side(control, offered, panes)
        left, right = st.columns([1, 3])
        with left:
            controls.method(control)
        with right:
            controls.look(control, columns, color, planted)


def _below(
    views: Sequence[Shown], control: Control, color: str, workers: Workers, session: str
) -> None:
    choices = control.choices
    marked, near, probes, lift, movie, axis, export = st.tabs(TABS)
    with marked:
        selection.table(views[0].vectors, views[0].pane, views[0].places)
    with near:
        neighbours(views, color)
    with probes:
        probing(views, choices.truth, color)
    with lift:
        understood(views, choices.truth)
    with movie:
        filming(views, choices, color, workers, session)
    with axis:
        axes(views, choices, color)
    with export:
        exports(views, choices, color)
