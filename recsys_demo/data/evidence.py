"""How each column of a log is read: decided once, from all of its rows and files.

Evidence is a count of rows by the shape of their cell. Counts add up over row groups, parts and
files, so that what is decided is the same however the log comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from recsys_demo.data import shapes as seen
from recsys_demo.data.column_formats import ColumnFormat, Decimal, Order, Thousands
from recsys_demo.data.moments import possible_orders
from recsys_demo.data.schema import Schema
from recsys_demo.data.shapes import Shape, Shapes, cell_shapes, column_shapes
from recsys_demo.data.tables import RawTable

# What a column is to the schema: names of things, several of them in a cell, numbers, moments.
Use = Literal["names", "lists", "numbers", "time"]
OTHER: dict[Decimal, Decimal] = {".": ",", ",": "."}
OF_CELLS = frozenset({seen.CELL, seen.LIST, seen.TYPED_LIST})
NUMBER_NAMES = frozenset({"number", "bit", "padded", "decimal", "group", "thousands"})
# Where dates can be read in several ways: 12.03.2024 is written by day, 12/03/2024 by month.
PREFERRED: dict[bool, tuple[Order, ...]] = {
    True: ("dmy", "mdy", "ymd"),
    False: ("mdy", "dmy", "ymd"),
}


class Evidence:
    """The shapes of the cells of a log, added up table by table."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._uses = _uses(schema)
        self._shapes: dict[str, Shapes] = {name: Counter() for name in self._uses}

    def add(self, table: RawTable, *, describes_items: bool = False) -> None:
        """More rows of the log, or the file that describes its items."""
        fields, of_items = self._schema.fields, self._schema.of_side("item")
        for name, use in self._uses.items():
            if name not in table.frame or (
                describes_items and name not in of_items and name != self._schema.item
            ):
                continue
            column = table.frame[name]
            if use == "lists":
                typed = name in table.list_columns
                self._shapes[name] += cell_shapes(column, fields[name].separator, typed=typed)
            else:
                self._shapes[name] += column_shapes(column)

    def formats(self) -> dict[str, ColumnFormat]:
        """How each column is read; what the schema says about it counts more than its cells."""
        decimal = self._schema.decimal or _common_decimal(self._shapes.values())
        return {
            name: self._schema.formats.get(name)
            or decided_format(shapes, self._uses[name], self._schema.decimal, decimal)
            for name, shapes in self._shapes.items()
        }


def formats_of(
    schema: Schema, tables: Iterable[RawTable], items: RawTable | None = None
) -> dict[str, ColumnFormat]:
    """How each column of these tables of one log is read."""
    evidence = Evidence(schema)
    for table in tables:
        evidence.add(table)
    if items is not None:
        evidence.add(items, describes_items=True)
    return evidence.formats()


def _uses(schema: Schema) -> dict[str, Use]:
    truth = [] if schema.truth is None else list(schema.truth.model_dump().values())
    numbers = {*schema.of_kind("numeric"), *truth}
    if schema.label is not None and schema.threshold is not None:
        numbers.add(schema.label)
    multi = set(schema.of_kind("multi"))

    def use(name: str) -> Use:
        if name == schema.time:
            return "time"
        return "numbers" if name in numbers else "lists" if name in multi else "names"

    return {name: use(name) for name in schema.columns()}


def decided_format(
    shapes: Shapes, use: Use, decimal: Decimal | None = None, common: Decimal = "."
) -> ColumnFormat:
    """How a column with these shapes is read.

    A column of names is numbers, dates or booleans only if every cell is: one 007 or n.a. among
    them makes all of them text. In a column of numbers the majority decides, and other cells are
    refused. `decimal` is what the schema says, `common` what the other columns of the log have.
    """
    lists = use == "lists" and _are_lists(shapes)
    values = Counter(
        {s: n for s, n in shapes.items() if s not in OF_CELLS and s != seen.MISSING and n}
    )
    found = _format(values, use, decimal, common)
    return found.model_copy(update={"lists": lists}) if lists else found


