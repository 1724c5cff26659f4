"""What every kind of component brings to lists: its scores, and their terms by name.

Shapes: n items of the catalogue.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from recsys_demo.config.component_kinds import Part
from recsys_demo.config.components import ComponentConfig
from recsys_demo.features.fields import FieldCodes, FieldEncoder
from recsys_demo.features.vocabulary import ABSENT
from recsys_demo.recommendation.weights import Floats, Index, Weights

JOIN = " & "


class Serve(ABC):
    """One component of a trained model over a catalogue.

    What depends on the items alone is computed once per run, here; a query costs `half`, what
    depends on it alone, and `logits`, the sum of the two and what depends on both.
    `Ranker.parts` on whole rows is the oracle of the tests.
    """

    def __init__(self, config: Any, weights: Weights, items: FieldCodes) -> None:
        self.config: ComponentConfig = config
        self.weights = weights
        self.items = items

    @abstractmethod
    def half(self, codes: FieldCodes) -> Any:
        """What the fields of these rows bring, whatever `logits` wants to know of a query."""

    @abstractmethod
    def logits(self, query: Any, rows: Index | None = None) -> Floats:
        """What the component adds to the logit of every item, or of these, [n]; `query` is the
        half of one row."""

    @abstractmethod
    def whole(self, codes: FieldCodes) -> Floats:
        """What the component adds to the logit of whole rows, whatever their items, [n]; `codes`
        are those of all fields."""


S = TypeVar("S", bound=Serve)


@dataclass(frozen=True)
class Term:
    """One summand of a logit. `part` is the bias or a component; `support` counts the training rows
    of a cross's combination, `values` are what that combination joins."""

    part: Part
    name: str
    fields: tuple[str, ...]
    value: float
    support: int | None = None
    values: tuple[str, ...] = ()

    @property
    def brief(self) -> str:
        """`Penguin Post × First Flight, 193 rows`: a combination without its fields, else the
        name."""
        name = " × ".join(self.values) or self.name
        return name if self.support is None else f"{name}, {self.support:,} rows"


@dataclass(frozen=True, eq=False)
class Row:
    """One item, at place `at` of the catalogue, shown to one query: the query's codes, those of the
    whole row, and what its values are called."""

    at: int
    query: FieldCodes
    codes: FieldCodes
    fields: FieldEncoder
    readable: Callable[[str, str], str]
    number: Callable[[str], object]

    def field(self, name: str) -> str:
        """A field with the value it has here."""
        if name in self.codes.positions:
            return f"{name}={self._number(name)}"
        codes = [code for code in self.codes.of(name)[0].tolist() if code != ABSENT]
        if self.fields.schema.fields[name].kind == "multi" and len(codes) != 1:
            return f"{name} ({len(codes)})"
        return f"{name}={self.value(name, codes[0])}"

    def value(self, name: str, code: int) -> str:
        """What a code of a field stands for."""
        return self.readable(name, self.fields.value_name(name, code))

    def _number(self, name: str) -> str:
        value = self.number(name)
        missing = value is None or (isinstance(value, float) and math.isnan(value))
        return "(missing)" if missing else f"{value:,.10g}"


class Explain(ABC, Generic[S]):
    """The terms of one component's logits. `known` gives the codes of everybody the run knows.

    `note` is what a reader of the terms must know of how they come about.
    """

    note: ClassVar[str] = ""

    def __init__(self, serve: S, known: Callable[[], FieldCodes]) -> None:
        self.serve = serve
        self.known = known

    @abstractmethod
    def terms(self, row: Row) -> Iterator[Term]:
        """What the component adds to a row's logit, by names a person can read."""
