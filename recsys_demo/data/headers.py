"""The first lines of a text: what separates its cells, and how its columns are called."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from recsys_demo.data.tables import INVISIBLE
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.limits import Limits, too_many_columns

DELIMITERS = (",", ";", "\t", "|")
SNIFFED_BYTES = 65_536
SNIFFED_ROWS = 50
NAMED_COLUMNS = 6


# libsvm: label feature:value ...
SPARSE = re.compile(r"[+-]?\d[\d.]*+(?: \d++:[^\s:]++)++ *+")
CRITEO = ("label", *(f"I{i}" for i in range(1, 14)), *(f"C{i}" for i in range(1, 27)))
AFTER_LAST = "\x00"  # the column behind a separator at the end of every row


@dataclass(frozen=True)
class Head:
    """How a text is cut: the separator, the names of the columns, whether they stand in its first
    line, and a sentence where that had to be found out."""

    delimiter: str
    names: list[str]
    has_names: bool = True
    note: str | None = None


def head_of(
    text: str,
    name: str,
    limits: Limits,
    delimiter: str | None = None,
    header: Sequence[str] = (),
) -> Head:
    """The head of a text that begins so. `header` says how its columns are called where its first
    line is a row. Raises InputError with every problem of the names."""
    if SPARSE.fullmatch(text.split("\n", 1)[0].rstrip("\r")):
        raise InputError(_sparse(name, text))
    delimiter = delimiter or delimiter_of(text)
    rows = parsed_head(text, delimiter)
    first = [cell.strip(INVISIBLE) for cell in rows[0]] if rows else []
    if len(first) > limits.columns:
        raise InputError(too_many_columns(name, len(first), limits.columns))
    if "\n" not in text and "\r" not in text:
        raise InputError(_endless_header(name, text))
    body = [row for row in rows[1:] if row]
    is_row = _is_criteo(first) or _is_row(first, body)
    has_names = first == list(header) if header else not is_row
    names, note = first, None
    if not has_names:
        names = list(header) or [f"column_{i}" for i in range(1, len(first) + 1)]
    if not has_names and not header and _is_criteo(first):
        names = list(CRITEO)
        note = f"{name} has no line of column names; it is read as Criteo's: label, I1-13, C1-26."
    names = _with_the_last(names, first, body)
    if len(names) > 1 and not names[0]:
        names = ["column_1", *names[1:]]  # the row numbers that data frames write have no name
    if problems := _header_problems(names, name, limits):
        raise InputError(problems)
    if header and len(names) != len(first):
        raise InputError(_other_width(name, header, first))
    return Head(delimiter, names, has_names, note)


def _with_the_last(names: list[str], first: list[str], body: list[list[str]]) -> list[str]:
    """The names, and one more for what stands behind a separator at the end of every row."""
    if len(names) < 2 or not body or not all(not row[-1] for row in body):
        return names
    width = len(body[0])
    if width == len(names) + 1:
        return [*names, AFTER_LAST]
    if width == len(names) and not first[-1]:
        return [*names[:-1], AFTER_LAST]
    return names


def _is_criteo(first: list[str]) -> bool:
    return len(first) == len(CRITEO) and first[0] in ("0", "1")


def first_lines(content: bytes) -> str:
    """The beginning of a text, as much as is looked at."""
    head = content[:SNIFFED_BYTES]
    if len(content) > SNIFFED_BYTES:
        # Never judge by half a line, but a first line longer than the window stays as it is.
        head = head[: head.rfind(b"\n") + 1] or head
    return head.decode("utf-8", errors="ignore")


def delimiter_of(text: str) -> str:
    """The separator that cuts the most of the first rows like the header, and that into most."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in parsed_head(text, delimiter) if row]
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (widths.count(widths[0]) / len(widths), widths[0])

    return max(DELIMITERS, key=score)


