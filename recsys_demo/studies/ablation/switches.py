"""Pure changes of a model's configuration: None where a change means nothing for a model."""

from __future__ import annotations

from typing import Any

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.components import MAX_LAYERS, MAX_WIDTH, DeepConfig, Kind, SparseConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.optimizers import AdaGrad, Adam, Ftrl
from recsys_demo.data.schema import Schema
from recsys_demo.features.crosses import parse_cross

WIDE_OPTIMIZERS = {"ftrl": Ftrl(), "adagrad": AdaGrad(), "adam": Adam()}


def without(model: ModelConfig, kind: Kind) -> ModelConfig | None:
    """The model without a component."""
    if not model.has(kind) or len(model.components) == 1:
        return None
    return only(model, tuple(k for k in model.kinds if k != kind))


def only(model: ModelConfig, kinds: tuple[Kind, ...]) -> ModelConfig | None:
    """The model with no other components than these."""
    left = tuple(part for part in model.components if part.kind in kinds)
    return model.model_copy(update={"components": left}) if left else None


def with_component(model: ModelConfig, kind: Kind) -> ModelConfig | None:
    """The model with one more component, with its usual settings, where it belongs."""
    if model.has(kind) or model.alone or KINDS[kind].alone:
        return None
    parts = [*model.components, KINDS[kind].config(kind=kind)]
    ordered = tuple(sorted(parts, key=lambda part: list(KINDS).index(part.kind)))
    return model.model_copy(update={"components": ordered})


def set_in(model: ModelConfig, /, kinds: tuple[Kind, ...], **values: Any) -> ModelConfig | None:
    """The model with other settings in some components; None if nothing changes."""
    parts = tuple(
        part.model_copy(update=values) if part.kind in kinds else part for part in model.components
    )
    return _if_other(model, model.model_copy(update={"components": parts}))


def set_embedding(model: ModelConfig, /, **values: Any) -> ModelConfig | None:
    """The model with other settings of its embeddings; None if it has none or nothing changes."""
    if not model.vector_readers:
        return None
    embedding = model.embedding.model_copy(update=values)
    return _if_other(model, model.model_copy(update={"embedding": embedding}))


def without_cross(model: ModelConfig, cross: str) -> ModelConfig | None:
    """The model without one of its crosses; without the component if that was the last."""
    left = tuple(text for text in model.crosses if text != cross)
    if not left:
        return without(model, "crosses")
    return set_in(model, ("crosses",), crosses=left)


def without_field(model: ModelConfig, field: str, schema: Schema) -> ModelConfig | None:
    """The model without the crosses that name a field, which cannot be there without it."""
    changed: ModelConfig | None = model
    for cross in model.crosses:
        if changed is not None and field in parse_cross(cross, schema).fields:
            changed = without_cross(changed, cross)
    return changed


def with_order(model: ModelConfig, order: int) -> ModelConfig | None:
    """FM with another highest number of fields multiplied."""
    return set_in(model, ("fm",), order=order) if model.has("fm") else None


def with_layers(model: ModelConfig, change: int) -> ModelConfig | None:
    """The deep part with layers taken from its end, or its last layer repeated."""
    deep = model.component(DeepConfig)
    if deep is None or not deep.hidden or not 1 <= len(deep.hidden) + change <= MAX_LAYERS:
        return None
    hidden = deep.hidden + deep.hidden[-1:] * change if change > 0 else deep.hidden[:change]
    return set_in(model, ("deep",), hidden=hidden)


def with_width(model: ModelConfig, factor: float) -> ModelConfig | None:
    """The deep part with all its layers wider or narrower."""
    deep = model.component(DeepConfig)
    if deep is None or not deep.hidden:
        return None
    hidden = tuple(min(MAX_WIDTH, max(1, round(width * factor))) for width in deep.hidden)
    return set_in(model, ("deep",), hidden=hidden)


def with_sharing(model: ModelConfig, shared: bool) -> ModelConfig | None:
    """One table of embeddings for all that read one, or one for each."""
    if len(model.vector_readers) < 2:
        return None
    return set_embedding(model, shared=shared)


def with_wide_optimizer(model: ModelConfig, kind: str) -> ModelConfig | None:
    """Linear part and crosses trained by another optimizer, with its usual settings."""
    parts = wide_parts(model)
    if all(part.optimizer.kind == kind for part in parts):
        return None
    wide = tuple(part.kind for part in parts)
    return set_in(model, wide, optimizer=WIDE_OPTIMIZERS[kind])


def with_l1(model: ModelConfig, l1: float) -> ModelConfig | None:
    """Another L1 in the FTRL of linear part and crosses."""
    changed: ModelConfig | None = None
    current = model
    for part in wide_parts(model):
        if isinstance(part.optimizer, Ftrl) and part.optimizer.l1 != l1:
            optimizer = part.optimizer.model_copy(update={"l1": l1})
            changed = set_in(current, (part.kind,), optimizer=optimizer)
            current = changed or current
    return changed


def wide_parts(model: ModelConfig) -> list[SparseConfig]:
    """The components with a weight per value or combination."""
    return [part for part in model.components if isinstance(part, SparseConfig)]


def separate_models(model: ModelConfig) -> tuple[ModelConfig, ...]:
    """The model's deep part and all the rest as two models, to be trained without knowing each
    other; empty if it does not have both."""
    rest, deep = without(model, "deep"), only(model, ("deep",))
    return (rest, deep) if rest is not None and deep is not None else ()


def _if_other(before: ModelConfig, after: ModelConfig) -> ModelConfig | None:
    return after if after != before else None
