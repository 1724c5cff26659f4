"""Logs as X and y: a file as the lab reads it, or the sample set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.archive import read_tables
from recsys_demo.data.evidence import formats_of
from recsys_demo.data.guessing.schemas import guess_schema
from recsys_demo.data.interactions import build_interactions
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.leaks import leaks, without_leaks
from recsys_demo.data.planted.sample import WorldConfig
from recsys_demo.data.reading import read_table
from recsys_demo.data.sample_set import SampleSpec
from recsys_demo.data.schema import Schema
from recsys_demo.data.tables import RawTable
from recsys_demo.data.user_tables import with_users
from recsys_demo.errors import excerpt
from recsys_demo.estimator.inputs import schema_of
from recsys_demo.values import validated


@dataclass(frozen=True, eq=False)
class Log:
    """A log for `RankerClassifier`.

    `X` has a row per impression, `y` is 1 where the item was taken and None for a log of what was
    taken only; `schema` says what the columns mean and how they are written; `items` has a row per
    item, its id as the index, or is None; `notes` say how the file was read.
    """

    X: pd.DataFrame
    y: npt.NDArray[np.uint8] | None
    schema: Schema
    items: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()


def read_log(
    path: str | Path,
    schema: Schema | str | Path | None = None,
    items: str | Path | None = None,
    users: str | Path | None = None,
) -> Log:
    """A CSV, TSV, Parquet or zip file as X and y, with a file of items and one of users, whose
    columns become columns of X.

    Without a schema it is guessed, and fields that give the label away move to the item's side or
    are left out; `log.schema` and `log.notes` say so. How a column is written is decided from all
    rows, so that every part of them is read alike. Raises InputError with every
    problem of the files.
    """
    known = schema_of(schema)
    header = () if known is None else known.header
    tables = read_tables(Path(path), header=header)
    table, described = log_and_items(tables, None if known is None else known.user)
    if items is not None:
        described = read_table(Path(items))
    is_guess = known is None
    if users is not None:
        guess = known or guess_schema(table, described).schema
        table = with_users(table, read_table(Path(users)), guess.user)
    known = known or guess_schema(table, described).schema
    log, report = build_interactions(table, known, described)
    notes = report.notes
    if is_guess:
        known, done = without_leaks(known, leaks(log))
        notes += tuple(f"{excerpt(name)} {told}" for name, told in done.items())
    formats = formats_of(known, [table], described)
    read = known.model_copy(update={"formats": formats, "header": ()})
    names = [n for n in known.columns() if n != known.label and n in table.frame]
    return Log(
        X=pd.DataFrame({name: _plain(table.frame[name]) for name in names}),
        y=None if known.label is None else log.labels,
        schema=read,
        items=None if described is None else _items(described, known),
        notes=notes,
    )


def sample_log(**dials: Any) -> Log:
    """The sample set, whose apps and people are invented, as X and y; `dials` change the world
    (users, apps, impressions, exceptions, seed and others: see `python -m recsys_demo sample`).

    Raises InputError for an unknown dial or one out of bounds.
    """
    source = SampleSpec(world=validated(WorldConfig, dials, "sample_log"))
    log = source.read().log
    schema = log.schema.model_copy(update={"split": None, "truth": None})
    names = [n for n in schema.columns() if n != schema.label and n not in _of_items(schema)]
    return Log(
        log.frame[names].reset_index(drop=True),
        log.labels,
        schema,
        log.items.rename_axis(schema.item),
    )


def _of_items(schema: Schema) -> list[str]:
    return [name for name in schema.of_side("item") if name != schema.item]


def _items(table: RawTable, schema: Schema) -> pd.DataFrame:
    columns = {name: _plain(table.frame[name]) for name in table.frame}
    return pd.DataFrame(columns).set_index(schema.item)


def _plain(column: pd.Series) -> pd.Series:
    """A column as people of pandas have it: text, numbers and days of numpy's own types."""
    if isinstance(column.dtype, pd.ArrowDtype):
        return column.convert_dtypes(dtype_backend="numpy_nullable")
    return column
