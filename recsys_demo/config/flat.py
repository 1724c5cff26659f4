"""Flat settings of a model, as a grid or a search wants them, and the configurations they stand
for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.errors import InputError, excerpt
from recsys_demo.values import validated

BATCHES = 50  # an epoch has at least, however few rows there are
SMALLEST_BATCH = 16
# What the settings are called where they belong; `l2` is that of the vectors alone.
_OF_EMBEDDING = {"embedding_size": "size"}
_OF_PARTS = {
    "layers": "hidden",
    "dropout": "dropout",
    "min_support": "min_support",
    "learning_rate": "learning_rate",  # of trees, which have no optimizer
}
_OF_OPTIMIZERS = {"learning_rate": "learning_rate", "l1": "l1"}


def preset_of(name: object) -> ModelConfig:
    """The model of a preset. Raises InputError for an unknown one."""
    preset = PRESETS.get(str(name))
    if preset is None:
        raise InputError.of(
            what="there is no such preset",
            where="preset",
            got=excerpt(name),
            expected=", ".join(PRESETS),
            remedy="Correct the name.",
        )
    return preset.model


def changed_model(model: ModelConfig, given: Mapping[str, Any]) -> ModelConfig:
    """The model with flat settings; None leaves one as it is, and so does a model that has no part
    for it. Raises InputError for values out of bounds."""
    content = model.model_dump(mode="json")
    told = {name: plain(value) for name, value in given.items() if value is not None}
    _put(content["embedding"], told, _OF_EMBEDDING)
    if "l2" in told:
        content["embedding"]["optimizer"]["l2"] = told["l2"]
    for part in content["components"]:
        _put(part, told, _OF_PARTS)
    for holder in (content["embedding"], *content["components"]):
        _put(holder.get("optimizer") or {}, told, _OF_OPTIMIZERS)
    return validated(ModelConfig, content, model.name)


def training_of(given: Mapping[str, Any], rows: int, usual: TrainingConfig) -> TrainingConfig:
    """How to train on so many rows, with flat settings, else as usual. Raises InputError for values
    out of bounds."""
    small = min(usual.batch_size, max(SMALLEST_BATCH, rows // BATCHES))
    names = ("batch_size", "epochs", "patience")
    told = {name: plain(given[name]) for name in names if given.get(name) is not None}
    return validated(TrainingConfig, {**dict(usual), "batch_size": small, **told}, "training")


def plain(value: Any) -> Any:
    """Numbers of numpy, which a grid may hold, as Python has them; also inside lists and
    mappings."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


def _put(into: dict[str, Any], given: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """What is given and this part has."""
    into |= {own: given[name] for name, own in names.items() if name in given and own in into}
