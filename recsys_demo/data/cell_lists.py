"""Several values in one cell: between separators, or as a list of JSON or Python."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from typing import Any

from recsys_demo.data.column_formats import PLAIN_NUMBER
from recsys_demo.data.numbers import number_text
from recsys_demo.data.tables import LIST_SEPARATOR

# A list, a tuple, and the { } of Postgres and of Python's sets.
LIST = re.compile(r"""\s*(\[.*\]|\{[^:]*\}|\((?:['"].*)?\))\s*""", re.DOTALL)
WITHOUT_COMMA = re.compile(r"""(['"])\s+(?=['"])""")  # as numpy writes lists: ['a' 'b']
LISTED = 64  # objects of one list; deeper or longer ones are cut at their commas


def is_list(cell: str) -> bool:
    """Whether a cell looks like a list of JSON or Python."""
    return LIST.fullmatch(cell) is not None


def list_cell(cell: str, separator: str) -> str:
    """The values of a cell between `LIST_SEPARATOR`s; one that is no list is cut by `separator`."""
    if LIST_SEPARATOR in cell:
        return cell
    values = _elements(cell.strip()) if is_list(cell) else cell.split(separator)
    return cell_of(values)


def cell_of(values: Iterable[str]) -> str:
    """Values as one cell, without blanks around them and without empty ones."""
    return LIST_SEPARATOR.join(v for value in values if (v := value.strip()))


def _elements(cell: str) -> list[str]:
    for read in (json.loads, _of_python):
        try:
            found = read(cell)
        # A cell of brackets may be deeper than the parsers go.
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            continue
        if isinstance(found, list | tuple):
            return [_name(value) for value in found]
    return [part.strip(" \t\n'\"") for part in cell[1:-1].split(",")]


def _of_python(cell: str) -> object:
    if max(cell.count(sign) for sign in "[({") > LISTED:
        raise ValueError("too many nested brackets")
    return ast.literal_eval(WITHOUT_COMMA.sub(r"\1, ", cell))


def _name(value: Any) -> str:
    """A value of a list; of an object ({"id": 18, "name": "Drama"}) its name."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return str(value["name"]) if "name" in value else json.dumps(value, default=str)
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(str(value), PLAIN_NUMBER) if isinstance(value, float) else str(value)