def parsed_head(text: str, delimiter: str) -> list[list[str]]:
    """The first rows, as far as they can be read."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) >= SNIFFED_ROWS:
                break
    except csv.Error:
        pass  # what was readable decides; the real parser reports the rest
    return rows


def has_double_colons(text: str) -> bool:
    """Whether :: separates the cells, as in MovieLens 1M."""
    lines = [line for line in text.splitlines() if line][:SNIFFED_ROWS]
    counts = {line.count("::") for line in lines}
    if len(counts) != 1 or not counts.pop():
        return False
    widths = [len(row) for row in parsed_head(text, delimiter_of(text)) if row]
    return len(set(widths)) > 1 or widths[0] < 2


def _is_row(first: list[str], body: list[list[str]]) -> bool:
    """Whether the first line is a row like those below it: all numbers, numbers above numbers, or
    values that come again below."""
    if first and all(map(_is_number, first)):
        return True
    # A line of names that comes again, as where files were put one behind the other, is no value.
    body = [row for row in body if [cell.strip(INVISIBLE) for cell in row] != first]
    alike = 0
    for column, cell in enumerate(first):
        below = [row[column].strip() for row in body if column < len(row)]
        numbers = sum(_is_number(value) for value in below)
        alike += (bool(cell) and cell in below) or (_is_number(cell) and numbers * 2 > len(below))
    return alike * 2 >= len(first) > 1


def no_names(name: str, columns: Sequence[str], first: Sequence[str]) -> Problem:
    """A table whose first line is a row, where its columns must have names."""
    usual = ["user", "item", "label", *(f"column_{i}" for i in range(4, len(columns) + 1))]
    names = ", ".join(f'"{name}"' for name in usual[: len(columns)])
    return Problem(
        what="the first line is a row, not the names of the columns",
        where=f"{name}, line 1",
        got=", ".join(map(excerpt, first[:6])),
        expected=f"the names of the {len(columns)} columns",
        remedy="Add a first line with a name per column, or give the names in the schema, such as "
        f"header = [{names}].",
    )


def _other_width(name: str, header: Sequence[str], first: Sequence[str]) -> Problem:
    return Problem(
        what="there are not as many names as columns",
        where=f"{name}, line 1",
        got=f"{len(header)} names ({', '.join(map(excerpt, header[:6]))}) for {len(first)} cells "
        f"({', '.join(map(excerpt, first[:6]))})",
        expected="a name for every column, in their order",
        remedy="Correct the names of the columns (header in the schema).",
    )


def _sparse(name: str, text: str) -> Problem:
    return Problem(
        what="this is a file of libsvm",
        where=name,
        got=excerpt(text.split("\n", 1)[0]),
        expected="a table with a column per field",
        remedy="Bring the table it was made from: its numbers no longer say what they stand for.",
    )


def _endless_header(name: str, head: str) -> Problem:
    return Problem(
        what="the line of column names is too long",
        where=f"{name}, line 1",
        got=excerpt(head),
        expected=f"at most {SNIFFED_BYTES:,} bytes",
        remedy="Check that the file is a table with one line per row.",
    )


def _header_problems(header: list[str], name: str, limits: Limits) -> list[Problem]:
    problems = []
    for index, column in enumerate(header):
        if column and len(column) <= limits.cell_characters:
            continue
        problems.append(
            Problem(
                what="a column name is too long" if column else "a column has no name",
                where=f"{name}, line 1, column {index + 1}",
                got=excerpt(column) if column else "an empty cell",
                expected=f"a name of at most {limits.cell_characters:,} characters",
                remedy="Name the column or delete it.",
            )
        )
    if again := [f"{excerpt(c)} {n} times" for c, n in Counter(header).items() if c and n > 1]:
        problems.append(
            Problem(
                what="two columns have the same name",
                where=f"{name}, line 1",
                got=", ".join(again[:NAMED_COLUMNS]),
                expected="different names",
                remedy="Rename or delete one of them.",
            )
        )
    if not header:
        problems.append(
            Problem(
                what="the first line has no cells",
                where=f"{name}, line 1",
                got="nothing to read",
                expected="a line of column names",
                remedy="Add a first line with the names of the columns.",
            )
        )
    return problems


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
