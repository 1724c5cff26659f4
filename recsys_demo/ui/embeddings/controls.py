"""What is shown and how: the controls above the maps. Each shows the state and changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, get_args

import streamlit as st

from recsys_demo.studies.embeddings.settings import (
    PcaSettings,
    ProjectionSettings,
    TsneSettings,
    UmapSettings,
)
from recsys_demo.ui import room_choices, session
from recsys_demo.ui.embeddings.choices import MOST_PANES, EmbeddingChoices
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import Edit, setting, slider

METHODS: Mapping[str, type[PcaSettings | UmapSettings | TsneSettings]] = MappingProxyType(
    {"pca": PcaSettings, "umap": UmapSettings, "tsne": TsneSettings}
)
METHOD_NAMES = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
SLIDERS = ("neighbors", "min_dist", "epochs", "perplexity", "iterations")
NO_COLOR = "(one color)"
CONTROL = "embeddings"
# A choice was made on the page: what a worker has to draw for it may begin.
CHANGED = "embeddings.changed"


class Control(RoomChoices[EmbeddingChoices]):
    """The choices of the room. It is remembered that one was made here."""

    def update(self, **changes: Any) -> None:
        """Change some choices: call it in a widget's callback."""
        st.session_state[CHANGED] = True
        super().update(**changes)


def chosen(state: State) -> Control:
    """What the state says about this room; what cannot be understood gives the defaults."""
    return Control(CONTROL, room_choices.chosen(state, CONTROL, EmbeddingChoices).now)


def what(control: Control, fields: Sequence[str], field: str) -> None:
    """Whose vectors."""
    st.selectbox(
        "Whose vectors",
        fields,
        help="A field whose values have vectors of their own.",
        **control.bound("field", field),
    )


def side_by_side(control: Control, offered: Sequence[Pane], shown: Sequence[Pane]) -> None:
    """Which maps."""
    labels = {pane.key: pane.label for pane in offered}
    st.multiselect(
        "Maps side by side",
        list(labels),
        format_func=lambda key: labels[key],
        max_selections=MOST_PANES,
        help="Trained models, their tables where FM and deep have separate ones, and each as "
        "training found it.",
        **control.bound("panes", [pane.key for pane in shown]),
    )


def colored(control: Control, columns: Sequence[str], color: str) -> None:
    """What the colors say."""
    st.selectbox("Color", [NO_COLOR, *columns], **control.bound("color", color or NO_COLOR))


def look(control: Control, planted: bool) -> None:
    """Size, names, alignment."""
    st.toggle("Names", **control.bound("named"))
    st.toggle("Size by training rows", **control.bound("sized"))
    st.toggle(
        "Align",
        help="Turn, mirror and scale every map onto the first one (Procrustes, on the values "
        "they share), so that the eye can compare them.",
        **control.bound("aligned"),
    )
    if planted:
        st.toggle(
            "Reveal what is planted",
            help="The sample set is synthetic: its true segments and tastes are known, and no "
            "model sees them.",
            **control.bound("truth"),
        )


def method(control: Control) -> None:
    """Which projection."""
    settings = control.now.settings

    def save(kind: str | None) -> None:
        kept = METHODS[kind or settings.kind](seed=settings.seed)
        control.update(settings=settings if kind == settings.kind else kept)

    st.segmented_control(
        "Projection",
        list(METHODS),
        format_func=lambda kind: METHOD_NAMES[kind],
        required=True,
        help="PCA appears at once. UMAP and t-SNE are computed by a worker; PCA is shown until "
        "they are done.",
        **control.bound("method", settings.kind, save),
    )


def details(control: Control) -> None:
    """The settings of the projection."""
    settings = control.now.settings

    def save(edit: Edit[ProjectionSettings]) -> None:
        control.update(settings=edit(chosen(session.current()).now.settings))

    with st.popover("Settings", icon=":material/tune:"):
        st.caption(type(settings).__doc__ or "")
        for name, field in type(settings).model_fields.items():
            key = f"{CONTROL}.settings.{name}"
            if name in SLIDERS:
                slider(settings, name, key, save)
            elif len(get_args(field.annotation)) != 1:  # else there is nothing to choose
                setting(settings, name, key, save)
