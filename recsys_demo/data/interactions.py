"""The one self-checking form in which a log travels through the lab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.catalogue import (
    catalogue,
    item_attributes,
    join_item_fields,
    stacked_frames,
    united_catalogue,
)
from recsys_demo.data.cells import cell_values
from recsys_demo.data.column_formats import TEXT, Formats, format_sentences
from recsys_demo.data.columns import (
    Findings,
    cardinality_problems,
    column_values,
    labels,
    missing_columns,
    split_column,
    time_part,
)
from recsys_demo.data.evidence import formats_of
from recsys_demo.data.notes import duplicate_notes, join_notes, label_notes
from recsys_demo.data.schema import Schema
from recsys_demo.data.tables import LIST_SEPARATOR, RawTable
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.limits import Limits

BadRows = Literal["refuse", "drop"]


@dataclass(frozen=True, eq=False)
class Interactions:
    """Impressions with labels, and the catalogue they were drawn from.

    `frame` has one row per impression: user, item and every field of the schema (categorical and
    multi-valued ones as pandas categoricals of strings, numeric ones as float64 with NaN for
    missing), time and truth columns as floats. `labels` holds 0 or 1 per row. `items` has one row
    per item of the catalogue, indexed by item id, with every attribute known of it. `rows` is the
    0-based row of the file each impression came from; a sampled negative has the row of its
    positive. `formats` says how the columns of the file were read.
    """

    frame: pd.DataFrame
    labels: npt.NDArray[np.uint8]
    items: pd.DataFrame
    schema: Schema
    rows: npt.NDArray[np.int64]
    formats: Formats = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.frame) == len(self.labels) == len(self.rows):
            raise ValueError("frame, labels and rows must have the same length")
        missing = [c for c in self.schema.fields if c not in self.frame.columns]
        if missing:
            raise ValueError(f"the frame lacks the fields {missing}")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Interactions:
        """These rows (positions or a mask), with the whole catalogue."""
        positions = np.flatnonzero(index) if index.dtype == bool else index
        return replace(
            self,
            frame=self.frame.iloc[positions],
            labels=self.labels[positions],
            rows=self.rows[positions],
        )

    def separator(self, name: str) -> str:
        """What separates the values of a multi-valued field."""
        is_list = self.formats.get(name, TEXT).lists
        return LIST_SEPARATOR if is_list else self.schema.fields[name].separator

    @cached_property
    def base_rate(self) -> float:
        """Share of the rows with label 1."""
        return float(self.labels.mean())

    def item_names(self) -> pd.Series:
        """A readable name per item id: the schema's item_name attribute, else the id."""
        names = pd.Series(self.items.index.astype(str), index=self.items.index)
        column = self.schema.item_name
        if column is not None and column in self.items:
            names = self.items[column].astype("str").where(self.items[column].notna(), names)
        return names


@dataclass(frozen=True)
class ReadReport:
    """What became of the rows of a file; `notes` say how it was read."""

    read: int
    kept: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def refused(self) -> int:
        return self.read - self.kept


def build_interactions(
    raw: RawTable,
    schema: Schema,
    items: RawTable | None = None,
    bad_rows: BadRows = "refuse",
    is_piece: bool = False,
    formats: Formats | None = None,
) -> tuple[Interactions, ReadReport]:
    """Give the columns of a table their meaning.

    `formats` says how each column is read where the table is a part of a log; a table that is the
    whole log decides it itself. A piece of a longer log may have rows of one label only, or none.

    With `bad_rows="refuse"` any unusable row is an error; with `"drop"` such rows are left out and
    told in the report. A positives-only log gets label 1 in every row; its negatives are sampled
    later (`negatives.py`). Raises InputError with every problem of both files.
    """
    problems = missing_columns(raw, schema, items)
    attributes: pd.DataFrame | None = None
    is_whole = formats is None
    if formats is None:
        formats = formats_of(schema, [raw], items)
    if items is not None:
        attributes, item_problems = item_attributes(items, schema, formats)
        if problems or (item_problems and bad_rows == "refuse"):
            raise InputError([*problems, *item_problems])
    if problems:
        raise InputError(problems)
    findings = Findings(raw, np.zeros(len(raw.frame), dtype=bool))
    taken = labels(raw, schema, findings, formats.get(schema.label or "", TEXT))
    columns = _columns(raw, schema, findings, formats)
    if too_wide := cardinality_problems(raw, schema, columns):
        raise InputError(too_wide)
    if findings.problems and bad_rows == "refuse":
        raise InputError(findings.problems)

    keep = np.flatnonzero(~findings.bad)
    frame = _kept_rows(columns, keep)
    known = catalogue(frame, attributes, schema)
    told = [*findings.problems, *(item_problems if items is not None else [])]
    notes = [*raw.notes, *format_sentences(formats)]
    if not is_piece:
        notes += [*label_notes(raw, schema, taken[keep]), *duplicate_notes(raw)]
        notes += _item_file_notes(frame[schema.item], attributes, items)
    report = ReadReport(len(raw.frame), len(keep), tuple(told), tuple(notes))
    interactions = Interactions(
        frame=join_item_fields(frame, known, schema),
        labels=taken[keep],
        items=known,
        schema=schema,
        rows=keep.astype(np.int64),
        formats=formats,
    )
    if too_long := list(_long_lists(interactions, raw)):
        raise InputError(too_long)
    if not is_piece:
        _check_usable(interactions, raw, report, is_whole=is_whole)
    return interactions, report


