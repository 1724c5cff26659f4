"""Every kind of component as the registries have it, and a toy kind to put into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Literal

import pytest
from pydantic import Field
from torch import Tensor

from recsys_demo.charts.theme import STYLES, Style
from recsys_demo.config.component_kinds import KINDS, ComponentKind, joint_kinds
from recsys_demo.config.components import (
    ComponentConfig,
    CrossesConfig,
    CrossNetworkConfig,
    DeepConfig,
)
from recsys_demo.config.optimizers import AdaGrad
from recsys_demo.features.fields import FieldCodes
from recsys_demo.models.components import COMPONENTS
from recsys_demo.models.components.base import Batch, Component, Vectors
from recsys_demo.models.parameters import Dense
from recsys_demo.models.size import COUNTS
from recsys_demo.recommendation.components import EXPLAINS, SERVES
from recsys_demo.recommendation.components.base import Explain, Row, Serve, Term

# Settings that a small log can train; every other kind has its defaults.
SMALL = {
    "deep": DeepConfig(hidden=(7, 5)),
    "cross_network": CrossNetworkConfig(layers=3),
}
REGISTRIES = {
    "torch class": COMPONENTS,
    "parameter count": COUNTS,
    "Serve": SERVES,
    "Explain": EXPLAINS,
}


def one_of_each(crosses: Sequence[str]) -> tuple[ComponentConfig, ...]:
    """A component of every kind that joins others."""
    small = SMALL | {"crosses": CrossesConfig(crosses=tuple(crosses), min_support=1)}
    return tuple(small.get(k) or about.config(kind=k) for k, about in joint_kinds().items())


def subsets(crosses: Sequence[str]) -> list[tuple[ComponentConfig, ...]]:
    """Every set of at least one kind, the whole one last."""
    every = one_of_each(crosses)
    return [found for n in range(1, len(every) + 1) for found in combinations(every, n)]


def unfinished() -> list[str]:
    """What a kind lacks, each by name."""
    lacks = [
        f"{kind}: no {what}"
        for kind in KINDS
        for what, registry in REGISTRIES.items()
        if kind not in registry
    ]
    lacks += [f"{kind}: no colour" for kind, about in KINDS.items() if about.style not in STYLES]
    strangers = {kind for registry in REGISTRIES.values() for kind in registry} - set(KINDS)
    return lacks + [f"{kind}: no record" for kind in sorted(strangers)]


class ToyConfig(ComponentConfig):
    """A weight times the sum of all field vectors."""

    kind: Literal["toy"] = "toy"  # type: ignore[assignment] # a kind that the lab does not have
    scale: float = Field(1.5, gt=0, description="what the weight is multiplied by")

    @property
    def detail(self) -> str:
        return f"times {self.scale:g}"


class Toy(Component[ToyConfig]):
    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.parameters = Dense({"weight": (1,)}, AdaGrad())

    @classmethod
    def of(cls, config: ToyConfig, model: Any, encoder: Any, seed: int) -> Toy:
        return cls(config.scale)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        assert vectors is not None
        return self.scale * self.parameters["weight"] * vectors.all.sum((1, 2))

    def dense(self) -> Dense:
        return self.parameters

    def state(self) -> dict[str, Tensor]:
        return self.parameters.state()


class ToyServe(Serve):
    def half(self, codes: FieldCodes) -> Any:
        return self.by_field(codes).sum(1)

    def logits(self, query: Any, rows: Any = None) -> Any:
        own = self.half(self.items)
        return (own if rows is None else own[rows]) + query[0]

    def whole(self, codes: FieldCodes) -> Any:
        return self.half(codes)

    def by_field(self, codes: FieldCodes) -> Any:
        weight = float(self.weights["toy.weight"][0]) * self.config.scale
        return weight * self.weights.vectors("toy", codes).sum(2)


class ToyExplain(Explain[ToyServe]):
    def terms(self, row: Row) -> Iterator[Term]:
        values = self.serve.by_field(row.codes)[0]
        for name, value in zip(row.codes.codes, values.tolist(), strict=True):
            yield Term("toy", row.field(name), (name,), value)


TOY = ComponentKind(
    config=ToyConfig,
    short="toys",
    long="toy part",
    term="toy term",
    spoken="the toy of ",
    shares=("vectors",),
    cost=1.0,
    equation=r"t^\top V",
    style="toy",
    table="embedding_toy",
)


def add_toy(monkeypatch: pytest.MonkeyPatch, *, without: str = "") -> None:
    """Register the toy kind, all of it or `without` one thing."""
    monkeypatch.setitem(KINDS, "toy", TOY)  # type: ignore[arg-type, misc]
    if without != "colour":
        monkeypatch.setitem(STYLES, "toy", Style("#123456", "dot", "star-diamond", "✧"))  # type: ignore[misc]
    made = {
        "torch class": Toy,
        "parameter count": lambda *_: 1,
        "Serve": ToyServe,
        "Explain": ToyExplain,
    }
    for what, value in made.items():
        if what != without:
            monkeypatch.setitem(REGISTRIES[what], "toy", value)  # type: ignore[arg-type, misc]
