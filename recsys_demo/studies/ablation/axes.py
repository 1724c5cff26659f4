"""The switches a person can flip on a model, as axes with options; the first state is the model
as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Concatenate, Literal, ParamSpec

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.components import DeepConfig, FmConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.optimizers import Ftrl
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.studies.ablation import switches as to

P = ParamSpec("P")
Group = Literal["components", "crosses", "embeddings", "deep", "wide", "training", "fields"]
L1_VALUES = (0.0, 1.0, 3.0, 10.0, 30.0)
DROPOUTS = (0.0, 0.2, 0.5)
OPTIMIZER_NAMES = {"ftrl": "FTRL", "adagrad": "AdaGrad", "adam": "Adam"}


@dataclass(frozen=True)
class Option:
    """One way to flip a switch. `change` gives the run to train, None where it means nothing;
    `separate_models`: its deep part and the rest are then trained as two models that predict
    together."""

    key: str
    label: str
    change: Callable[[RunConfig], RunConfig | None]
    apart: bool = False


@dataclass(frozen=True)
class Axis:
    """A switch: what it is about, and its options besides leaving it as it is."""

    key: str
    label: str
    group: Group
    options: tuple[Option, ...]


def axes(base: RunConfig, schema: Schema) -> tuple[Axis, ...]:
    """Every switch of this model on this log; options that mean nothing for it are left out."""
    model = base.model
    found = [
        *_components(model),
        *_crosses(model),
        *_fm(model),
        *_deep(model),
        *_wide(model),
        *_fields(base, schema),
    ]
    meaningful = [
        Axis(axis.key, axis.label, axis.group, tuple(o for o in axis.options if _means(o, base)))
        for axis in found
    ]
    return tuple(axis for axis in meaningful if axis.options)


def _means(option: Option, base: RunConfig) -> bool:
    changed = option.change(base)
    if option.apart:
        return changed is not None and bool(to.separate_models(changed.model))
    return changed is not None and changed != base


def _option(
    key: str,
    label: str,
    change: Callable[Concatenate[ModelConfig, P], ModelConfig | None],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Option:
    """An option that applies `change(model, ...)`."""

    def changed(config: RunConfig) -> RunConfig | None:
        model = change(config.model, *args, **kwargs)
        return None if model is None else config.model_copy(update={"model": model})

    return Option(key, label, changed)


def _components(model: ModelConfig) -> Iterator[Axis]:
    for kind, about in KINDS.items():
        name = about.long
        if model.has(kind):
            option = _option(f"no-{kind}", f"without {name}", to.without, kind)
        elif about.needs_choice or about.alone:
            continue
        else:
            option = _option(f"add-{kind}", f"with {name}", to.with_component, kind)
        yield Axis(kind, name, "components", (option,))
    together = Option("apart", "deep and the rest trained apart, averaged", lambda c: c, apart=True)
    yield Axis("joint", "joint training", "training", (together,))


def _crosses(model: ModelConfig) -> Iterator[Axis]:
    if len(model.crosses) < 2:
        return  # the switch of all crosses is the same
    for cross in model.crosses:
        option = _option(f"no-cross:{cross}", f"without {cross}", to.without_cross, cross)
        yield Axis(f"cross:{cross}", cross, "crosses", (option,))


def _fm(model: ModelConfig) -> Iterator[Axis]:
    fm = model.component(FmConfig)
    orders = [order for order in (2, 3) if fm is not None and order != fm.order]
    yield Axis(
        "order",
        "FM order",
        "components",
        tuple(_option(f"order-{n}", f"FM of order {n}", to.with_order, n) for n in orders),
    )
    if fm is not None:
        told = "without" if fm.field_weights else "with"
        yield Axis(
            "field_weights",
            "weights of pairs (FwFM)",
            "components",
            (
                _option(
                    f"{told}-pair-weights",
                    f"FM {told} a weight per pair of fields",
                    to.set_in,
                    ("fm",),
                    field_weights=not fm.field_weights,
                ),
            ),
        )
    other = not model.embedding.shared
    readers = " and ".join(KINDS[kind].long for kind in model.vector_readers)
    yield Axis(
        "sharing",
        "shared embeddings",
        "embeddings",
        (
            _option(
                "shared" if other else "separate",
                f"{'shared' if other else 'separate'} embeddings for {readers}",
                to.with_sharing,
                other,
            ),
        ),
    )
    sizes = sorted({max(1, model.embedding.size // 2), min(512, model.embedding.size * 2)})
    yield Axis(
        "embedding",
        "embedding size",
        "embeddings",
        tuple(_option(f"size-{n}", f"embeddings of {n}", to.set_embedding, size=n) for n in sizes),
    )


def _deep(model: ModelConfig) -> Iterator[Axis]:
    deep = model.component(DeepConfig)
    if deep is None:
        return
    yield Axis(
        "depth",
        "depth",
        "deep",
        (
            _option("layer-fewer", "one layer fewer", to.with_layers, -1),
            _option("layer-more", "one layer more", to.with_layers, 1),
        ),
    )
    yield Axis(
        "width",
        "width",
        "deep",
        (
            _option("width-half", "half the width", to.with_width, 0.5),
            _option("width-double", "double the width", to.with_width, 2),
        ),
    )
    yield Axis(
        "dropout",
        "dropout",
        "deep",
        tuple(
            _option(
                f"dropout-{share:g}",
                f"dropout {share:g}",
                to.set_in,
                ("deep",),
                dropout=share,
            )
            for share in DROPOUTS
        ),
    )
    flipped = not deep.batch_norm
    label = "with batch normalization" if flipped else "without batch normalization"
    yield Axis(
        "batch_norm",
        "batch normalization",
        "deep",
        (
            _option(
                "batch-norm" if flipped else "no-batch-norm",
                label,
                to.set_in,
                ("deep",),
                batch_norm=flipped,
            ),
        ),
    )


def _wide(model: ModelConfig) -> Iterator[Axis]:
    if not to.wide_parts(model):
        return
    yield Axis(
        "wide_optimizer",
        "optimizer of the wide part",
        "wide",
        tuple(
            _option(
                f"wide-{kind}",
                f"{name} for the wide part",
                to.with_wide_optimizer,
                kind,
            )
            for kind, name in OPTIMIZER_NAMES.items()
        ),
    )
    if any(isinstance(part.optimizer, Ftrl) for part in to.wide_parts(model)):
        yield Axis(
            "l1",
            "L1 of FTRL",
            "wide",
            tuple(
                _option(f"l1-{value:g}", f"L1 of {value:g}", to.with_l1, value)
                for value in L1_VALUES
            ),
        )


def _fields(base: RunConfig, schema: Schema) -> Iterator[Axis]:
    seen = [name for name in schema.fields if name not in base.without_fields]
    if len(seen) < 2:
        return
    for name in seen:
        option = Option(
            f"no-field:{name}",
            f"without field {name}",
            partial(hide_field, name=name, schema=schema),
        )
        yield Axis(f"field:{name}", name, "fields", (option,))


def hide_field(config: RunConfig, name: str, schema: Schema) -> RunConfig | None:
    """The run without a field and without the crosses that name it."""
    model = to.without_field(config.model, name, schema)
    left = set(schema.fields) - {*config.without_fields, name}
    if model is None or not left or name in config.without_fields:
        return None
    hidden = (*config.without_fields, name)
    return config.model_copy(update={"model": model, "without_fields": hidden})
