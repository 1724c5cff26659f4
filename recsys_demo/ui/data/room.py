"""The Data room from top to bottom."""

from __future__ import annotations

import streamlit as st

from recsys_demo.configuration import digest
from recsys_demo.data.sources import DataSpec, SampleSpec
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.ui.data import planted, views
from recsys_demo.ui.data.logs import log_of
from recsys_demo.ui.data.source import Use, source
from recsys_demo.ui.frame import show_error


def data_room(spec: DataSpec, use: Use, limits: Limits) -> None:
    """Choose a log, and see what it is like. `use` takes another source over."""
    source(spec, use, limits)
    try:
        log = log_of(spec)
    except InputError as error:
        show_error(error)
        return
    key = digest(spec)
    found = views.statistics_of(key, log)
    views.numbers(found)
    names = ["Users, items, pairs", "Fields"]
    names += ["The truth"] if isinstance(spec, SampleSpec) else []
    tabs = st.tabs(names)
    with tabs[0]:
        views.pictures(key, found)
    with tabs[1]:
        views.fields(key, found)
    if isinstance(spec, SampleSpec):
        with tabs[2]:
            planted.reveal(planted.world_of(spec.world))
