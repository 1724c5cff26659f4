"""The vectors of one embedded field, with what is known of each value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError, excerpt
from recsys_demo.features.encoder import Encoder
from recsys_demo.features.vocabulary import MISSING
from recsys_demo.models.size import embedding_names, embedding_tables

if TYPE_CHECKING:
    from recsys_demo.config.model import ModelConfig
    from recsys_demo.training.runs import StoredRun

# A ranker's values by name: arrays of a run on disk, or tensors of one that trains. Either is read
# as an array, so that maps of a stored run need no torch.
State = Mapping[str, npt.ArrayLike]
Matrix = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

MAX_POINTS = 5_000
MIN_VALUES = 3  # fewer points make no map
SUPPORT = "support"
NORM = "length of the vector"


@dataclass(frozen=True, eq=False)
class FieldVectors:
    """n values of a field: `values` as in the data, `names` as a person reads them, `vectors`
    [n, d], and `metadata`, one row per value in the same order (`support`: training rows that
    have the value)."""

    field: str
    values: tuple[str, ...]
    names: tuple[str, ...]
    vectors: Matrix
    metadata: pd.DataFrame

    def __post_init__(self) -> None:
        counts = {len(self.values), len(self.names), len(self.vectors), len(self.metadata)}
        if len(counts) > 1:
            raise ValueError(f"values, names, vectors and metadata differ in length: {counts}")

    def __len__(self) -> int:
        return len(self.values)

    def take(self, index: npt.NDArray[np.integer]) -> FieldVectors:
        """These values."""
        return replace(
            self,
            values=tuple(self.values[i] for i in index),
            names=tuple(self.names[i] for i in index),
            vectors=self.vectors[index],
            metadata=self.metadata.iloc[index].reset_index(drop=True),
        )

    def most_supported(self, limit: int) -> FieldVectors:
        """The `limit` values with most training rows, in the order of the vocabulary."""
        if len(self) <= limit:
            return self
        order = np.argsort(-self.metadata[SUPPORT].to_numpy(), kind="stable")
        return self.take(np.sort(order[:limit]))


def embedded_fields(encoder: Encoder) -> list[str]:
    """Fields with enough values for a map: the item first, then by number of values."""
    vocabularies = encoder.fields.vocabularies
    fields = [name for name in vocabularies if len(vocabularies[name].values) >= MIN_VALUES]
    item = encoder.fields.schema.item
    return sorted(fields, key=lambda name: (name != item, -len(vocabularies[name].values)))


def table_names(config: ModelConfig) -> dict[str, str]:
    """The embedding tables of a model: name -> who reads it, as a person says it."""
    readers: dict[str, list[str]] = {}
    for component, table in embedding_names(config).items():
        readers.setdefault(table, []).append(component)
    return {table: " and ".join(sorted(names, reverse=True)) for table, names in readers.items()}


def field_vectors(
    state: State,
    encoder: Encoder,
    field: str,
    table: str = "embedding",
    metadata: pd.DataFrame | None = None,
) -> FieldVectors:
    """The vectors of all known values of a field, copied. `metadata` is indexed by value.

    Raises InputError if the model has no such table or the field no vectors.
    """
    check_embedded(state, encoder, field, table)
    vocabulary = encoder.fields.vocabularies[field]
    first = encoder.fields.offsets()[field] + 1
    rows = slice(first, first + len(vocabulary.values))
    vectors = np.array(np.asarray(state[table])[rows], dtype=np.float64)
    described = describe(vocabulary.values, vocabulary.counts, metadata)
    described[NORM] = np.linalg.norm(vectors, axis=1)
    return FieldVectors(
        field=field,
        values=vocabulary.values,
        names=readable(vocabulary.values, encoder.fields.schema, metadata),
        vectors=vectors,
        metadata=described,
    )


def untrained_vectors(
    config: ModelConfig, encoder: Encoder, seed: int, like: FieldVectors, table: str = "embedding"
) -> FieldVectors:
    """The same values as the training found them: the random start of this seed. It is drawn again
    by torch, which only this imports."""
    from recsys_demo.models.ranker import Ranker

    start = field_vectors(Ranker(config, encoder, seed).state(), encoder, like.field, table)
    return _same_values(start, like)


def vectors_of_run(
    run: StoredRun,
    field: str,
    table: str = "embedding",
    start: bool = False,
    points: int = MAX_POINTS,
    metadata: pd.DataFrame | None = None,
) -> FieldVectors:
    """The `points` values with most support, as trained or (`start`) as training found them, with
    what the run knows of them unless other `metadata` is given. Raises InputError."""
    known = attributes_of(field, run.encoder, run.items, run.queries)
    trained = field_vectors(
        run.state, run.encoder, field, table, known if metadata is None else metadata
    ).most_supported(points)
    if not start:
        return trained
    found = _start_of(run, trained, table)
    lengths = {NORM: np.linalg.norm(found.vectors, axis=1)}
    return replace(found, metadata=found.metadata.assign(**lengths))


def _start_of(run: StoredRun, like: FieldVectors, table: str) -> FieldVectors:
    """What the run kept of its start; a run that did not has it drawn again."""
    if run.start is None:
        return untrained_vectors(run.manifest.model, run.encoder, run.manifest.seed, like, table)
    return _same_values(field_vectors(run.start, run.encoder, like.field, table), like)


def _same_values(found: FieldVectors, like: FieldVectors) -> FieldVectors:
    position = {value: i for i, value in enumerate(found.values)}
    rows = np.array([position[value] for value in like.values], dtype=np.int64)
    return replace(like, vectors=found.vectors[rows])


def describe(
    values: Sequence[str], counts: Sequence[int], metadata: pd.DataFrame | None
) -> pd.DataFrame:
    """Support and attributes of values, a row each; values without attributes have them empty."""
    frame = pd.DataFrame({SUPPORT: np.asarray(counts, dtype=np.int64)})
    if metadata is None or metadata.empty:
        return frame
    known = metadata.set_axis(metadata.index.astype("str")).reindex(list(values))
    for column in known.columns:
        if str(column) not in (SUPPORT, NORM):
            frame[str(column)] = known[column].reset_index(drop=True)
    return frame


def readable(
    values: Sequence[str], schema: Schema, metadata: pd.DataFrame | None
) -> tuple[str, ...]:
    """Names of values: the item's name where the catalogue has one, else the value."""
    plain = [value or "(missing)" for value in values]
    column = schema.item_name
    if metadata is None or column is None or column not in metadata.columns:
        return tuple(plain)
    names = metadata[column].astype("str").where(metadata[column].notna())
    by_value = dict(zip(metadata.index.astype("str"), names, strict=True))
    found = [by_value.get(value) for value in values]
    return tuple(
        name if isinstance(name, str) and name else value
        for name, value in zip(found, plain, strict=True)
    )


