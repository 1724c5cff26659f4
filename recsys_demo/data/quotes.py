"""Quotes that swallow rows: one that nothing closes, or one that a later row closes."""

from __future__ import annotations

import csv

import pandas as pd

from recsys_demo.data.tables import RawTable
from recsys_demo.errors import Problem, excerpt

LONGEST_CELL = 10_000_000


def open_quote(content: bytes, raw: RawTable) -> list[Problem]:
    """A quote that is opened and never closed makes one cell of the rest of the file."""
    if content.count(b'"') % 2 == 0:
        return []
    last = len(raw.frame) - 1
    for column in raw.frame.columns:
        cell = raw.frame[column].iloc[last]
        if not pd.isna(cell) and ("\n" in cell or "\r" in cell):
            return [
                Problem(
                    what="a quote is opened and never closed",
                    where=raw.place(last, column),
                    got=excerpt(cell),
                    expected="quotes in pairs",
                    remedy='Close the quote, or write a quote inside a cell as "".',
                )
            ]
    return []


def swallowed_rows(
    content: bytes, delimiter: str, columns: int, name: str, before: int
) -> list[Problem]:
    """A cell with line ends whose lines are all rows by themselves: its quotes belong to two rows.

    `before` lines of the file stand in front of the content.
    """
    csv.field_size_limit(LONGEST_CELL)
    lines = content.decode("utf-8").splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=delimiter)
    start = 0
    try:
        for _ in reader:
            span = lines[start : reader.line_num]
            if len(span) > 1 and all(line.count(delimiter) == columns - 1 for line in span):
                return [_swallowed(name, before + start + 1, len(span), span[0])]
            start = reader.line_num
    except csv.Error:
        return []  # the other checks name what is wrong
    return []


def _swallowed(name: str, line: int, count: int, text: str) -> Problem:
    return Problem(
        what=f"a quote makes one row of {count:,} lines that are rows by themselves",
        where=f"{name}, line {line}",
        got=excerpt(text.strip()),
        expected="a quote that is closed in its own line",
        remedy='Delete the quote that opens there, or write a quote inside a cell as "".',
    )
