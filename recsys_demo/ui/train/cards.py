"""The models of the state as cards: picture, equation, size, and every setting."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from recsys_demo.charts.diagram import describe, diagram
from recsys_demo.charts.theme import label
from recsys_demo.config.component_kinds import KINDS, joint_kinds
from recsys_demo.config.components import (
    Kind,
)
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.optimizers import OPTIMIZERS
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.data.sources import Dataset
from recsys_demo.errors import LabError
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.features.fields import fit_fields
from recsys_demo.models.size import parameter_count
from recsys_demo.ui import datasets, session
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.images import svg_image
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import dialog, show_error
from recsys_demo.ui.model_chips import model_chips
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import Edit, bound, button, setting, settings
from recsys_demo.values import digest

OPTIMIZER_NAMES = {"ftrl": "FTRL", "adagrad": "AdaGrad", "adam": "Adam", "sgd": "SGD"}
MOST_MODELS = 12


def chosen_models(state: State) -> None:
    """Which presets take part; models of one's own stay beside them."""
    if session.hidden("models"):
        return
    keys = [model for model in state.models if isinstance(model, str)]
    own = tuple(model for model in state.models if not isinstance(model, str))
    model_chips("train.models", PRESETS)
    st.pills(
        "Models",
        list(PRESETS),
        selection_mode="multi",
        format_func=label,
        wrap=True,  # else a narrow screen cuts them off
        label_visibility="collapsed",
        **bound("train.models", keys, lambda chosen: _choose(chosen, own)),
    )


def _choose(chosen: Sequence[str], own: tuple[ModelConfig, ...]) -> None:
    ordered = tuple(key for key in PRESETS if key in chosen)
    if ordered or own:
        session.change(models=(*ordered, *own))


def cards(state: State) -> None:
    """One card per model, below each other."""
    configs = state.model_configs(default_crosses(datasets.schema_of(state)))
    for place, (chosen, config) in enumerate(zip(state.models, configs, strict=True)):
        with st.container(border=True, gap="small"):
            _card(state, place, chosen, config)


def _card(state: State, place: int, chosen: str | ModelConfig, config: ModelConfig) -> None:
    preset = PRESETS.get(chosen) if isinstance(chosen, str) else None
    size = _size(state, config)
    most = "at most " if config.alone else ""
    counted = f" :small[:gray[{most}{size:,} parameters]]" if size is not None else ""
    told = f"{preset.summary.capitalize()}. " if preset is not None else ""
    st.markdown(f"**{plain(label(config.name))}**{counted}", help=f"{told}${equation(config)}$")
    st.html(svg_image(diagram(config), describe(config)))
    if session.hidden("settings"):
        return
    # By its name too: what a browser still sends of the model that was here before is not for it.
    key = f"train.card.{place}.{config.name}"
    _parts(config, key, _Slot(place, chosen, len(state.models)).change)
    if st.button(
        "Settings", key=f"train.settings.{place}", icon=":material/tune:", type="tertiary"
    ):
        _settings_dialog(place)


def equation(config: ModelConfig) -> str:
    """The sum of the components that are on, a line each."""
    terms = [about.equation for kind, about in KINDS.items() if config.has(kind)]
    lines = r"\\&+".join(terms)
    return r"\small\begin{aligned}\hat y&=\sigma(z+b)\\z&=" + lines + r"\end{aligned}"


def _size(state: State, config: ModelConfig) -> int | None:
    data = datasets.dataset(state)
    try:
        return _parameters((data.fingerprint, digest(config)), data, config)
    except LabError as error:
        show_error(error)
        return None


@by_key(200)
def _parameters(data: Dataset, config: ModelConfig) -> int:
    fields = _fields(data.fingerprint, data.train)
    return parameter_count(config, fit_encoder(data.train, config, fields))


_fields = by_key(3)(fit_fields)


@dialog("Settings", on_dismiss="rerun")
def _settings_dialog(place: int) -> None:
    """Every setting of one model; each change makes it a model of one's own."""
    state = session.current()
    if place >= len(state.models):
        return
    config = state.model_configs(default_crosses(datasets.schema_of(state)))[place]
    chosen = state.models[place]
    slot = _Slot(place, chosen, len(state.models))
    if isinstance(chosen, ModelConfig):
        st.text_input(
            "Name",
            max_chars=40,
            **bound(f"train.edit.{place}.name", chosen.name, slot.rename),
        )
    key = f"train.edit.{place}"
    _parts(config, key, slot.change)
    for part in config.components:
        _component(part, f"{key}.{part.kind}", slot.change)
    if config.vector_readers:
        st.markdown("##### Embeddings")

        def save_embedding(edit: Edit[Any]) -> None:
            slot.change(lambda now: now.model_copy(update={"embedding": edit(now.embedding)}))

        names = ["size", "init_std", "update"]
        names += ["shared"] if len(config.vector_readers) > 1 else []
        settings(config.embedding, names, f"{key}.embedding", save_embedding)
        _optimizer(config.embedding, f"{key}.embedding", save_embedding, dense=True)
    button(
        "Remove this model",
        f"{key}.remove",
        slot.remove,
        icon=":material/delete:",
        disabled=len(state.models) < 2,
    )


