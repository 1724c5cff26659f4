"""Every bound of every setting, and each pair of bounds, trains or is refused with a message."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from itertools import combinations
from types import MappingProxyType
from typing import Any

import annotated_types
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from recsys_demo.config.components import CrossesConfig, DeepConfig, FmConfig, LinearConfig
from recsys_demo.config.model import EmbeddingConfig, ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import OPTIMIZERS, Ftrl
from recsys_demo.errors import DivergedError
from recsys_demo.features.encoder import Encoder, fit_encoder
from recsys_demo.models.ranker import Ranker
from recsys_demo.training.trainer import Trainer, _diverged
from tests.making.logs import random_log

ROWS, VALID = random_log(65), random_log(30, seed=1)
Setting = tuple[str, Any]
# Bounds that say how much work may be asked for: that much is not done here.
LARGE = MappingProxyType({"epochs": 2, "patience": 2, "buckets": 64, "size": 16, "min_support": 99})
HUGE = ("learning_rate", "alpha", "l2", "init_std")
FIRST = {"batch_size": 16, "epochs": 2}


def bounds(name: str, field: FieldInfo) -> list[Setting]:
    """The ends of a setting's range, as far in as they are allowed."""
    found: list[Any] = []
    whole = "int" in str(field.annotation)
    for limit in field.metadata:
        match limit:
            case annotated_types.Ge(ge=value):
                found.append(value)
            case annotated_types.Gt(gt=value):
                found.append(math.nextafter(float(value), math.inf))  # type: ignore[arg-type] # a number
            case annotated_types.Le(le=value):
                found.append(min(value, LARGE[name]) if name in LARGE else value)  # type: ignore[type-var] # numbers
            case annotated_types.Lt(lt=value):
                found.append(math.nextafter(float(value), -math.inf))  # type: ignore[arg-type] # a number
    if field.annotation is bool:
        found = [False, True]
    return [(name, int(value) if whole else value) for value in found]


def of_type(config: type[BaseModel]) -> list[Setting]:
    """The bounds of all settings of a type."""
    return [one for name, field in config.model_fields.items() for one in bounds(name, field)]


def pairs(found: list[Setting]) -> Iterator[dict[str, Any]]:
    """Each bound alone, and each pair of bounds of different settings."""
    yield from ({name: value} for name, value in found)
    for one, other in combinations(found, 2):
        if one[0] != other[0]:
            yield dict([one, other])


def model(optimizer: Any, **parts: dict[str, Any]) -> ModelConfig:
    """All components with this optimizer wherever it may stand."""
    dense = {} if isinstance(optimizer, Ftrl) else {"optimizer": optimizer}
    crosses = {"crosses": ("installed x app",), "min_support": 1}
    return ModelConfig(
        components=(
            LinearConfig(optimizer=optimizer, **parts.get("linear", {})),
            CrossesConfig(**(crosses | {"optimizer": optimizer} | parts.get("crosses", {}))),
            FmConfig(**parts.get("fm", {})),
            DeepConfig(**({"hidden": (4,)} | dense | parts.get("deep", {}))),
        ),
        embedding=EmbeddingConfig(**({"size": 2} | dense | parts.get("embedding", {}))),
    )


def train(config: ModelConfig, training: dict[str, Any], changed: dict[str, Any]) -> None:
    """Trains to finite weights; where a bound makes steps huge, it may say that it diverged."""
    encoder: Encoder = fit_encoder(ROWS, config)
    ranker = Ranker(config, encoder, 0, ROWS.base_rate)
    made = Trainer(
        ranker,
        encoder.encode(ROWS),
        encoder.encode(VALID),
        TrainingConfig(**(FIRST | training)),
        0,
        validate=lambda logits: {"all": {"auc": 0.5, "logloss": float(np.abs(logits).mean())}},
        progressive=lambda labels, logits: {"auc": 0.5, "logloss": 0.7},
    )
    huge = any(changed.get(name, 0) >= 1 for name in HUGE)
    # Momentum over a root without memory: where the gradient is zero for once, nothing bounds it.
    huge = huge or (changed.get("beta2") == 0 and changed.get("epsilon", 1) < 1e-8)
    with contextlib.suppress(*[DivergedError] if huge else []):
        list(made.events())
        check_finite(ranker)


def check_finite(ranker: Ranker) -> None:
    for name, weights in ranker.state().items():
        assert torch.isfinite(weights).all(), name


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_each_pair_of_an_optimizers_bounds(kind: str) -> None:
    for changed in pairs(of_type(OPTIMIZERS[kind])):
        try:
            train(model(OPTIMIZERS[kind](**changed)), {}, changed)
        except Exception as error:
            raise AssertionError((kind, changed)) from error


PARTS = {
    "linear": LinearConfig,
    "crosses": CrossesConfig,
    "fm": FmConfig,
    "deep": DeepConfig,
    "embedding": EmbeddingConfig,
    "training": TrainingConfig,
}
ALL = [(part, *one) for part, config in PARTS.items() for one in of_type(config)]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(sorted(OPTIMIZERS)),
    st.lists(st.sampled_from(ALL), min_size=1, max_size=2),
    st.data(),
)
def test_bounds_of_any_two_settings(
    kind: str, chosen: list[tuple[str, str, Any]], data: st.DataObject
) -> None:
    own = dict([data.draw(st.sampled_from(of_type(OPTIMIZERS[kind])))])
    parts: dict[str, dict[str, Any]] = {}
    for part, name, value in chosen:
        parts.setdefault(part, {})[name] = value
    training = parts.pop("training", {})
    changed = own | {name: value for _, name, value in chosen}
    train(model(OPTIMIZERS[kind](**own), **parts), training, changed)


@pytest.mark.parametrize("setting", ALL, ids=lambda one: f"{one[0]}.{one[1]}={one[2]}")
def test_each_bound_of_the_parts(setting: tuple[str, str, Any]) -> None:
    part, name, value = setting
    parts = {} if part == "training" else {part: {name: value}}
    training = {name: value} if part == "training" else {}
    train(model(OPTIMIZERS["adagrad"](), **parts), training, {name: value})


@pytest.mark.parametrize(
    ("kinds", "named", "not_named"),
    [
        (("linear",), ["linear weights"], ["deep", "vectors", "batch normalization"]),
        (("linear", "deep"), ["linear weights, deep, the vectors", "batch normalization"], []),
        (("fm",), ["the vectors"], ["linear", "batch normalization"]),
    ],
)
def test_advice_names_what_is_there(
    kinds: tuple[str, ...], named: list[str], not_named: list[str]
) -> None:
    """An LR was told to lower the learning rate of its deep part."""
    config = ModelConfig.model_validate({"components": [{"kind": kind} for kind in kinds]})
    told = str(_diverged(1, math.nan, config))
    assert [word for word in named if word not in told] == []
    assert [word for word in not_named if word in told] == []
