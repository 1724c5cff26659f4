"""Schemas in the making: what was guessed comes back, what is corrected takes effect."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.ui.data.correction import correction_of
from recsys_demo.ui.data.uploads import read

SCHEMA = Schema.parse(
    """
label = "taken"
user = "who"
item = "what"
time = "when"
decimal = ","
[fields]
who = {side = "user"}
what = {side = "item"}
tags = {kind = "multi", side = "item", separator = ";"}
price = {kind = "numeric", side = "item"}
"""
)
COLUMNS = ["who", "what", "taken", "when", "tags", "price", "note"]


def test_an_uncorrected_guess_is_the_guess() -> None:
    assert correction_of(SCHEMA, COLUMNS).schema() == SCHEMA
    assert correction_of(SCHEMA, COLUMNS).columns["note"].use == "not used"


def test_corrections_take_effect() -> None:
    corrected = correction_of(SCHEMA, COLUMNS).with_column("note", use="categorical", side="user")
    corrected = corrected.with_column("price", use="not used")
    schema = replace(corrected, time=None).schema()
    assert schema.fields["note"].side == "user"
    assert "price" not in schema.fields
    assert schema.time is None


def test_without_label_negatives_are_sampled() -> None:
    schema = replace(correction_of(SCHEMA, COLUMNS), label=None, negatives=3).schema()
    assert (schema.label, schema.negatives_per_positive) == (None, 3)


def test_a_field_that_becomes_the_label_is_no_field_any_more() -> None:
    corrected = replace(correction_of(SCHEMA, COLUMNS), label="price", positive=">= 2.5")
    assert "price" not in corrected.schema().fields


def test_identifiers_take_their_side_and_kind() -> None:
    corrected = replace(correction_of(SCHEMA, COLUMNS), user="tags").schema()
    assert (corrected.fields["tags"].kind, corrected.fields["tags"].side) == ("categorical", "user")


def test_what_does_not_fit_is_said() -> None:
    empty = correction_of(SCHEMA, COLUMNS)
    for name in COLUMNS:
        empty = empty.with_column(name, use="not used")
    with pytest.raises(InputError, match="at least one field"):
        empty.schema()


def test_two_files_are_a_log_and_its_items() -> None:
    log, items = read(
        [
            ("items.csv", b"what,price\na,1\nb,2\n"),
            ("log.csv", b"who,what,taken\nu,a,1\nu,b,0\nv,a,1\n"),
        ],
        Limits(),
    )
    assert log.name == "log.csv"
    assert items is not None
    assert items.name == "items.csv"


def test_parts_of_the_time_are_fields_until_there_is_no_time() -> None:
    corrected = correction_of(SCHEMA, [*COLUMNS, "hour"]).with_time_parts(["weekday", "hour"])
    schema = corrected.schema()
    parts = {n: f.part_of_time for n, f in schema.fields.items() if f.part_of_time}
    assert parts == {"weekday": "weekday", "hour of when": "hour"}
    assert correction_of(schema, [*COLUMNS, "hour"]).schema() == schema
    assert not [f for f in replace(corrected, time=None).schema().fields.values() if f.part_of_time]
