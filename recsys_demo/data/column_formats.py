"""How the cells of a column are written: a record per column, decided once for a log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import model_validator

from recsys_demo.errors import excerpt
from recsys_demo.values import Frozen

Values = Literal["text", "number", "boolean", "date"]
Decimal = Literal[".", ","]
Thousands = Literal["", ",", ".", "'", " "]
Order = Literal["ymd", "dmy", "mdy"]

MARKS = {".": "point", ",": "comma", "'": "apostrophe", " ": "blank"}
ORDERS = {
    "ymd": "the year first",
    "dmy": "the day first",
    "mdy": "the month first",
}


class ColumnFormat(Frozen):
    """How the cells of one column are written.

    `values` is what all of them are: numbers (1.0 and 1 are the same), booleans (True and true are
    the same), dates (also with a time of day), or any text. `decimal` and `thousands` are the marks
    in its numbers, `order` that of its dates in digits; a year of two digits is 1969 to 2068.
    `lists` says that a cell is a list such as ["a", "b"] or ['a', 'b'].
    """

    values: Values = "text"
    decimal: Decimal = "."
    thousands: Thousands = ""
    order: Order = "ymd"
    lists: bool = False

    @model_validator(mode="before")
    @classmethod
    def _values_are_implied(cls, content: Any) -> Any:
        """Whoever says the order of dates need not say that they are dates."""
        if not isinstance(content, Mapping) or "values" in content:
            return content
        if "order" in content:
            return {**content, "values": "date"}
        if "decimal" in content or "thousands" in content:
            return {**content, "values": "number"}
        return content

    @model_validator(mode="after")
    def _marks_differ(self) -> ColumnFormat:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands must be different marks")
        return self

    @property
    def is_plain(self) -> bool:
        """Written as a program writes it: nothing had to be decided."""
        return (self.decimal, self.thousands, self.order, self.lists) == (".", "", "ymd", False)

    def __str__(self) -> str:
        told = ["lists of values"] if self.lists else []
        if self.values == "number":
            told.append(f"numbers with decimal {MARKS[self.decimal]}")
            if self.thousands:
                told.append(f"thousands between {MARKS[self.thousands]}s")
        elif self.values == "date":
            told.append(f"dates with {ORDERS[self.order]}")
        elif self.values == "boolean":
            told.append("true and false")
        return ", ".join(told) or "text"


TEXT = ColumnFormat()
PLAIN_NUMBER = ColumnFormat(values="number")
Formats = Mapping[str, ColumnFormat]


def format_sentences(formats: Formats) -> list[str]:
    """A sentence per column about which something had to be decided."""
    return [
        f"Column {excerpt(name)} is read as {form}."
        for name, form in formats.items()
        if not form.is_plain
    ]
