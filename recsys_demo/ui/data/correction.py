"""A guessed schema on its way to being right: every role and kind as a person can change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from recsys_demo.data.column_formats import ColumnFormat
from recsys_demo.data.schema import Kind, Schema, Side, TimePart
from recsys_demo.values import validated

Use = Literal["not used", "categorical", "multi", "numeric"]
USES: tuple[Use, ...] = ("not used", "categorical", "multi", "numeric")
NEGATIVES = 2


@dataclass(frozen=True)
class Column:
    """How one column is used as a field."""

    use: Use = "not used"
    side: Side = "context"
    separator: str = "|"


@dataclass(frozen=True)
class Correction:
    """A schema in the making. It need not be valid yet. `time_parts` are the fields taken from the
    time."""

    columns: Mapping[str, Column]
    item: str
    label: str | None = None
    positive: str | None = None
    negatives: int = NEGATIVES
    positives_only: bool = False
    user: str | None = None
    item_name: str | None = None
    time: str | None = None
    split: str | None = None
    decimal: Literal[".", ","] | None = None
    header: tuple[str, ...] = ()
    formats: Mapping[str, ColumnFormat] = field(default_factory=dict)
    time_parts: Mapping[str, TimePart] = field(default_factory=dict)

    def schema(self) -> Schema:
        """The schema as it stands. Raises InputError with everything that does not fit."""
        content: dict[str, Any] = {
            "label": self.label,
            "positive": self.positive if self.label is not None else None,
            "negatives_per_positive": self.negatives if self.label is None else None,
            "user": self.user,
            "item": self.item,
            "item_name": self.item_name,
            "time": self.time,
            "split": self.split,
            "decimal": self.decimal,
            "header": self.header,
            "formats": dict(self.formats),
            "fields": {n: self._field(n) for n, c in self.columns.items() if self._is_field(n, c)}
            | {n: {"part_of_time": p} for n, p in self.time_parts.items() if self.time is not None},
        }
        return validated(Schema, content, "schema")

    def with_column(self, name: str, **changes: object) -> Correction:
        """With one column used otherwise."""
        column = replace(self.columns[name], **changes)  # type: ignore[arg-type] # names are checked by replace
        return replace(self, columns={**self.columns, name: column})

    def with_time_parts(self, parts: Iterable[TimePart]) -> Correction:
        """With just these parts of the time as fields, under names that no column has."""
        known = {part: name for name, part in self.time_parts.items()}
        named = {known.get(part) or self._free_name(part): part for part in parts}
        return replace(self, time_parts=named)

    def _free_name(self, part: TimePart) -> str:
        return part if part not in self.columns else f"{part} of {self.time}"

    def _is_field(self, name: str, column: Column) -> bool:
        """The label and the split say what happened: never inputs, whatever they were before."""
        return column.use != "not used" and name not in (self.label, self.split)

    def _field(self, name: str) -> dict[str, str]:
        column = self.columns[name]
        if name in (self.user, self.item):
            return {"kind": "categorical", "side": "user" if name == self.user else "item"}
        return {"kind": column.use, "side": column.side, "separator": column.separator}


def correction_of(
    schema: Schema, columns: Sequence[str], *, positives_only: bool = False
) -> Correction:
    """What a schema says about these columns, the fields first. `positives_only` says that a person
    has said so, where the schema has no label."""
    parts = {n: f.part_of_time for n, f in schema.fields.items() if f.part_of_time is not None}
    names = [n for n in dict.fromkeys([*schema.fields, *columns]) if n not in parts]
    return Correction(
        columns={name: _column(schema, name) for name in names},
        item=schema.item,
        label=schema.label,
        positive=schema.positive,
        negatives=schema.negatives_per_positive or NEGATIVES,
        positives_only=positives_only,
        user=schema.user,
        item_name=schema.item_name,
        time=schema.time,
        split=schema.split,
        decimal=schema.decimal,
        header=schema.header,
        formats=schema.formats,
        time_parts=parts,
    )


def _column(schema: Schema, name: str) -> Column:
    if name not in schema.fields:
        return Column()
    field = schema.fields[name]
    kind: Kind = field.kind
    return Column(use=kind, side=field.side, separator=field.separator)