def _parts(config: ModelConfig, key: str, save: Callable[[Edit[ModelConfig]], None]) -> None:
    if config.alone:
        st.caption("It is no sum of parts: there is none to switch on or off.")
        return

    def switch(kinds: Sequence[Kind]) -> None:
        if kinds:  # a model has at least one
            save(lambda now: _with_parts(now, kinds))

    st.pills(
        "Parts that are on",
        list(joint_kinds()),
        selection_mode="multi",
        format_func=lambda kind: KINDS[kind].title,
        help="The logits of the parts add up to the prediction",
        **bound(f"{key}.parts", list(config.kinds), switch),
    )


def _with_parts(config: ModelConfig, kinds: Sequence[Kind]) -> ModelConfig:
    """The model with these parts; those that it has keep their settings."""
    components = tuple(
        config.component(about.config) or about.config(kind=kind)
        for kind, about in joint_kinds().items()
        if kind in kinds
    )
    changed = ModelConfig(name=config.name, components=components, embedding=config.embedding)
    crosses = config.crosses or default_crosses(datasets.schema_of(session.current()))
    return with_crosses(changed, crosses)


def _component(part: Any, key: str, save: Callable[[Edit[ModelConfig]], None]) -> None:
    st.markdown(f"##### {KINDS[part.kind].title}")

    def save_part(edit: Edit[Any]) -> None:
        def of_model(now: ModelConfig) -> ModelConfig:
            parts = tuple(edit(p) if p.kind == part.kind else p for p in now.components)
            return now.model_copy(update={"components": parts})

        save(of_model)

    hidden = ("kind", "crosses", "optimizer")
    names = [name for name in type(part).model_fields if name not in hidden]
    settings(part, names, key, save_part)
    if hasattr(part, "optimizer"):
        _optimizer(part, key, save_part, dense=not KINDS[part.kind].sparse)


def _optimizer(part: Any, key: str, save: Callable[[Edit[Any]], None], dense: bool) -> None:
    optimizer = part.optimizer
    kinds = [kind for kind in OPTIMIZERS if not (dense and kind == "ftrl")]

    def swap(kind: str) -> None:
        save(lambda now: now.model_copy(update={"optimizer": OPTIMIZERS[kind]()}))

    def tune(edit: Edit[Any]) -> None:
        save(lambda now: now.model_copy(update={"optimizer": edit(now.optimizer)}))

    names = [name for name in type(optimizer).model_fields if name != "kind"]
    columns = st.columns(len(names) + 1)
    with columns[0]:
        st.selectbox(
            "Optimizer",
            kinds,
            format_func=OPTIMIZER_NAMES.__getitem__,
            **bound(f"{key}.optimizer", optimizer.kind, swap),
        )
    for column, name in zip(columns[1:], names, strict=True):
        with column:
            setting(optimizer, name, f"{key}.{optimizer.kind}.{name}", tune)


@dataclass(frozen=True)
class _Slot:
    """One of so many models of the state, as it was when its controls were drawn. Where another has
    taken its place by the time they are used, nothing is changed."""

    place: int
    chosen: str | ModelConfig
    of: int

    def change(self, edit: Edit[ModelConfig]) -> None:
        """Make a model of one's own of it."""
        state = session.current()
        if not self._is_in(state):
            return
        crosses = default_crosses(datasets.schema_of(state))
        now = state.model_configs(crosses)[self.place]
        changed = edit(now)
        if changed == now:
            return
        if isinstance(state.models[self.place], str):
            taken = {m if isinstance(m, str) else m.name for m in state.models}
            name = _free_name(f"My {label(changed.name)}", taken)
            changed = changed.model_copy(update={"name": name})
        self._replace(state, changed)

    def rename(self, text: str) -> None:
        """Call a model of one's own something else; a preset's name is not to be had."""
        state = session.current()
        name = re.sub(r"\s+", " ", text).strip()[:40]
        if self._is_in(state) and name and name not in PRESETS:
            now = state.models[self.place]
            if isinstance(now, ModelConfig):
                self._replace(state, now.model_copy(update={"name": name}))

    def remove(self) -> None:
        """Take it out."""
        state = session.current()
        if self._is_in(state):
            self._replace(state)

    def _is_in(self, state: State) -> bool:
        """A model of one's own may have been changed since."""
        if len(state.models) != self.of:
            return False
        now = state.models[self.place]
        return now == self.chosen or isinstance(now, ModelConfig)

    def _replace(self, state: State, *by: ModelConfig) -> None:
        before, after = state.models[: self.place], state.models[self.place + 1 :]
        session.change(models=(*before, *by, *after))


def _free_name(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted} {number}", number + 1
    return name
