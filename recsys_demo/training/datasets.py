"""A configuration's data, loaded, cut and described once for all models that are trained on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from recsys_demo.config.run import RunConfig
from recsys_demo.data.cache import Cache
from recsys_demo.data.column_formats import Formats
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import PARTS
from recsys_demo.errors import InputError, excerpt
from recsys_demo.evaluation.popularity import Popularity
from recsys_demo.evaluation.reports import SliceReport, evaluate
from recsys_demo.evaluation.slices import Slice, default_slices
from recsys_demo.features.fields import FieldEncoder, fit_fields

KEPT_DATASETS = 2


@dataclass(frozen=True, eq=False)
class RunData:
    """A data set ready for any model: its parts, their slices, the encoded fields, and what
    popularity alone reaches on the test rows."""

    dataset: Dataset
    fields: FieldEncoder
    slices: Mapping[str, Sequence[Slice]]
    popularity: Mapping[str, SliceReport]

    def part(self, name: str) -> Interactions:
        """train, valid or test."""
        part: Interactions = getattr(self.dataset, name)
        return part


_RUN_DATA: Cache[RunData] = Cache(KEPT_DATASETS)


def run_data(config: RunConfig) -> RunData:
    """Load, split and describe the data of a configuration; kept, by the content of the files, for
    the next run on it. Raises InputError."""
    dataset = load(config.data, config.split)
    key = "\n".join((dataset.fingerprint, *config.without_fields))
    found = _RUN_DATA.get(key, lambda: _new_run_data(dataset, config.without_fields))
    return found if found.dataset is dataset else replace(found, dataset=dataset)


def _new_run_data(dataset: Dataset, hidden: Sequence[str]) -> RunData:
    schema = read_as(without_fields(dataset.train.schema, hidden), dataset.train.formats)
    slices = {name: default_slices(dataset.train, getattr(dataset, name)) for name in PARTS}
    return RunData(
        dataset=dataset,
        fields=fit_fields(replace(dataset.train, schema=schema)),
        slices=slices,
        popularity=evaluate(
            dataset.test.labels,
            Popularity.of(dataset.train).logits(dataset.test),
            slices["test"],
        ),
    )


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