def _kept_rows(columns: Mapping[str, pd.Series], keep: npt.NDArray[np.intp]) -> pd.DataFrame:
    """These rows of the columns, with the categories that are left."""
    frame = pd.DataFrame(columns, copy=False).iloc[keep].reset_index(drop=True)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].cat.remove_unused_categories()
    return frame


def _item_file_notes(
    log: pd.Series, attributes: pd.DataFrame | None, items: RawTable | None
) -> list[str]:
    if attributes is None or items is None:
        return []
    return [*items.notes, *join_notes(log, attributes.index, items)]


def _columns(
    raw: RawTable, schema: Schema, findings: Findings, formats: Formats
) -> dict[str, pd.Series]:
    """The columns of the log that go into the frame, by name."""
    columns = {
        name: column_values(raw, schema, name, findings, formats.get(name, TEXT))
        for name in schema.columns()
        if name not in (schema.label, schema.split) and name in raw.frame
    }
    for role in (schema.user, schema.item):
        if role is not None:
            findings.cells(
                role,
                columns[role].isna().to_numpy(),
                "the row does not say who or what it is about",
                "an identifier",
                "Fill the cell or delete the row.",
            )
    for name, described in schema.fields.items():
        if described.part_of_time is not None and schema.time is not None:
            columns[name] = time_part(columns[schema.time], described.part_of_time)
    if schema.split is not None:
        columns[schema.split] = split_column(raw, schema.split, findings)
    return columns


def _long_lists(interactions: Interactions, raw: RawTable) -> Iterator[Problem]:
    """Multi-valued fields with a cell of more values than the limit: every row is encoded as wide
    as the longest."""
    limit = Limits.from_environment().multi_values
    for name in interactions.schema.of_kind("multi"):
        separator = interactions.separator(name)
        cells = interactions.frame[name].cat.categories.astype("str")
        long = [cell for cell in cells if cell.count(separator) >= limit]
        most = max((len(cell_values(cell, separator)) for cell in long), default=0)
        if most > limit:
            yield Problem(
                what="a cell has more values than this lab allows",
                where=raw.place(column=name),
                got=f"{most:,} values",
                expected=f"at most {limit:,}",
                remedy="Keep the values that matter, or raise the limit (docs/settings.md).",
            )


def _check_usable(
    interactions: Interactions, raw: RawTable, report: ReadReport, *, is_whole: bool
) -> None:
    """A log must have rows, a labelled one both labels, and a whole one several items, or there is
    nothing to learn."""
    schema = interactions.schema
    problems: list[Problem] = []
    if len(interactions) == 0:
        problems.append(
            Problem(
                what="no usable row is left",
                where=raw.name,
                got=f"{report.read:,} rows, all refused",
                expected="at least one row with label, user and item",
                remedy="See the problems of the rows: " + "; ".join(map(str, report.problems[:3])),
            )
        )
    elif schema.label is not None and len(np.unique(interactions.labels)) < 2:
        problems.append(
            Problem(
                what="every row has the same label",
                where=raw.place(column=schema.label),
                got=f"{report.kept:,} times {interactions.labels[0]}",
                expected="rows with 0 and rows with 1"
                if schema.positive is None
                else f"rows where {excerpt(schema.positive)} holds, and others",
                remedy="Correct what means taken. For a log of positives only, leave label out of "
                "the schema and give negatives_per_positive.",
            )
        )
    elif is_whole and len(interactions.items) < 2:
        problems.append(_one_item(raw, schema))
    if problems:
        raise InputError(problems)


def _one_item(raw: RawTable, schema: Schema) -> Problem:
    return Problem(
        what="every row shows the same item",
        where=raw.place(column=schema.item),
        got=f"{len(raw.frame):,} rows of one item",
        expected="at least two items, or there is nothing to rank",
        remedy="Name another column item, or bring the rows of other items too.",
    )


def concatenate(parts: Sequence[Interactions]) -> Interactions:
    """Logs with the same schema one after another; row numbers stay those of each file."""
    return replace(
        parts[0],
        frame=stacked_frames([part.frame for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        items=united_catalogue([part.items for part in parts]),
        rows=np.concatenate([part.rows for part in parts]),
    )
