"""What the columns of a log mean: label, user, item, and the fields a model may see."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any, Literal, Self

import tomli_w
from pydantic import Field as Bounds
from pydantic import model_validator

from recsys_demo.data.column_formats import ColumnFormat
from recsys_demo.data.labels import Threshold, threshold_of
from recsys_demo.errors import InputError, Problem
from recsys_demo.values import Frozen, validated

MOST_DOTS = 200  # in a line of a schema: fewer than Python can nest
Kind = Literal["categorical", "multi", "numeric"]
Side = Literal["user", "context", "item"]
TimePart = Literal["weekday", "hour"]


class Field(Frozen):
    """One column used as a feature.

    A categorical field has one value a row, a multi-valued field a set of values written in one
    cell, a numeric field a number that becomes a quantile position in [0, 1]. A field that is a
    `part_of_time` needs no column: it is taken from the time of the row.
    """

    kind: Kind = "categorical"
    side: Side = "context"
    separator: str = Bounds("|", min_length=1, max_length=4, description="between multi values")
    quantiles: int = Bounds(100, ge=2, le=10_000, description="cuts of a numeric field")
    min_count: int = Bounds(
        1, ge=1, le=1_000_000, description="training rows a value needs to get a weight of its own"
    )
    part_of_time: TimePart | None = None


class Truth(Frozen):
    """Columns only a planted data set has. They are never inputs of a model."""

    probability: str
    exception: str
    held_out: str


class Schema(Frozen):
    """The roles of the columns of a log.

    `label` says whether the shown item was taken: 1, true or yes, against 0, -1, false or no.
    `positive` says what means taken where the cells are others: a word (`"clicked"`; every other
    word means not taken) or a comparison for ratings and counts (`">= 4"`). `label` is left out,
    and `negatives_per_positive` given, for a log of positives only. `formats` says how a column is
    written where the guess from its cells is wrong. `header` names the columns, in their order, of
    a file whose first line is a row.
    """

    label: str | None = None
    positive: str | None = Bounds(None, min_length=1, max_length=200)
    negatives_per_positive: int | None = Bounds(None, ge=1, le=100)
    user: str | None = None
    item: str
    item_name: str | None = None
    time: str | None = None
    split: str | None = None
    reference_pair: tuple[str, str] | None = None
    decimal: Literal[".", ","] | None = None
    header: tuple[str, ...] = ()
    fields: dict[str, Field]
    formats: dict[str, ColumnFormat] = Bounds(default_factory=dict)
    truth: Truth | None = None

    @model_validator(mode="before")
    @classmethod
    def _threshold_of_before(cls, content: Any) -> Any:
        """Schemas of before say `label_threshold = 4` for `positive = ">= 4"`."""
        if not isinstance(content, Mapping) or "label_threshold" not in content:
            return content
        others = {name: value for name, value in content.items() if name != "label_threshold"}
        least = content["label_threshold"]
        if least is None:
            return others
        if isinstance(least, bool) or not isinstance(least, int | float) or not isfinite(least):
            raise ValueError("label_threshold must be a finite number")
        return others | {"positive": f">= {least:g}"}

    @model_validator(mode="after")
    def _header_names_columns(self) -> Self:
        for name in self.header:
            if not name or name != name.strip():
                raise ValueError(f"name {name!r} in header is empty or has blanks around it")
            if self.header.count(name) > 1:
                raise ValueError(f"header names {name!r} twice")
        return self

    @model_validator(mode="after")
    def _roles_fit_together(self) -> Self:
        if (self.label is None) == (self.negatives_per_positive is None):
            raise ValueError("exactly one of label and negatives_per_positive must be given")
        if self.positive is not None and self.label is None:
            raise ValueError("positive needs a label column to compare with")
        if self.truth is not None and self.label is None:
            raise ValueError("truth needs a label: nothing true is known of sampled negatives")
        self._check_roles()
        if not self.fields:
            raise ValueError("at least one field is needed, or a model has nothing to look at")
        self._check_fields()
        self._check_reference_pair()
        return self

    def _check_roles(self) -> None:
        roles: dict[str, str] = {}
        for role in ("label", "user", "item", "time", "split"):
            column = getattr(self, role)
            if column is not None and column in roles:
                raise ValueError(f"{column!r} cannot be both {roles[column]} and {role}")
            if column is not None:
                roles[column] = role

    def _check_fields(self) -> None:
        for name in self.fields:
            if not name or name != name.strip():
                raise ValueError(f"field name {name!r} is empty or has blanks around it")
            if name in self._forbidden_as_fields():
                raise ValueError(f"{name!r} says what happened, so it cannot be an input field")
        if self.time is None and any(f.part_of_time for f in self.fields.values()):
            raise ValueError("a field that is a part_of_time needs a time column")
        if self.time in self.fields and self.fields[self.time].kind != "numeric":
            raise ValueError(f"{self.time!r} is the time, so its field must be numeric")
        for role, side in ((self.user, "user"), (self.item, "item")):
            if role in self.fields and self.fields[role].side != side:
                raise ValueError(f"{role!r} is the {side}, so its field must have side = {side!r}")
            if role in self.fields and self.fields[role].kind != "categorical":
                raise ValueError(f"{role!r} is an identifier, so its kind must be categorical")

    def _check_reference_pair(self) -> None:
        if self.reference_pair is None:
            return
        for name in self.reference_pair:
            if name not in self.fields and name not in (self.user, self.item):
                raise ValueError(f"reference_pair names {name!r}, which is not a field")
            if name in self.fields and self.fields[name].kind == "numeric":
                raise ValueError(f"reference_pair names {name!r}, which is numeric")
        if self.reference_pair[0] == self.reference_pair[1]:
            raise ValueError("reference_pair needs two different fields")

    def _forbidden_as_fields(self) -> set[str]:
        truth = [] if self.truth is None else list(self.truth.model_dump().values())
        return {name for name in (self.label, self.split, *truth) if name is not None}

    @property
    def threshold(self) -> Threshold | None:
        """The comparison that makes the label a number to compare, None where it is a word."""
        return None if self.positive is None else threshold_of(self.positive)

    @property
    def pair(self) -> tuple[str, str]:
        """The reference pair: as given, else the first multi-valued user field x item, else
        user x item, else the first other field x item."""
        if self.reference_pair is not None:
            return self.reference_pair
        for name, field in self.fields.items():
            if field.kind == "multi" and field.side == "user":
                return (name, self.item)
        if self.user is not None:
            return (self.user, self.item)
        others = [n for n, f in self.fields.items() if f.kind != "numeric" and n != self.item]
        return (others[0] if others else self.item, self.item)

    def of_kind(self, kind: Kind) -> list[str]:
        """Names of the fields of one kind, in order."""
        return [name for name, field in self.fields.items() if field.kind == kind]

    def of_side(self, side: Side) -> list[str]:
        """Names of the fields of one side, in order."""
        return [name for name, field in self.fields.items() if field.side == side]

    def columns(self) -> list[str]:
        """Every column this schema reads, each once."""
        roles = [self.label, self.user, self.item, self.time, self.split]
        truth = [] if self.truth is None else list(self.truth.model_dump().values())
        fields = [name for name, field in self.fields.items() if field.part_of_time is None]
        named = [name for name in (*roles, *fields, *truth) if name is not None]
        return list(dict.fromkeys(named))

    def to_toml(self) -> str:
        """The schema file that reads back as this schema."""
        return tomli_w.dumps(_without_defaults(self))

    @classmethod
    def from_toml(cls, path: Path) -> Schema:
        """Read a schema file. Raises InputError with every problem of the file."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:  # ValueError: no UTF-8, a zero byte in the path
            raise InputError.of(
                what="the schema file cannot be read",
                where=str(path),
                got=str(error),
                expected="a TOML file in UTF-8",
                remedy="Check the path and the encoding.",
            ) from None
        return cls.parse(text, where=str(path))

    @classmethod
    def parse(cls, text: str, where: str = "schema") -> Schema:
        """A schema from TOML text. Raises InputError with every problem."""
        _check_dots(text, where)
        try:
            content = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise InputError(_no_toml(where, str(error))) from None
        return validated(cls, content, where)


