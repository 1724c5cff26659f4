"""A configuration's data, loaded, cut, described and made into numbers once for all models that are
trained on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from recsys_demo.config.components import CrossesConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.run import RunConfig
from recsys_demo.data.cache import Cache
from recsys_demo.data.column_formats import Formats
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.queries import People, people_of
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import PARTS
from recsys_demo.errors import InputError, excerpt
from recsys_demo.evaluation.popularity import Popularity
from recsys_demo.evaluation.reports import SliceReport, evaluate
from recsys_demo.evaluation.slices import Slice, default_slices
from recsys_demo.features.encoder import Encoded, Encoder, fit_encoder
from recsys_demo.features.fields import FieldEncoder, fit_fields

# Of one log, what models with crosses read, and what models without read.
KEPT_DATASETS, KEPT_FEATURES = 2, 2


@dataclass(frozen=True, eq=False)
class RunData:
    """A data set ready for any model: its parts and the encoded fields. `key` names its content and
    the fields that models see. What only the end of a training asks for is made when it does: the
    first step need not wait for it."""

    key: str
    dataset: Dataset
    fields: FieldEncoder
    _slices: dict[str, Sequence[Slice]] = field(default_factory=dict)

    def slices(self, name: str) -> Sequence[Slice]:
        """The slices of train, valid or test."""
        if name not in self._slices:
            self._slices[name] = default_slices(self.dataset.train, self.part(name))
        return self._slices[name]

    @cached_property
    def popularity(self) -> Mapping[str, SliceReport]:
        """What popularity alone reaches on the test rows."""
        train, test = self.dataset.train, self.dataset.test
        logits = Popularity.of(train).logits(test)
        return evaluate(test.labels, logits, self.slices("test"))

    @cached_property
    def people(self) -> People:
        """Whom the log knows."""
        return people_of(self.dataset)

    def part(self, name: str) -> Interactions:
        """train, valid or test."""
        part: Interactions = getattr(self.dataset, name)
        return part


@dataclass(frozen=True, eq=False)
class Features:
    """What a model reads: its encoder, and the rows of every part as it encodes them."""

    encoder: Encoder
    encoded: Mapping[str, Encoded]


_RUN_DATA: Cache[RunData] = Cache(KEPT_DATASETS)
_FEATURES: Cache[Features] = Cache(KEPT_FEATURES)


def run_data(config: RunConfig) -> RunData:
    """Load, split and describe the data of a configuration; kept, by the content of the files, for
    the next run on it. Raises InputError."""
    dataset = load(config.data, config.split)
    key = "\n".join((dataset.fingerprint, *config.without_fields))
    found = _RUN_DATA.get(key, lambda: _new_run_data(key, dataset, config.without_fields))
    return found if found.dataset is dataset else replace(found, dataset=dataset)


def features_of(
    data: RunData, model: ModelConfig, heed_cancel: Callable[[], None] = lambda: None
) -> Features:
    """What this model reads of the data; kept for the next one that reads the same, which nobody
    may change. `heed_cancel` is called between the stages and raises to end it. Raises InputError
    with the problems of all crosses."""
    crosses = [
        {"crosses": part.crosses, "min_support": part.min_support, "buckets": part.buckets}
        for part in model.components
        if isinstance(part, CrossesConfig)
    ]
    key = f"{data.key}\n{json.dumps(crosses)}"
    return _FEATURES.get(key, lambda: _new_features(data, model, heed_cancel))


def _new_features(data: RunData, model: ModelConfig, heed_cancel: Callable[[], None]) -> Features:
    train = replace(data.dataset.train, schema=data.fields.schema)
    encoder = fit_encoder(train, model, data.fields)
    encoded = {}
    for name in PARTS:
        heed_cancel()  # who cancels need not wait for what is made ready
        encoded[name] = encoder.encode(data.part(name))
    return Features(encoder, encoded)


def _new_run_data(key: str, dataset: Dataset, hidden: Sequence[str]) -> RunData:
    schema = read_as(without_fields(dataset.train.schema, hidden), dataset.train.formats)
    return RunData(key, dataset, fit_fields(replace(dataset.train, schema=schema)))


def read_as(schema: Schema, formats: Formats) -> Schema:
    """The schema with how each column was read: new rows are read so too, whatever is in them."""
    return schema.model_copy(update={"formats": dict(formats)}) if formats else schema


def without_fields(schema: Schema, names: Sequence[str]) -> Schema:
    """The schema a model sees when some fields are hidden from it. Raises InputError if one is
    unknown or none is left."""
    unknown = [name for name in names if name not in schema.fields]
    left = {name: field for name, field in schema.fields.items() if name not in names}
    if unknown or not left:
        raise InputError.of(
            what="these fields cannot be left out",
            where="without_fields",
            got=", ".join(excerpt(name) for name in unknown or names),
            expected="some, not all, of " + ", ".join(excerpt(name) for name in schema.fields),
            remedy="Correct the names.",
        )
    # The reference pair stays what it is: slices are about the data, not about the model.
    return schema.model_copy(update={"fields": left})
