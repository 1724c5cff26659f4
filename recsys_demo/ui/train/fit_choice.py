"""Presets as they fit the log, or as they are made for the sample set: what is chosen, and why."""

from __future__ import annotations

import streamlit as st

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.studies.log.sizes import Sizes, settings_of, sizes_of
from recsys_demo.ui import datasets, session
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound


def fit_choice(state: State) -> None:
    """A switch between the two where they differ, and a sentence. Nothing for the sample set,
    which the presets are made for. Raises InputError if the log cannot be read."""
    if isinstance(state.data, SampleSpec) and state.fit is None:
        return
    data = datasets.dataset(state)
    sizes = _sizes(data.fingerprint, data.train)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if (sizes.fit or state.fit) is not None and not session.hidden("settings"):
            st.toggle(
                "Fit the presets to this log",
                help="Off: the presets as they are for the sample set. A model of your own keeps "
                "its settings either way.",
                **bound("train.fit", state.fit is not None, lambda on: _choose(sizes, on)),
            )
        st.caption(_sentence(state, sizes))


def _choose(sizes: Sizes, on: bool) -> None:
    changed = session.current().with_fit(
        sizes.fit if on else None, sizes.training if on else TrainingConfig()
    )
    session.change(fit=changed.fit, training=changed.training)


def _sentence(state: State, sizes: Sizes) -> str:
    if state.fit == sizes.fit:
        return sizes.reason
    if state.fit is None:
        return f"Presets as they are: with {sizes.seen} they may overfit."
    return f"Presets as changed before: {settings_of(state.fit)}. This log has {sizes.seen}."


_sizes = by_key(20)(sizes_of)
