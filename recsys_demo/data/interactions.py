"""The one self-checking form in which a log travels through the lab."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.reading import LIST_SEPARATOR, RawTable
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError, Problem, shown

BadRows = Literal["refuse", "drop"]
NAMED_ROWS = 20
POSITIVES_ONLY_LABEL = "label"
TRUE_WORDS = frozenset({"1", "1.0", "true", "yes", "t", "y"})
FALSE_WORDS = frozenset({"0", "0.0", "false", "no", "f", "n"})
MISSING_NUMBERS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})


@dataclass(frozen=True, eq=False)
class Interactions:
    """Impressions with labels, and the catalogue they were drawn from.

    `frame` has one row per impression: user, item and every field of the schema (categorical and
    multi-valued ones as pandas categoricals of strings, numeric ones as float64 with NaN for
    missing), time and truth columns as floats. `labels` holds 0 or 1 per row. `items` has one row
    per item of the catalogue, indexed by item id, with every attribute known of it. `rows` is the
    0-based row of the file each impression came from; a sampled negative has the row of its
    positive.
    """

    frame: pd.DataFrame
    labels: npt.NDArray[np.uint8]
    items: pd.DataFrame
    schema: Schema
    rows: npt.NDArray[np.int64]
    separators: dict[str, str] = field(default_factory=dict)

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
        return self.separators.get(name, self.schema.fields[name].separator)

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
    """What became of the rows of a file."""

    read: int
    kept: int
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> int:
        return self.read - self.kept


@dataclass
class _Findings:
    """Problems of single cells, collected so that all of a file are told at once."""

    raw: RawTable
    bad: npt.NDArray[np.bool_]
    problems: list[Problem] = field(default_factory=list)

    def cells(
        self,
        column: str,
        mask: npt.NDArray[np.bool_],
        what: str,
        expected: str,
        remedy: str,
        got: Callable[[int], str] | None = None,
    ) -> None:
        """Note the rows of `mask` as bad: the first ones by name, the rest as a number."""
        rows = np.flatnonzero(mask)
        self.bad |= mask
        for row in rows[:NAMED_ROWS]:
            cell = self.raw.frame[column].iloc[row]
            value = "an empty cell" if pd.isna(cell) else shown(str(cell))
            self.problems.append(
                Problem(
                    what,
                    self.raw.place(int(row), column),
                    got(int(row)) if got else value,
                    expected,
                    remedy,
                )
            )
        if len(rows) > NAMED_ROWS:
            more = f"{len(rows) - NAMED_ROWS:,} more such rows"
            self.problems.append(
                Problem(what, self.raw.place(column=column), more, expected, remedy)
            )


def build_interactions(
    raw: RawTable,
    schema: Schema,
    items: RawTable | None = None,
    bad_rows: BadRows = "refuse",
) -> tuple[Interactions, ReadReport]:
    """Give the columns of a table their meaning.

    With `bad_rows="refuse"` any unusable row is an error; with `"drop"` such rows are left out and
    told in the report. A positives-only log gets label 1 in every row; its negatives are sampled
    later (`negatives.py`). Raises InputError with every problem of both files.
    """
    problems = _missing_columns(raw, schema, items)
    attributes, item_problems = _item_attributes(items, schema)
    if problems or item_problems:
        raise InputError([*problems, *item_problems])

    findings = _Findings(raw, np.zeros(len(raw.frame), dtype=bool))
    labels = _labels(raw, schema, findings)
    columns: dict[str, pd.Series] = {}
    for name in schema.columns():
        if name in (schema.label, schema.split) or name not in raw.frame:
            continue
        columns[name] = _column(raw, schema, name, findings)
    for role in (schema.user, schema.item):
        if role is not None:
            findings.cells(
                role,
                columns[role].isna().to_numpy(),
                "the row does not say who or what it is about",
                "an identifier",
                "Fill the cell or delete the row.",
            )
    if schema.split is not None:
        columns[schema.split] = _split_column(raw, schema.split, findings)
    if findings.problems and bad_rows == "refuse":
        raise InputError(findings.problems)

    keep = np.flatnonzero(~findings.bad)
    frame = pd.DataFrame(columns, copy=False).iloc[keep].reset_index(drop=True)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].cat.remove_unused_categories()
    catalogue = _catalogue(frame, attributes, schema)
    frame = join_item_fields(frame, catalogue, schema)
    report = ReadReport(len(raw.frame), len(keep), tuple(findings.problems))
    interactions = Interactions(
        frame=frame,
        labels=labels[keep],
        items=catalogue,
        schema=schema,
        rows=keep.astype(np.int64),
        separators=_list_separators(raw, items, schema),
    )
    _check_usable(interactions, raw.name, report)
    return interactions, report


def join_item_fields(frame: pd.DataFrame, items: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Add the item fields a frame lacks, looked up in the catalogue by item id."""
    absent = [name for name in schema.fields if name not in frame.columns]
    if not absent:
        return frame
    position = items.index.get_indexer(pd.Index(frame[schema.item].astype("str")))
    added = {name: items[name].iloc[position].reset_index(drop=True) for name in absent}
    return frame.assign(**added)


