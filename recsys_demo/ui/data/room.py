"""The Data room from top to bottom."""

from __future__ import annotations

import streamlit as st

from recsys_demo.data.specs import SampleSpec
from recsys_demo.errors import InputError
from recsys_demo.ui import datasets, room_choices, session
from recsys_demo.ui.data import planted, views
from recsys_demo.ui.data.choices import CONTROL, DataChoices
from recsys_demo.ui.data.log_change import show_changes, take_over
from recsys_demo.ui.data.source import source
from recsys_demo.ui.live.travel_map import watched_map
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.state import State

MAP_HEIGHT = 300


def data_room(state: State) -> None:
    """Choose a log, and see what it is like."""
    choices = room_choices.chosen(state, CONTROL, DataChoices)
    show_changes()
    said = st.container()
    beside = st.container() if session.hidden("log") else source(state.data, choices, take_over)
    if beside is None:
        return
    try:
        log = datasets.log_of(state.data)
    except InputError as error:
        show_error(error)
        return
    key = state.data.fingerprint()
    found = views.statistics_of(key, log)
    with said:
        views.said(key, found)
    with beside:
        if state.live:
            watched_map(state, "data.map", MAP_HEIGHT, shows_truth=False)
        views.pairs(key, found)
    has_truth = isinstance(state.data, SampleSpec) and not session.hidden("truth")
    names = ["Users, items, pairs", "Fields", *(["The truth"] if has_truth else [])]
    name, place = room_choices.open_tab(choices, names)
    with place:
        if name == "Fields":
            views.fields(key, found, choices)
        elif name == "The truth" and isinstance(state.data, SampleSpec):
            planted.reveal(planted.world_of(state.data.world), choices)
        else:
            views.pictures(key, found)