def attributes_of(
    field: str, encoder: Encoder, items: pd.DataFrame, queries: pd.DataFrame
) -> pd.DataFrame | None:
    """What is known of the values of a field, indexed by value: the catalogue where the values
    are items (as in a list of installed apps); the users' fields, indexed by user, where they are
    users."""
    schema = encoder.fields.schema
    if field not in encoder.fields.vocabularies:
        return None
    values = [value for value in encoder.fields.vocabularies[field].values if value != MISSING]
    if field == schema.item or _mostly_in(values, items):
        return items
    if field == schema.user:
        return queries[[n for n in schema.of_side("user") if n != field and n in queries.columns]]
    return None


def check_embedded(state: State, encoder: Encoder, field: str, table: str) -> None:
    """Raise InputError unless these values have vectors for this field in this table."""
    tables = [name for name in embedding_tables() if name in state]
    if not tables:
        raise _refused(
            "the model has no embeddings, so there is nothing to map",
            f"field {excerpt(field)}",
            "a model with an fm or a deep component",
            "Choose Deep, Wide & Deep, FM or DeepFM.",
        )
    if table not in tables:
        raise _refused(
            "the model has no such table of vectors",
            f"table {excerpt(table)}",
            ", ".join(tables),
            "Choose one of its tables.",
        )
    if field not in encoder.fields.vocabularies:
        raise _refused(
            "the field has no vector per value",
            f"field {excerpt(field)}",
            ", ".join(encoder.fields.vocabularies),
            "Choose a categorical or multi-valued field.",
        )


def common_values(maps: Sequence[FieldVectors]) -> list[str]:
    """Values that all of these have, in the order of the first."""
    first, *others = maps
    shared = set(first.values).intersection(*(set(other.values) for other in others))
    return [value for value in first.values if value in shared]


def positions(vectors: FieldVectors, values: Sequence[str]) -> Index:
    """Rows of these values; values that are not there are passed over."""
    at = {value: i for i, value in enumerate(vectors.values)}
    return np.array([at[value] for value in values if value in at], dtype=np.int64)


def _mostly_in(values: list[str], items: pd.DataFrame) -> bool:
    known = set(items.index.astype("str"))
    return bool(values) and 2 * sum(value in known for value in values) > len(values)


def _refused(what: str, where: str, expected: str, remedy: str) -> InputError:
    return InputError.of(what, where, where, expected, remedy)
