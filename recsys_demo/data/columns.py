"""The columns of a file converted by their role, every cell that does not fit noted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import to_categories, to_numbers, to_times
from recsys_demo.data.schema import Schema
from recsys_demo.data.tables import LIST_SEPARATOR, RawTable
from recsys_demo.errors import Problem, shown
from recsys_demo.limits import Limits

NAMED_ROWS = 10
TRUE_WORDS = frozenset({"1", "1.0", "true", "yes", "t", "y"})
FALSE_WORDS = frozenset({"0", "0.0", "false", "no", "f", "n"})
PARTS = ("train", "valid", "test", "withheld")


@dataclass
class Findings:
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
    ) -> None:
        """Note the rows of `mask` as bad: the first ones by name, the rest as a number."""
        rows = np.flatnonzero(mask)
        self.bad |= mask
        for row in rows[:NAMED_ROWS]:
            cell = self.raw.frame[column].iloc[row]
            value = "an empty cell" if pd.isna(cell) else shown(str(cell))
            place = self.raw.place(int(row), column)
            self.problems.append(Problem(what, place, value, expected, remedy))
        if len(rows) > NAMED_ROWS:
            more = f"{len(rows) - NAMED_ROWS:,} more such rows"
            self.problems.append(
                Problem(what, self.raw.place(column=column), more, expected, remedy)
            )


def missing_columns(raw: RawTable, schema: Schema, items: RawTable | None) -> list[Problem]:
    problems = []
    for name in schema.columns():
        elsewhere = (
            items is not None
            and name in items.frame.columns
            and name in schema.of_side("item")
            and name != schema.item
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


def list_separators(raw: RawTable, items: RawTable | None, schema: Schema) -> dict[str, str]:
    lists = raw.list_columns | (items.list_columns if items is not None else frozenset())
    return {name: LIST_SEPARATOR for name in schema.of_kind("multi") if name in lists}


def column_values(raw: RawTable, schema: Schema, name: str, findings: Findings) -> pd.Series:
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


def labels(raw: RawTable, schema: Schema, findings: Findings) -> npt.NDArray[np.uint8]:
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


def split_column(raw: RawTable, name: str, findings: Findings) -> pd.Series:
    words = to_categories(raw.frame[name])
    unknown = ~words.isin(PARTS).to_numpy()
    findings.cells(
        name,
        unknown,
        "not a part of a split",
        "train, valid, test or withheld",
        "Correct the cell, or leave split out of the schema.",
    )
    return words


def cardinality_problems(
    raw: RawTable, schema: Schema, columns: dict[str, pd.Series]
) -> list[Problem]:
    """Users and items are kept whole, however rare; other fields are counted when encoded."""
    limit = Limits.from_environment().cardinality
    sizes = {
        name: len(columns[name].cat.categories)
        for name in (schema.user, schema.item)
        if name is not None
    }
    return [
        Problem(
            what="the column has more distinct values than this lab takes",
            where=raw.place(column=name),
            got=f"{size:,} values",
            expected=f"at most {limit:,}",
            remedy="Take a sample of the rows, or raise the limit (README, Limits).",
        )
        for name, size in sizes.items()
        if size > limit
    ]
