"""Flat settings of a model, as a grid search wants them, and the configurations they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.presets import PRESETS, default_crosses
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError, excerpt
from recsys_demo.values import validated

BATCHES = 50  # an epoch has at least, however few rows there are
SMALLEST_BATCH = 16
_OF_EMBEDDING = {"embedding_size": "size"}
_OF_PARTS = {"layers": "hidden", "dropout": "dropout", "min_support": "min_support"}
_OF_OPTIMIZERS = {"learning_rate": "learning_rate", "l1": "l1"}


def model_config(parameters: Mapping[str, Any], schema: Schema) -> ModelConfig:
    """The preset with what is set (None: as the preset has it). Raises InputError for an unknown
    preset and for values out of bounds."""
    preset = PRESETS.get(str(parameters["preset"]))
    if preset is None:
        raise InputError.of(
            what="there is no such preset",
            where="preset",
            got=excerpt(parameters["preset"]),
            expected=", ".join(PRESETS),
            remedy="Correct the name.",
        )
    content = preset.model.model_dump(mode="json")
    given = {name: _plain(value) for name, value in parameters.items() if value is not None}
    _put(content["embedding"], given, _OF_EMBEDDING)
    if "l2" in given:
        content["embedding"]["optimizer"]["l2"] = given["l2"]
    for part in content["components"]:
        _put(part, given, _OF_PARTS)
    for holder in (content["embedding"], *content["components"]):
        _put(holder.get("optimizer") or {}, given, _OF_OPTIMIZERS)
    crosses = _crosses(given.get("crosses"), schema)
    for part in content["components"]:
        if part["kind"] == "crosses":
            part["crosses"] = crosses
    return validated(ModelConfig, content, preset.key)


def training_config(parameters: Mapping[str, Any], rows: int) -> TrainingConfig:
    """How to train on so many rows. Raises InputError for values out of bounds."""
    usual = TrainingConfig()
    small = min(usual.batch_size, max(SMALLEST_BATCH, rows // BATCHES))
    content = {name: _plain(parameters[name]) for name in ("batch_size", "epochs", "patience")}
    told = {name: value for name, value in content.items() if value is not None}
    return validated(TrainingConfig, {"batch_size": small, **told}, "training")


def _put(into: dict[str, Any], given: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """What is given and this part has."""
    into |= {own: given[name] for name, own in names.items() if name in given and own in into}


def _crosses(given: Any, schema: Schema) -> list[str]:
    """The crosses that are given, one or several; by default the reference pair, where the model
    sees both of its fields."""
    if given is None:
        seen = all(name in schema.fields for name in schema.pair)
        return list(default_crosses(schema)) if seen else []
    return [given] if isinstance(given, str) else list(given)


def _plain(value: Any) -> Any:
    """Numbers of numpy, which a grid may hold, as Python has them."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        return [_plain(one) for one in value]
    return value
