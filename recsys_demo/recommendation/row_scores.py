"""New rows scored by a saved run, in numpy: read as its training rows were, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from recsys_demo.data.catalogue import join_item_fields
from recsys_demo.data.column_formats import Formats
from recsys_demo.data.evidence import formats_of
from recsys_demo.data.files import open_file
from recsys_demo.data.interactions import Interactions, build_interactions
from recsys_demo.data.parquet import read_row_groups
from recsys_demo.data.schema import Schema
from recsys_demo.data.tables import RawTable
from recsys_demo.data.text_pieces import read_text_pieces
from recsys_demo.features.fields import FieldCodes, FieldEncoder
from recsys_demo.features.vocabulary import UNKNOWN
from recsys_demo.limits import Limits
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.weights import Floats


@dataclass(frozen=True, eq=False)
class RowScores:
    """The scores of a piece of a file, whose first row is row `first` of it: `logits` [n], and by
    field in how many rows it has a value that training rows did not have."""

    first: int
    logits: Floats
    unknown: Mapping[str, int]

    def frame(self) -> pd.DataFrame:
        """`row` of the file (from 0) and `probability`."""
        rows = np.arange(self.first, self.first + len(self.logits), dtype=np.int64)
        return pd.DataFrame({"row": rows, "probability": expit(self.logits)})


def file_scores(recommender: Recommender, path: Path) -> Iterator[RowScores]:
    """The scores of all rows of a file, in their order: one row group of a Parquet file, or one
    piece of a text, is in memory at a time. Raises InputError."""
    limits = Limits.from_environment()
    schema = rows_schema(recommender.schema)
    first = 0
    formats = _known_formats(schema) or formats_of(schema, _tables(path, schema, limits))
    for table in _tables(path, schema, limits):
        found = table_scores(recommender, table, formats, first)
        first += len(found.logits)
        yield found


def table_scores(
    recommender: Recommender, table: RawTable, formats: Formats | None = None, first: int = 0
) -> RowScores:
    """The scores of the rows of a table. `formats` says how its columns are read where the run does
    not know it. Raises InputError."""
    rows, fields = _read(recommender, table, formats)
    codes = fields.encode(rows.frame)
    return RowScores(first, recommender.whole_rows(codes), _unknown(codes))


def rows_schema(schema: Schema) -> Schema:
    """What a run's schema says of rows about which nothing is known but their fields."""
    of_time = schema.time in schema.fields or any(f.part_of_time for f in schema.fields.values())
    gone = {
        "label": None,
        "positive": None,
        "negatives_per_positive": 1,
        "user": schema.user if schema.user in schema.fields else None,
        "time": schema.time if of_time else None,
        "split": None,
        "truth": None,
    }
    return schema.model_copy(update=gone)


def _known_formats(schema: Schema) -> Formats | None:
    """How the columns were read in training; None for a run that was saved before runs kept it."""
    return schema.formats if schema.formats.keys() >= set(schema.columns()) else None


def _tables(path: Path, schema: Schema, limits: Limits) -> Iterator[RawTable]:
    with open_file(path) as file:
        is_parquet = file.read(4) == b"PAR1"
    if is_parquet:
        yield from read_row_groups(path, limits)
    else:
        yield from read_text_pieces(path, limits, schema.header)


def _read(
    recommender: Recommender, table: RawTable, formats: Formats | None
) -> tuple[Interactions, FieldEncoder]:
    """The rows with all fields, and what encodes them as they are written here. Item fields that
    the table lacks are those of the catalogue."""
    schema = rows_schema(recommender.schema)
    there = table.frame.columns
    absent = [
        name
        for name in schema.of_side("item")
        if name != schema.item and name not in there and name in recommender.items
    ]
    own = {name: field for name, field in schema.fields.items() if name not in absent}
    reading = schema.model_copy(update={"fields": own})
    known = dict(formats or _known_formats(schema) or formats_of(reading, [table]))
    for name in table.list_columns & own.keys():
        if name in known:
            known[name] = known[name].model_copy(update={"lists": True})
    rows, _ = build_interactions(table, reading, is_piece=True, formats=known)
    fields = recommender.encoder.fields
    separators = {name: rows.separator(name) for name in reading.of_kind("multi")}
    frame = join_item_fields(rows.frame, _described(recommender, rows, absent), schema)
    return replace(rows, frame=frame, schema=schema), _separated(fields, separators)


def _described(recommender: Recommender, rows: Interactions, names: Iterable[str]) -> pd.DataFrame:
    """The item fields of the items of these rows; an item that the catalogue lacks has none."""
    schema = recommender.schema
    known = recommender.items.set_axis(recommender.ids)
    ids = rows.frame[schema.item].cat.categories.astype("str")
    found = known[list(names)].reindex(ids)
    numeric = schema.of_kind("numeric")
    kinds = {str(n): "float64" if n in numeric else "category" for n in found}
    return found.astype(kinds)


def _separated(fields: FieldEncoder, separators: Mapping[str, str]) -> FieldEncoder:
    """The same codes for cells that have other marks between their values."""
    vocabularies = {
        name: replace(vocabulary, separator=separators.get(name, vocabulary.separator))
        for name, vocabulary in fields.vocabularies.items()
    }
    return replace(fields, vocabularies=vocabularies)


def _unknown(codes: FieldCodes) -> dict[str, int]:
    names = [name for name in codes.codes if name not in codes.positions]
    counts = {name: int((codes.of(name) == UNKNOWN).any(axis=1).sum()) for name in names}
    return {name: count for name, count in counts.items() if count}
