"""Choosing a log among the sources there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SOURCES, DataSpec, SampleSpec
from recsys_demo.ui import session
from recsys_demo.ui.data import planted
from recsys_demo.ui.data.choices import DataChoices
from recsys_demo.ui.data.source_form import source_form
from recsys_demo.ui.data.wizard import wizard
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.widgets import Edit

Use = Callable[[DataSpec], None]


def source(spec: DataSpec, choices: RoomChoices[DataChoices], use: Use) -> DeltaGenerator | None:
    """Draw the choice; `use` is called with another source as soon as there is one. Gives the place
    beside its settings for a picture of the log in use, None while those of another are open."""
    kind = choices.now.source or spec.kind
    is_small = kind == spec.kind and kind != "file"  # the wizard has tables and needs the width
    with st.container(key="data_source"):
        left, right = st.columns(2, gap="medium") if is_small else (st.container(), st.container())
    with left:
        _kinds(choices, kind)
        if kind != spec.kind:
            st.caption(f"Every room shows **{spec.title}** until you use another log here.")
        with st.container(border=True):
            if kind in PAGES:
                PAGES[kind](spec, use)
            else:
                source_form(SOURCES[kind], spec, use)
    return right if kind == spec.kind else None


def _kinds(choices: RoomChoices[DataChoices], kind: str) -> None:
    st.segmented_control(
        "Log",
        list(SOURCES),
        required=True,
        format_func=lambda key: SOURCES[key].title,
        label_visibility="collapsed",
        # To look at another source changes nothing yet: there is nothing to undo.
        **choices.bound("source", kind, lambda new: choices.update(is_step=False, source=new)),
    )


def _sample(spec: DataSpec, use: Use) -> None:
    def draw(world: WorldConfig) -> None:
        use(SampleSpec(world=world))

    def turn(edit: Edit[WorldConfig]) -> None:
        now = session.current().data
        if isinstance(now, SampleSpec):
            draw(edit(now.world))

    if not isinstance(spec, SampleSpec):
        st.markdown("A synthetic app store whose recipe you can change. Which world?")
        planted.worlds(None, draw)
        return
    planted.worlds(spec.world, draw)
    planted.steps(spec.world, turn)
    planted.dials(spec.world, turn)


# Sources that are chosen in another way than by a form of their settings.
PAGES: Mapping[str, Callable[[DataSpec, Use], None]] = MappingProxyType(
    {"sample": _sample, "file": wizard}
)