def _format(shapes: Shapes, use: Use, decimal: Decimal | None, common: Decimal) -> ColumnFormat:
    total = shapes.total()
    needed = total if use in ("names", "lists") else total / 2
    marks = _marks(shapes, decimal, common)
    order = _order(shapes)
    numbers = sum(n for s, n in shapes.items() if _fits(s, marks))
    days = sum(n for s, n in shapes.items() if s == seen.DAY or order in _orders(s))
    if total and use in ("names", "lists") and (shapes[seen.PADDED] or _currencies(shapes) > 1):
        numbers = 0
    if shapes[seen.BOOLEAN] and shapes[seen.BOOLEAN] + shapes[seen.BIT] >= needed:
        return ColumnFormat(values="boolean")
    if days and days >= needed and days >= numbers:
        return ColumnFormat(values="date", order=order)
    if use == "time" and numbers < needed:
        return ColumnFormat(values="date", order=order)
    if use in ("numbers", "time") or (total and numbers == total):
        return ColumnFormat(values="number", decimal=marks[0], thousands=marks[1])
    return ColumnFormat()


def number_rows(shapes: Shapes, form: ColumnFormat) -> int:
    """Rows whose cell is a number in this form."""
    marks = (form.decimal, form.thousands)
    return sum(rows for shape, rows in shapes.items() if _fits(shape, marks))


def _are_lists(shapes: Shapes) -> bool:
    return bool(shapes[seen.TYPED_LIST]) or shapes[seen.LIST] > shapes[seen.CELL]


def _plain(shape: Shape) -> tuple[str, ...]:
    """The shape without its currency."""
    return shape[: shape.index("in")] if "in" in shape else shape


def _currencies(shapes: Shapes) -> int:
    return len({shape[-1] for shape in shapes if "in" in shape})


def _decimals(shapes: Shapes) -> dict[Decimal, int]:
    """Rows that can only be written with this decimal mark."""
    counts: dict[Decimal, int] = {".": 0, ",": 0}
    for shape, rows in shapes.items():
        match _plain(shape):
            case ("decimal", "." | "," as mark):
                counts[mark] += rows
            case ("thousands", "." | "," as mark):
                counts[OTHER[mark]] += rows
    return counts


def _common_decimal(columns: Iterable[Shapes]) -> Decimal:
    """A comma where all columns of numbers that tell have one, else a point."""
    told: set[Decimal] = set()
    for shapes in columns:
        counts = _decimals(shapes)
        if sum(counts.values()) * 2 > shapes.total() - shapes[seen.MISSING] - shapes[seen.NUMBER]:
            told.add("," if counts[","] > counts["."] else ".")
    return "," if told == {","} else "."


def _marks(shapes: Shapes, decimal: Decimal | None, common: Decimal) -> tuple[Decimal, Thousands]:
    counts = _decimals(shapes)
    seen_between = {s[1] for s in map(_plain, shapes) if s[0] in ("thousands", "group")}
    if decimal is None:
        if counts["."] != counts[","]:
            decimal = "." if counts["."] > counts[","] else ","
        else:
            # Where no cell has a mark there is nothing to decide.
            decimal = common if seen_between else "."
    if OTHER[decimal] in seen_between:
        return decimal, OTHER[decimal]
    mark: Thousands
    for mark in ("'", " "):
        if mark in seen_between:
            return decimal, mark
    return decimal, ""


def _fits(shape: Shape, marks: tuple[Decimal, Thousands]) -> bool:
    decimal, thousands = marks
    match _plain(shape):
        case ("decimal", mark):
            return mark == decimal
        case ("group", mark):
            return mark in marks
        case ("thousands", mark):
            return mark == thousands
        case (name, *_):
            return name in NUMBER_NAMES
    return False


def _orders(shape: Shape) -> frozenset[Order]:
    if shape[0] != "date":
        return frozenset()
    _, _, first, second, third = shape
    possible = possible_orders(int(first), int(second), int(third), len(first))
    return possible - {"ymd"} if len(third) == 4 else possible


def _order(shapes: Shapes) -> Order:
    """The order in which most rows are dates; among equals the one with the fewest years."""
    dates = {shape: rows for shape, rows in shapes.items() if shape[0] == "date"}
    if not dates:
        return "ymd"
    rows = {o: sum(n for s, n in dates.items() if o in _orders(s)) for o in PREFERRED[True]}
    years = {o: len({s[2] if o == "ymd" else s[4] for s in dates}) for o in PREFERRED[True]}
    preferred = PREFERRED[any(shape[1] == "." for shape in dates)]
    return max(preferred, key=lambda order: (rows[order], -years[order]))