def _check_dots(text: str, where: str) -> None:
    """A key of n dotted parts is nested n deep, and takes n squared steps to read."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > MOST_DOTS:
            raise InputError(_no_toml(where, f"more than {MOST_DOTS} dots (at line {number})"))


def _no_toml(where: str, got: str) -> Problem:
    return Problem(
        what="not valid TOML",
        where=where,
        got=got,
        expected='lines like label = "label" and a table [fields]',
        remedy="Correct the line named above.",
    )


def _without_defaults(schema: Schema) -> dict[str, Any]:
    content = schema.model_dump(exclude_defaults=True, exclude={"fields", "formats"})
    for name in {"reference_pair", "header"} & content.keys():
        content[name] = list(content[name])
    relevant = {"categorical": {"min_count"}, "multi": {"separator", "min_count"}}
    content["fields"] = {
        name: {"kind": field.kind, "side": field.side}
        | field.model_dump(
            include=relevant.get(field.kind, {"quantiles"}), exclude_defaults=field.kind != "multi"
        )
        | ({} if field.part_of_time is None else {"part_of_time": field.part_of_time})
        for name, field in schema.fields.items()
    }
    if schema.formats:
        content["formats"] = {
            name: {"values": form.values, **form.model_dump(exclude_defaults=True)}
            for name, form in schema.formats.items()
        }
    return content