def _missing_columns(raw: RawTable, schema: Schema, items: RawTable | None) -> list[Problem]:
    problems = []
    for name in schema.columns():
        elsewhere = (
            items is not None
            and name in items.frame.columns
            and name in schema.fields
            and schema.fields[name].side == "item"
        )
        if name in raw.frame.columns or elsewhere:
            continue
        reason = raw.unreadable.get(name)
        columns = ", ".join(shown(str(c)) for c in list(raw.frame.columns)[:12])
        problems.append(
            Problem(
                what="a column of the schema cannot be used" if reason else "a column is missing",
                where=raw.place(column=name),
                got=reason or f"the columns {columns}",
                expected=f"a column named {shown(name)}",
                remedy="Correct the name in the schema, or the header of the file.",
            )
        )
    return problems


def _list_separators(raw: RawTable, items: RawTable | None, schema: Schema) -> dict[str, str]:
    lists = raw.list_columns | (items.list_columns if items is not None else frozenset())
    return {name: LIST_SEPARATOR for name in schema.of_kind("multi") if name in lists}


def _column(raw: RawTable, schema: Schema, name: str, findings: _Findings) -> pd.Series:
    truth = [] if schema.truth is None else list(schema.truth.model_dump().values())
    described = schema.fields.get(name)
    if name == schema.time:
        values, bad = to_times(raw.frame[name])
        findings.cells(
            name, bad, "not a point in time", "a date, or seconds since 1970", "Correct the cell."
        )
        return pd.Series(values, name=name)
    if name in truth or (described is not None and described.kind == "numeric"):
        values, bad = to_numbers(raw.frame[name], schema.decimal)
        findings.cells(
            name,
            bad,
            "not a finite number",
            f"a number with decimal {shown(schema.decimal)}, or an empty cell",
            "Correct the cell, or make the field categorical.",
        )
        return pd.Series(values, name=name)
    return to_categories(raw.frame[name])


def _labels(raw: RawTable, schema: Schema, findings: _Findings) -> npt.NDArray[np.uint8]:
    if schema.label is None:
        return np.ones(len(raw.frame), dtype=np.uint8)
    column = raw.frame[schema.label]
    if schema.label_threshold is not None:
        numbers, bad = to_numbers(column, schema.decimal)
        findings.cells(
            schema.label,
            bad | np.isnan(numbers),
            "not a usable rating",
            "a number to compare with label_threshold",
            "Fill or correct the cell, or delete the row.",
        )
        return (np.nan_to_num(numbers, nan=-np.inf) >= schema.label_threshold).astype(np.uint8)
    words = to_categories(column)
    known = words.cat.categories.str.strip().str.lower()
    values = np.where(known.isin(TRUE_WORDS), 1, np.where(known.isin(FALSE_WORDS), 0, 2))
    labels = np.append(values, 2)[words.cat.codes.to_numpy()]
    findings.cells(
        schema.label,
        labels == 2,
        "not a label",
        "0 or 1",
        "Correct or delete the row; for ratings set label_threshold in the schema.",
    )
    return labels.astype(np.uint8)


def _split_column(raw: RawTable, name: str, findings: _Findings) -> pd.Series:
    words = to_categories(raw.frame[name])
    unknown = ~words.isin(["train", "valid", "test", "withheld"]).to_numpy()
    findings.cells(
        name,
        unknown,
        "not a part of a split",
        "train, valid, test or withheld",
        "Correct the cell, or leave split out of the schema.",
    )
    return words


def to_categories(column: pd.Series) -> pd.Series:
    """Any plain column as a categorical of strings; missing stays missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, values = pd.factorize(column)
    if pd.api.types.is_float_dtype(values.dtype) and np.all(np.mod(values, 1) == 0):
        values = values.astype(np.int64)  # a whole-number id that met a missing cell
    names = pd.Index([_as_text(value) for value in values], dtype="str")
    if not names.is_unique:
        codes, names = _merged(codes, names)
    return pd.Series(pd.Categorical.from_codes(codes, categories=names), name=column.name)


def _merged(codes: npt.NDArray[np.intp], names: pd.Index) -> tuple[npt.NDArray[np.intp], pd.Index]:
    position, unique = pd.factorize(names)
    return np.append(position, -1)[codes], pd.Index(unique)


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value)


def to_numbers(
    column: pd.Series, decimal: str = "."
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Numbers (NaN where missing) and a mask of the cells that are not finite numbers."""
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isinf(numbers), np.nan, numbers), np.isinf(numbers)
    words = to_categories(column)
    parsed = np.array([_number(text, decimal) for text in words.cat.categories], dtype=np.float64)
    # inf marks what is no finite number, NaN what is missing; code -1 is a missing cell.
    numbers = np.append(parsed, np.nan)[words.cat.codes.to_numpy()]
    return np.where(np.isinf(numbers), np.nan, numbers), np.isinf(numbers)


def _number(text: str, decimal: str) -> float:
    text = text.strip()
    if text.lower() in MISSING_NUMBERS:
        return np.nan
    if decimal == ",":
        text = text.replace(".", "").replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return np.inf
    return number if np.isfinite(number) else np.inf


