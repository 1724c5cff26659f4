"""A configuration's data, loaded, cut and described once for all models that are trained on it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Generic, TypeVar

from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.run import RunConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import PARTS
from recsys_demo.errors import InputError, Problem, shown
from recsys_demo.evaluation.slices import Slice, default_slices
from recsys_demo.features.fields import FieldEncoder, fit_fields
from recsys_demo.values import digest

KEPT_DATASETS = 2

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Prepared:
    """A data set ready for any model: its parts, their slices, and the encoded fields."""

    dataset: Dataset
    fields: FieldEncoder
    slices: Mapping[str, Sequence[Slice]]

    def part(self, name: str) -> Interactions:
        """train, valid or test."""
        part: Interactions = getattr(self.dataset, name)
        return part


class _Kept(Generic[T]):
    """The last few values made, by key: a worker trains many models on the same data."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
            return self._values[key]


_PREPARED: _Kept[Prepared] = _Kept(KEPT_DATASETS)


def prepare(config: RunConfig) -> Prepared:
    """Load, split and describe the data of a configuration; kept for the next run on it."""
    others = {"model": _NO_MODEL, "training": _NO_TRAINING, "seed": 0}
    dataset_key = digest(config.model_copy(update=others))
    return _PREPARED.get(dataset_key, lambda: _prepare(config))


def _prepare(config: RunConfig) -> Prepared:
    dataset = load(config.data, config.split)
    schema = without_fields(dataset.train.schema, config.without_fields)
    return Prepared(
        dataset=dataset,
        fields=fit_fields(replace(dataset.train, schema=schema)),
        slices={name: default_slices(dataset.train, getattr(dataset, name)) for name in PARTS},
    )


def without_fields(schema: Schema, names: Sequence[str]) -> Schema:
    """The schema a model sees when some fields are hidden from it. Raises InputError if one is
    unknown or none is left."""
    unknown = [name for name in names if name not in schema.fields]
    left = {name: field for name, field in schema.fields.items() if name not in names}
    if unknown or not left:
        raise InputError(
            Problem(
                what="these fields cannot be left out",
                where="without_fields",
                got=", ".join(shown(name) for name in unknown or names),
                expected="some, not all, of " + ", ".join(shown(name) for name in schema.fields),
                remedy="Correct the names.",
            )
        )
    # The reference pair stays what it is: slices are about the data, not about the model.
    return schema.model_copy(update={"fields": left})


_NO_MODEL = ModelConfig.model_validate({"components": [{"kind": "linear"}]})
_NO_TRAINING = TrainingConfig()
