"""The catalogue: one row per item, from the log and from a file that describes the items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from recsys_demo.data.arrow_values import arrow
from recsys_demo.data.cells import to_categories
from recsys_demo.data.column_formats import TEXT, ColumnFormat, Formats
from recsys_demo.data.columns import Findings, column_values
from recsys_demo.data.schema import Schema
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem, excerpt


def join_item_fields(frame: pd.DataFrame, items: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Add the item fields a frame lacks, looked up in the catalogue by item id."""
    absent = [name for name in schema.fields if name not in frame.columns]
    if not absent:
        return frame
    ids = frame[schema.item].cat
    position = items.index.get_indexer(ids.categories.astype("str"))[ids.codes]
    added = {name: items[name].iloc[position].set_axis(frame.index) for name in absent}
    return frame.assign(**added)


def item_attributes(
    items: RawTable, schema: Schema, formats: Formats
) -> tuple[pd.DataFrame, list[Problem]]:
    """A file of items as a frame indexed by item id, item fields converted by their kind.

    Rows with a problem are left out of the frame. Raises InputError where no column holds the ids.
    """
    if schema.item not in items.frame.columns:
        there = ", ".join(excerpt(str(c)) for c in list(items.frame.columns)[:12])
        raise InputError.of(
            what="the item file lacks the item column",
            where=items.name,
            got=f"the columns {there}",
            expected=f"a column named {excerpt(schema.item)}",
            remedy="Rename the column that holds the item ids.",
        )
    findings = Findings(items, np.zeros(len(items.frame), dtype=bool))
    ids = _ids(items, schema, findings, formats.get(schema.item, TEXT))
    columns: dict[str, pd.Series] = {}
    for name in items.frame.columns:
        if name == schema.item:
            continue
        if name in schema.of_side("item"):
            columns[name] = column_values(items, schema, name, findings, formats.get(name, TEXT))
        elif pd.api.types.is_numeric_dtype(items.frame[name].dtype):
            columns[name] = pd.Series(arrow(items.frame[name]).to_pandas())
        else:
            columns[name] = to_categories(items.frame[name])
    attributes = pd.DataFrame(columns, index=range(len(items.frame)))
    attributes.index = pd.Index(ids.astype("str"), name=schema.item)
    return attributes[~findings.bad], findings.problems


def _ids(items: RawTable, schema: Schema, findings: Findings, form: ColumnFormat) -> pd.Series:
    ids = to_categories(items.frame[schema.item], form)
    findings.cells(
        schema.item,
        ids.isna().to_numpy(),
        "the row does not say which item it describes",
        "an item id",
        "Fill the cell or delete the row.",
    )
    findings.cells(
        schema.item,
        ids.duplicated().to_numpy() & ids.notna().to_numpy(),
        "the item is described twice",
        "one row per item",
        "Delete all but one of its rows.",
    )
    return ids


def catalogue(frame: pd.DataFrame, attributes: pd.DataFrame | None, schema: Schema) -> pd.DataFrame:
    """One row per item known from the log or the item file, with its attributes.

    An item field that stands in the log itself takes the item's first value there.
    """
    in_log = [n for n in schema.of_side("item") if n in frame.columns and n != schema.item]
    first = frame.drop_duplicates(schema.item)
    seen = first[in_log].set_axis(pd.Index(first[schema.item].astype("str"), name=schema.item))
    if attributes is None:
        return seen.sort_index(key=natural_order)
    ids = attributes.index.union(seen.index, sort=False).rename(schema.item)
    described = attributes.drop(columns=[n for n in in_log if n in attributes]).reindex(ids)
    return pd.concat([described, seen.reindex(ids)], axis=1).sort_index(key=natural_order)


def natural_order(ids: pd.Index) -> pd.Index:
    """Sorting key of ids: whole numbers by value, everything else by name."""
    numbers = pd.to_numeric(pd.Series(ids), errors="coerce")
    return pd.Index(numbers) if numbers.notna().all() else ids


def stacked_frames(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames with the same columns one under the other, with a fresh index; categories united."""
    return pd.DataFrame(
        {name: _stacked_column([frame[name] for frame in frames]) for name in frames[0].columns},
        copy=False,
    )


def _stacked_column(columns: list[pd.Series]) -> pd.Series:
    if any(isinstance(column.dtype, pd.CategoricalDtype) for column in columns):
        words = [to_categories(column).array for column in columns]
        named = [word.rename_categories(word.categories.astype("str")) for word in words]
        return pd.Series(pd.api.types.union_categoricals(named))
    return pd.concat(columns, ignore_index=True)


def united_catalogue(catalogues: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One catalogue of several with the same columns: an item's first description counts."""
    ids = catalogues[0].index
    for other in catalogues[1:]:
        ids = ids.append(other.index)
    whole = stacked_frames(catalogues).set_axis(ids)
    return whole[~ids.duplicated()].sort_index(key=natural_order)
