"""X and y as the lab's own kind of log: a schema, and the files of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.guessing.schemas import guess_schema
from recsys_demo.data.schema import Field, Schema
from recsys_demo.data.specs import FileSpec
from recsys_demo.errors import InputError
from recsys_demo.estimator.inputs import HoldOut
from recsys_demo.estimator.tables import parquet_bytes, table_of
from recsys_demo.values import validated

LABEL = "label"
NO_ITEM = "(no item)"  # the item of rows about nothing that could be ranked
FEWEST_HELD = 2  # rows of each label to stop by; with fewer the training rows themselves serve
TRAIN, VALID, ITEMS = "X.parquet", "X_held_out.parquet", "items.parquet"
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """Rows to fit: the columns of `frame` are those of the schema. `held_out` are the rows that
    training stops by, none where there are too few."""

    frame: pd.DataFrame
    schema: Schema
    held_out: npt.NDArray[np.bool_]

    @property
    def trained(self) -> int:
        """How many rows the model learns from."""
        return int((~self.held_out).sum())

    def write(self, folder: Path, items: pd.DataFrame | None) -> FileSpec:
        """The files of the parts, and the source that reads them. What scikit-learn would test on
        is not here: the rows to stop by stand for a test part too."""
        held = self.held_out if self.held_out.any() else ~self.held_out
        (folder / TRAIN).write_bytes(parquet_bytes(self.frame[~self.held_out]))
        (folder / VALID).write_bytes(parquet_bytes(self.frame[held]))
        if items is not None:
            (folder / ITEMS).write_bytes(parquet_bytes(items_frame(items, self.schema)))
        return spec_at(folder, self.schema, has_items=items is not None)


def spec_at(folder: Path, schema: Schema, *, has_items: bool) -> FileSpec:
    """The source of what `TrainingRows.write` writes there."""
    return FileSpec(
        train=str(folder / TRAIN),
        valid=str(folder / VALID),
        test=str(folder / VALID),
        items=str(folder / ITEMS) if has_items else None,
        schema_toml=schema.to_toml(),
    )


def training_rows(
    frame: pd.DataFrame, labels: Labels | None, schema: Schema | None, held: HoldOut
) -> TrainingRows:
    """X and labels (0 or 1; None where the schema knows them) with a schema, guessed where none is
    given, and some of the rows held out. Raises InputError."""
    if schema is None:
        if labels is None:
            raise ValueError("rows without labels need a schema that knows them")
        schema = guessed_schema(frame, labels)
    known, whole = _with_labels(frame, labels, schema)
    whole = with_item(whole, known)
    taken = np.zeros(len(whole), np.int64) if labels is None else labels
    return TrainingRows(whole, known, _held_out(taken, held))


def guessed_schema(frame: pd.DataFrame, labels: Labels) -> Schema:
    """The schema the lab guesses; where nothing could be an item, one of plain fields. Raises
    InputError where X has a column that is called as the label."""
    if LABEL in frame.columns:
        raise InputError.of(
            what="X has a column that is called label",
            where="X",
            got="a label in X and one in y",
            expected="the label in y alone",
            remedy="Drop the column from X, rename it, or give a schema.",
        )
    try:
        found = guess_schema(table_of(frame.assign(**{LABEL: labels}))).schema
    except InputError:
        return plain_schema(frame)
    return found.model_copy(update={"split": None, "label": LABEL, "positive": None})


def plain_schema(frame: pd.DataFrame) -> Schema:
    """Numbers as numeric fields, everything else as categories, and no item."""
    fields = {
        str(name): Field(kind="numeric" if _is_number(frame.iloc[:, at]) else "categorical")
        for at, name in enumerate(frame.columns)
    }
    return validated(Schema, {"label": LABEL, "item": NO_ITEM, "fields": fields}, "X")


def with_item(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Rows about nothing that could be ranked get an item that says so."""
    if schema.item == NO_ITEM and NO_ITEM not in frame.columns:
        return frame.assign(**{NO_ITEM: NO_ITEM})
    return frame


def items_frame(items: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """A row per item; its index may hold the ids."""
    return items if schema.item in items.columns else items.rename_axis(schema.item).reset_index()


def _with_labels(
    frame: pd.DataFrame, labels: Labels | None, schema: Schema
) -> tuple[Schema, pd.DataFrame]:
    """The labels as a column of the schema's name; without labels the schema has to know them."""
    schema = schema.model_copy(update={"split": None, "truth": None})
    if labels is None:
        return schema, frame
    name = schema.label or LABEL
    told = {"label": name, "positive": None, "negatives_per_positive": None}
    formats = {column: form for column, form in schema.formats.items() if column != name}
    known = schema.model_copy(update={**told, "formats": formats})
    return known, frame.assign(**{name: labels})


def _held_out(labels: Labels, asked: HoldOut) -> npt.NDArray[np.bool_]:
    """A share of the rows of each label."""
    held = np.zeros(len(labels), dtype=bool)
    rng = np.random.default_rng(asked.seed)
    of_each = [rng.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    counts = [round(len(rows) * asked.validation_fraction) for rows in of_each]
    if min(counts, default=0) >= FEWEST_HELD:
        for rows, count in zip(of_each, counts, strict=True):
            held[rows[:count]] = True
    return held


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(
        column.dtype
    )