def to_times(column: pd.Series) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Seconds since 1970 and a mask of the cells that are no point in time."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _seconds(column), column.isna().to_numpy()
    numbers, bad = to_numbers(column)
    if not bad.any():
        return numbers, np.isnan(numbers)
    words = to_categories(column)
    parsed = pd.to_datetime(
        pd.Series(words.cat.categories.astype("str")), errors="coerce", format="mixed", utc=True
    )
    seconds = np.append(_seconds(parsed), np.nan)[words.cat.codes.to_numpy()]
    return seconds, np.isnan(seconds)


def _seconds(times: pd.Series) -> npt.NDArray[np.float64]:
    utc = pd.to_datetime(times, utc=True)
    seconds = (utc - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)
    return np.asarray(seconds, dtype=np.float64)


def _item_attributes(
    items: RawTable | None, schema: Schema
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """The second file as a frame indexed by item id, item fields converted by their kind."""
    if items is None:
        return None, []
    if schema.item not in items.frame.columns:
        there = ", ".join(shown(str(c)) for c in list(items.frame.columns)[:12])
        return None, [
            Problem(
                what="the item file lacks the item column",
                where=items.name,
                got=f"the columns {there}",
                expected=f"a column named {shown(schema.item)}",
                remedy="Rename the column that holds the item ids.",
            )
        ]
    findings = _Findings(items, np.zeros(len(items.frame), dtype=bool))
    ids = to_categories(items.frame[schema.item])
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
    columns: dict[str, pd.Series] = {}
    for name in items.frame.columns:
        if name == schema.item:
            continue
        if name in schema.fields:
            columns[name] = _column(items, schema, name, findings)
        elif pd.api.types.is_numeric_dtype(items.frame[name].dtype):
            columns[name] = items.frame[name]
        else:
            columns[name] = to_categories(items.frame[name])
    attributes = pd.DataFrame(columns, index=range(len(items.frame)))
    attributes.index = pd.Index(ids.astype("str"), name=schema.item)
    return attributes, findings.problems


def _catalogue(
    frame: pd.DataFrame, attributes: pd.DataFrame | None, schema: Schema
) -> pd.DataFrame:
    """One row per item known from the log or the item file, with its attributes.

    An item field that stands in the log itself takes the item's first value there.
    """
    in_log = [n for n in schema.of_side("item") if n in frame.columns and n != schema.item]
    first = frame.drop_duplicates(schema.item)
    seen = first[in_log].copy()
    seen.index = pd.Index(first[schema.item].astype("str"), name=schema.item)
    if attributes is None:
        return seen.sort_index(key=_natural)
    ids = attributes.index.union(seen.index, sort=False)
    described = attributes.drop(columns=[n for n in in_log if n in attributes]).reindex(ids)
    return pd.concat([described, seen.reindex(ids)], axis=1).sort_index(key=_natural)


def _natural(ids: pd.Index) -> pd.Index:
    """Whole numbers by value, everything else by name."""
    numbers = pd.to_numeric(pd.Series(ids), errors="coerce")
    return pd.Index(numbers) if numbers.notna().all() else ids


def _check_usable(interactions: Interactions, name: str, report: ReadReport) -> None:
    """A log must have rows, and a labelled one both labels, or there is nothing to learn."""
    problems: list[Problem] = []
    if len(interactions) == 0:
        problems.append(
            Problem(
                what="no usable row is left",
                where=name,
                got=f"{report.read:,} rows, all refused",
                expected="at least one row with label, user and item",
                remedy="See the problems of the rows: " + "; ".join(map(str, report.problems[:3])),
            )
        )
    elif interactions.schema.label is not None and len(np.unique(interactions.labels)) < 2:
        problems.append(
            Problem(
                what="every row has the same label",
                where=f"{name}, column {shown(interactions.schema.label)}",
                got=f"{report.kept:,} times {interactions.labels[0]}",
                expected="rows with 0 and rows with 1",
                remedy="For a log of positives only, leave label out of the schema and give "
                "negatives_per_positive.",
            )
        )
    if problems:
        raise InputError(problems)


def concatenate(parts: Sequence[Interactions]) -> Interactions:
    """Logs with the same schema one after another; row numbers stay those of each file."""
    first = parts[0]
    frame = pd.DataFrame(
        {name: _concatenated([part.frame[name] for part in parts]) for name in first.frame.columns}
    )
    ids = first.items.index
    for part in parts[1:]:
        ids = ids.union(part.items.index, sort=False)
    items = first.items.reindex(ids)
    for part in parts[1:]:
        items = items.combine_first(part.items)
    return replace(
        first,
        frame=frame,
        labels=np.concatenate([part.labels for part in parts]),
        items=items.sort_index(key=_natural),
        rows=np.concatenate([part.rows for part in parts]),
    )


def _concatenated(columns: list[pd.Series]) -> pd.Series:
    if isinstance(columns[0].dtype, pd.CategoricalDtype):
        return pd.Series(pd.api.types.union_categoricals(columns))
    return pd.concat(columns, ignore_index=True)
