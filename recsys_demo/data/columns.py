"""The columns of a file converted by their role, every cell that does not fit noted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import to_categories, to_lists, to_numbers, to_times
from recsys_demo.data.column_formats import TEXT, ColumnFormat
from recsys_demo.data.headers import no_names
from recsys_demo.data.labels import FALSE_WORDS, TRUE_WORDS
from recsys_demo.data.moments import second_times
from recsys_demo.data.schema import Schema, TimePart
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.limits import Limits

NAMED_ROWS = 10
PARTS = ("train", "valid", "test", "withheld")
Labels = npt.NDArray[np.uint8]


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
            value = "an empty cell" if pd.isna(cell) else excerpt(str(cell))
            place = self.raw.place(int(row), column)
            self.problems.append(Problem(what, place, value, expected, remedy))
        if len(rows) > NAMED_ROWS:
            more = f"{len(rows) - NAMED_ROWS:,} more such rows"
            self.problems.append(
                Problem(what, self.raw.place(column=column), more, expected, remedy)
            )


def missing_columns(raw: RawTable, schema: Schema, items: RawTable | None) -> list[Problem]:
    problems = []
    nameless = [t for t in (raw, items) if t is not None and t.names == "missing"]
    for name in schema.columns():
        elsewhere = (
            items is not None
            and name in items.frame.columns
            and name in schema.of_side("item")
            and name != schema.item
        )
        if name in raw.frame.columns or elsewhere:
            continue
        if nameless:
            return [nameless_columns(table) for table in nameless]
        reason = raw.unreadable.get(name)
        columns = ", ".join(excerpt(str(c)) for c in list(raw.frame.columns)[:12])
        problems.append(
            Problem(
                what="a column of the schema cannot be used" if reason else "a column is missing",
                where=raw.place(column=name),
                got=reason or f"the columns {columns}",
                expected=f"a column named {excerpt(name)}",
                remedy="Correct the name in the schema, or the header of the file.",
            )
        )
    return problems


def nameless_columns(raw: RawTable) -> Problem:
    """A table whose columns nobody has named."""
    first = ["" if pd.isna(cell) else str(cell) for cell in raw.frame.iloc[0]]
    return no_names(raw.name, list(raw.frame.columns), first)


def column_values(
    raw: RawTable, schema: Schema, name: str, findings: Findings, form: ColumnFormat = TEXT
) -> pd.Series:
    """A column converted by its role and its format."""
    truth = [] if schema.truth is None else list(schema.truth.model_dump().values())
    described = schema.fields.get(name)
    if name == schema.time:
        values, bad = to_times(raw.frame[name], form)
        findings.cells(
            name, bad, "not a point in time", "a date, or seconds since 1970", "Correct the cell."
        )
        return pd.Series(values, name=name)
    if name in truth or (described is not None and described.kind == "numeric"):
        values, bad = to_numbers(raw.frame[name], form)
        findings.cells(
            name,
            bad,
            "not a finite number",
            f"{form}, or an empty cell",
            "Correct the cell, make the field categorical, or say under [formats] of the schema "
            "how the column is written.",
        )
        return pd.Series(values, name=name)
    if described is not None and described.kind == "multi":
        return to_lists(raw.frame[name], described.separator, form)
    return to_categories(raw.frame[name], form)


def time_part(seconds: pd.Series, part: TimePart) -> pd.Series:
    """The weekday or the hour of points in time, as a categorical; hours have two digits."""
    times = second_times(seconds.to_numpy()).dt
    names = times.day_name() if part == "weekday" else times.strftime("%H")
    return pd.Series(names.astype("str").array, index=seconds.index, dtype="category")


def labels(raw: RawTable, schema: Schema, findings: Findings, form: ColumnFormat) -> Labels:
    """1 where the item was taken, 0 where not; rows that do not say are noted as bad. Raises
    InputError where what means taken is a missing value."""
    if schema.label is None:
        return np.ones(len(raw.frame), dtype=np.uint8)
    column = raw.frame[schema.label]
    if schema.threshold is not None:
        numbers, bad = to_numbers(column, form)
        findings.cells(
            schema.label,
            bad | np.isnan(numbers),
            "not a usable rating",
            f"a number to compare with positive = {excerpt(schema.positive)}",
            "Fill or correct the cell, or delete the row.",
        )
        return schema.threshold.holds(numbers).astype(np.uint8)
    words = to_categories(column, form)
    wanted = _as_written(schema.positive, form)
    if wanted == "":
        raise InputError.of(
            "what means taken is a missing value in this column",
            raw.place(column=schema.label),
            got=f"positive = {excerpt(str(schema.positive))}",
            expected="a value that the column holds",
            remedy="Name another value, or say under [formats] of the schema that the column is "
            "read as text.",
        )
    values = _of_words(words.cat.categories, wanted)
    taken = np.append(values, 2)[words.cat.codes.to_numpy()]
    findings.cells(
        schema.label,
        taken == 2,
        "not a label",
        "0 or 1" if schema.positive is None else "a word",
        "Correct or delete the row, or say in the schema what means taken: "
        'positive = ">= 4" for ratings, positive = "clicked" for words.',
    )
    return taken.astype(np.uint8)


def _as_written(positive: str | None, form: ColumnFormat) -> str | None:
    """The word that means taken as a cell of its column is read; empty for a missing value."""
    if positive is None:
        return None
    read = to_categories(pd.Series([positive], dtype="category"), form)
    return "" if read.isna()[0] else str(read[0]).strip().lower()


def _of_words(words: pd.Index, wanted: str | None) -> npt.NDArray[np.int64]:
    """1 for a word that means taken, 0 for one that means not taken, 2 for any other."""
    plain = words.str.strip().str.lower()
    if wanted is None:
        known = np.where(plain.isin(TRUE_WORDS), 1, np.where(plain.isin(FALSE_WORDS), 0, 2))
        return known.astype(np.int64)
    return (plain == wanted).astype(np.int64)


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
            what="the column has more distinct values than this lab allows",
            where=raw.place(column=name),
            got=f"{size:,} values",
            expected=f"at most {limit:,}",
            remedy="Take a sample of the rows, or raise the limit (docs/settings.md).",
        )
        for name, size in sizes.items()
        if size > limit
    ]
