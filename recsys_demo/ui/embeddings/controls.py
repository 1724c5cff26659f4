"""What is shown and how: the controls above the maps. Each shows the state and changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

import streamlit as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from recsys_demo.studies.embeddings.settings import (
    Metric,
    PcaSettings,
    ProjectionSettings,
    TsneSettings,
    UmapSettings,
)
from recsys_demo.ui import session
from recsys_demo.ui.embeddings.choices import MOST_PANES, EmbeddingChoices
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.room_choices import content_of
from recsys_demo.ui.state import State

METHODS: Mapping[str, type[PcaSettings | UmapSettings | TsneSettings]] = MappingProxyType(
    {"pca": PcaSettings, "umap": UmapSettings, "tsne": TsneSettings}
)
METHOD_NAMES = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
STEPS = {"neighbors": 1, "min_dist": 0.01, "epochs": 10, "perplexity": 1.0, "iterations": 50}
WORDS = {
    "neighbors": "Neighbours",
    "min_dist": "Smallest distance",
    "epochs": "Epochs",
    "perplexity": "Perplexity",
    "iterations": "Steps",
    "seed": "Seed",
}
NO_COLOR = "(one color)"
CONTROL = "embeddings"
PREFIX = "embeddings."
# A choice was made on the page: what a worker has to draw for it may begin.
CHANGED = "embeddings.changed"


@dataclass(frozen=True)
class Control:
    """The state of the room's controls, and how to change it."""

    choices: EmbeddingChoices

    def bound(self, name: str, value: Any) -> dict[str, Any]:
        """Arguments that make a widget show `value` and save what a person makes of it."""
        key = PREFIX + name
        st.session_state[key] = value
        return {"key": key, "on_change": self._change, "args": (name, key)}

    def _change(self, name: str, key: str) -> None:
        st.session_state[CHANGED] = True
        self.update(name, st.session_state[key])

    def update(self, name: str, value: Any) -> None:
        """Change one choice, or (`settings.x`) one setting of the projection."""
        content = self.choices.model_dump()
        if name == "method":
            kept = self.choices.settings
            content["settings"] = {"kind": value or kept.kind, "seed": kept.seed}
        elif name.startswith("settings."):
            content["settings"][name.removeprefix("settings.")] = value
        else:
            content[name] = value
        changed = EmbeddingChoices.model_validate(content)
        session.set_control(CONTROL, content_of(changed))


def chosen(state: State) -> Control:
    """What the state says about this room; what cannot be understood gives the defaults."""
    try:
        return Control(EmbeddingChoices.model_validate(state.control(CONTROL, {})))
    except ValidationError:
        return Control(EmbeddingChoices())


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
    choices = control.choices
    st.toggle("Names", **control.bound("named", choices.named))
    st.toggle("Size by training rows", **control.bound("sized", choices.sized))
    st.toggle(
        "Align",
        help="Turn, mirror and scale every map onto the first one (Procrustes, on the values "
        "they share), so that the eye can compare them.",
        **control.bound("aligned", choices.aligned),
    )
    if planted:
        st.toggle(
            "Reveal what is planted",
            help="The sample set is invented: its true segments and tastes are known, and no "
            "model sees them.",
            **control.bound("truth", choices.truth),
        )


def method(control: Control) -> None:
    """Which projection."""
    st.segmented_control(
        "Projection",
        list(METHODS),
        format_func=lambda kind: METHOD_NAMES[kind],
        required=True,
        help="PCA is there at once. UMAP and t-SNE are drawn by a worker; PCA stands in until "
        "they are done.",
        **control.bound("method", control.choices.settings.kind),
    )


def details(control: Control) -> None:
    """The settings of the projection."""
    with st.popover("Settings", icon=":material/tune:"):
        _settings(control, control.choices.settings)


def _settings(control: Control, settings: ProjectionSettings) -> None:
    st.caption(METHODS[settings.kind].__doc__ or "")
    fields = METHODS[settings.kind].model_fields
    dimensions = get_args(fields["dimensions"].annotation)
    if len(dimensions) > 1:
        st.segmented_control(
            "Dimensions",
            dimensions,
            required=True,
            help=fields["dimensions"].description,
            **control.bound("settings.dimensions", settings.dimensions),
        )
    st.segmented_control(
        "Near means",
        get_args(Metric),
        required=True,
        help=fields["metric"].description,
        **control.bound("settings.metric", settings.metric),
    )
    for name, info in fields.items():
        if name in STEPS:
            _slider(control, name, info, getattr(settings, name))
    low, high = _bounds(fields["seed"])
    st.number_input(
        WORDS["seed"],
        int(low),
        int(high),
        help=fields["seed"].description,
        **control.bound("settings.seed", settings.seed),
    )


def _slider(control: Control, name: str, info: FieldInfo, value: float) -> None:
    low, high = _bounds(info)
    step = STEPS[name]
    kind: Literal["int", "float"] = "int" if isinstance(step, int) else "float"
    st.slider(
        WORDS[name],
        int(low) if kind == "int" else float(low),
        int(high) if kind == "int" else float(high),
        step=step,
        help=info.description,
        **control.bound(f"settings.{name}", value),
    )


def _bounds(info: FieldInfo) -> tuple[float, float]:
    low = next(m.ge for m in info.metadata if hasattr(m, "ge"))
    high = next(m.le for m in info.metadata if hasattr(m, "le"))
    return low, high
