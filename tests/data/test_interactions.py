"""From columns to interactions: labels, numbers, moments, catalogue, and every problem at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys_demo.data.cells import to_categories, to_numbers, to_times
from recsys_demo.data.column_formats import ColumnFormat
from recsys_demo.data.evidence import decided_format
from recsys_demo.data.interactions import build_interactions, concatenate
from recsys_demo.data.own_file import FileSpec
from recsys_demo.data.reading import RawTable, read_bytes
from recsys_demo.data.schema import Field, Schema
from recsys_demo.data.shapes import column_shapes
from recsys_demo.errors import InputError
from tests.making.files import labelled, parquet, table, text, zipped

SCHEMA = Schema(
    label="label",
    user="user",
    item="item",
    item_name="title",
    fields={
        "user": Field(side="user"),
        "item": Field(side="item"),
        "age": Field(kind="numeric", side="user"),
        "kind": Field(side="item"),
    },
)
LOG = table(
    user=["a", "b", "a"], item=["2", "10", "2"], age=["30", "", "31"], label=["1", "0", "yes"]
)
ITEMS = table(
    item=["10", "2", "7"], kind=["x", "y", "x"], title=["Ten", "", "Seven"], price=["1", "2", "3"]
)


def test_log_and_items_join() -> None:
    log, report = build_interactions(LOG, SCHEMA, ITEMS)
    assert (report.read, report.kept, report.refused) == (3, 3, 0)
    assert log.labels.tolist() == [1, 0, 1]
    assert log.frame["kind"].tolist() == ["y", "x", "y"]
    np.testing.assert_equal(log.frame["age"].to_numpy(), [30, np.nan, 31])
    assert log.items.index.tolist() == ["2", "7", "10"]
    assert log.items["price"].tolist() == ["2", "3", "1"]
    assert log.item_names().tolist() == ["2", "Seven", "Ten"]
    assert log.base_rate == pytest.approx(2 / 3)


def test_take_keeps_the_catalogue() -> None:
    log, _ = build_interactions(LOG, SCHEMA, ITEMS)
    some = log.take(np.array([2, 0]))
    assert some.rows.tolist() == [2, 0]
    assert some.items is log.items
    assert log.take(log.labels == 0).rows.tolist() == [1]


def test_every_problem_is_told_at_once() -> None:
    log = table(
        user=["a", "", "a", "b"],
        item=["1", "2", "", "9"],
        age=["x", "inf", "3", "4"],
        label=["1", "0", "1", "2"],
    )
    items = table(item=["1", "1", "2"], kind=["x", "y", "z"])
    with pytest.raises(InputError) as caught:
        build_interactions(log, SCHEMA)
    assert "a column is missing" in str(caught.value)
    with pytest.raises(InputError, match="the item is described twice"):
        build_interactions(log, SCHEMA, items)
    with pytest.raises(InputError) as caught:
        build_interactions(log, SCHEMA, table(item=["1"], kind=["x"]))
    places = [problem.where for problem in caught.value.problems]
    assert places == [
        'table.csv, row 3 (line 5), column "label"',
        'table.csv, row 0 (line 2), column "age"',
        'table.csv, row 1 (line 3), column "age"',
        'table.csv, row 1 (line 3), column "user"',
        'table.csv, row 2 (line 4), column "item"',
    ]


def test_unusable_rows_of_both_files_can_be_left_out() -> None:
    log = table(
        user=["a", "", "a", "b"],
        item=["1", "2", "1", "9"],
        age=["1", "2", "x", "4"],
        label=["1", "0", "1", "0"],
    )
    items = table(item=["1", "1", "2"], kind=["x", "y", "z"])
    built, report = build_interactions(log, SCHEMA, items, "drop")
    assert built.rows.tolist() == [0, 3]
    assert report.refused == 2
    assert any("described twice" in problem.what for problem in report.problems)
    assert built.items["kind"].tolist()[:2] == ["x", "z"]
    assert built.frame["kind"].isna().tolist() == [False, True]


def test_no_row_left() -> None:
    log = table(user=["", ""], item=["1", "2"], age=["1", "2"], label=["1", "0"])
    with pytest.raises(InputError, match="no usable row is left"):
        build_interactions(log, SCHEMA, table(item=["1"], kind=["x"]), "drop")


def test_ratings_above_a_threshold_are_labels() -> None:
    schema = Schema(
        label="stars", positive=">= 4", item="item", fields={"item": Field(side="item")}
    )
    log = table(item=["a", "b", "c", "d"], stars=["3,5", "4.4", "", "2"])
    point, report = build_interactions(log, schema, bad_rows="drop")
    assert point.labels.tolist() == [1, 0]
    assert report.refused == 2
    comma = schema.model_copy(update={"decimal": ","})
    with pytest.raises(InputError, match="every row has the same label"):
        build_interactions(log, comma, bad_rows="drop")


@pytest.mark.parametrize(
    ("positive", "cells", "expected"),
    [
        (None, ["1", "0", "true", "No"], [1, 0, 1, 0]),
        (None, ["1", "-1", "-1", "1"], [1, 0, 0, 1]),
        (None, ["1.0", "-1.0", "0.0", "1.0"], [1, 0, 0, 1]),
        (None, ["True", "FALSE", "true", "False"], [1, 0, 1, 0]),
        ("clicked", ["clicked", "not clicked", " Clicked ", "seen"], [1, 0, 1, 0]),
        ("1", ["1.0", "2.0", "3.0", "1"], [1, 0, 0, 1]),
        (">= 4", ["4", "3.9", "5.0", "1"], [1, 0, 1, 0]),
        ("> 0", ["0", "12", "1,000", "3"], [0, 1, 1, 1]),
        ("< 3", ["1", "3", "2.5", "4"], [1, 0, 1, 0]),
        ("= 2", ["2", "1", "2.0", "3"], [1, 0, 1, 0]),
    ],
)
def test_what_means_taken(positive: str | None, cells: list[str], expected: list[int]) -> None:
    schema = Schema(label="y", positive=positive, item="item", fields={"item": Field(side="item")})
    log, _ = build_interactions(table(item=["a", "b", "c", "d"], y=cells), schema)
    assert log.labels.tolist() == expected


@pytest.mark.parametrize("positive", ["NA", " n/a", "nan", "?"])
@pytest.mark.parametrize("cell", ["2000-01-01", "true", "1.5"])
def test_a_missing_value_cannot_mean_taken(cell: str, positive: str) -> None:
    """It was read as a number without a name, and a page fell over it."""
    schema = Schema(label="y", positive=positive, item="item", fields={"item": Field(side="item")})
    log = table(item=["a", "b", "c"], y=[cell, positive, cell])
    with pytest.raises(InputError, match="what means taken is a missing value in this column"):
        build_interactions(log, schema, bad_rows="drop")
    as_text = schema.model_copy(update={"formats": {"y": ColumnFormat(values="text")}})
    assert build_interactions(log, as_text)[0].labels.tolist() == [0, 1, 0]


def test_two_words_need_one_that_means_taken() -> None:
    schema = Schema(label="y", item="item", fields={"item": Field(side="item")})
    with pytest.raises(InputError, match='positive = "clicked" for words'):
        build_interactions(table(item=["a", "b"], y=["clicked", "not clicked"]), schema)


@pytest.mark.parametrize("least", [4, 4.0, 3.5])
def test_schemas_of_before_open(least: float) -> None:
    text = f'label = "y"\nlabel_threshold = {least}\nitem = "i"\n[fields]\ni = {{side = "item"}}'
    schema = Schema.parse(text)
    assert schema.positive == f">= {least:g}"
    assert Schema.parse(schema.to_toml()) == schema
    stored = schema.model_dump(mode="json") | {"label_threshold": None}
    assert Schema.model_validate(stored) == schema


@pytest.mark.parametrize(
    ("cell", "marks", "expected"),
    [
        ("1.5", ".", 1.5),
        (" 2 ", ".", 2),
        ("-1e3", ".", -1000),
        ("1,5", ",", 1.5),
        ("1.234,5", ",.", 1234.5),
        ("1.234", ",.", 1234),
        ("12.34,5", ",.", "bad"),
        ("1.234", ",", "bad"),
        ("1,234.50", ".,", 1234.5),
        ("1,234,567", ".,", 1234567),
        ("1'234.5", ".'", 1234.5),
        ("1\u2019234", ".'", 1234),
        ("1\u202f234,5", ", ", 1234.5),
        ("\u20ac 6,21", ",", 6.21),
        ("6,21 \u20ac", ",", 6.21),
        ("-$1,234.50", ".,", -1234.5),
        ("CHF 12.-", ".", "bad"),
        ("12 EUR", ".", 12),
        ("\u22125", ".", -5),
        ("NA", ".", None),
        ("1,5", ".", "bad"),
        ("3.5", ",", "bad"),
        ("1_000", ".", "bad"),
        ("inf", ".", "bad"),
        ("-Infinity", ".", "bad"),
        ("1e999", ".", "bad"),
        ("0x1f", ".", "bad"),
        ("\u0663", ".", 3),
        ("old", ".", "bad"),
    ],
)
def test_numbers(cell: str, marks: str, expected: float | str | None) -> None:
    form = ColumnFormat.model_validate({"decimal": marks[0], "thousands": marks[1:]})
    numbers, bad = to_numbers(pd.Series(["0", cell], dtype="category"), form)
    assert bad.tolist() == [False, expected == "bad"]
    assert np.isfinite(numbers[1]) == isinstance(expected, int | float)
    if isinstance(expected, int | float):
        assert numbers[1] == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["0", "86400"], [0, 86400]),
        (["1970-01-02", "1970-01-01T00:00:10Z"], [86400, 10]),
        (["1970-01-01 01:00:00+01:00", "1970-01-01"], [0, 0]),
        (["02.01.1970", "01.02.1970"], [86400, 31 * 86400]),
        (["01/02/1970", "02/01/1970"], [86400, 31 * 86400]),
        (["02/01/1970", "13/01/1970"], [86400, 12 * 86400]),
        (["yesterday evening", "1970-01-01"], [None, 0]),
        (["1970-13-45", "1970-01-01"], [None, 0]),
        (["99999-01-01", "1970-01-01"], [None, 0]),
        (["13.01.70", "01.02.70"], [12 * 86400, 31 * 86400]),
        (["70-01-02", "70-01-28", "70-02-01"], [86400, 27 * 86400, 31 * 86400]),
        (["01/28/70", "02/01/70"], [27 * 86400, 31 * 86400]),
        (["28-01-1970 01:00", "01-02-1970 00:00:01"], [27 * 86400 + 3600, 31 * 86400 + 1]),
        (["Jan 2, 1970", "1 January 1970"], [86400, 0]),
        (["1970-01-02T00:00:00.5Z", "1970-01-01"], [86400.5, 0]),
        (["1704067200000", "1704067201000"], [1704067200, 1704067201]),
    ],
)
def test_moments(cells: list[str], expected: list[float | None]) -> None:
    raw = pd.Series(cells, dtype="category")
    seconds, bad = to_times(raw, decided_format(column_shapes(raw), "time"))
    assert bad.tolist() == [value is None for value in expected]
    np.testing.assert_equal(seconds, [np.nan if v is None else v for v in expected])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, np.nan, 2.0], ["1", None, "2"]),
        ([1e300, 2.0, 2.5], ["1e+300", "2", "2.5"]),
        ([1e16, -0.0, 1e-7], ["10000000000000000", "0", "0.0000001"]),
        ([True, False, True], ["true", "false", "true"]),
        ([1, "1", None], ["1", "1", None]),
        (pd.to_datetime(["2024-01-01", None, "2024-01-02"]), [True, None, True]),
    ],
)
def test_categories(values: list[object], expected: list[object]) -> None:
    column = to_categories(pd.Series(values))
    assert column.isna().tolist() == [value is None for value in expected]
    assert all(isinstance(category, str) for category in column.cat.categories)
    if True not in expected:
        assert column.astype(object).where(column.notna(), None).tolist() == expected


def test_concatenated_logs_share_categories_and_catalogue() -> None:
    first = labelled(rows=50, seed=1)
    second = labelled(rows=70, seed=2)
    whole = concatenate([first, second])
    assert len(whole) == 120
    assert whole.frame["user"].tolist() == [*first.frame["user"], *second.frame["user"]]
    assert whole.frame["user"].dtype == "category"
    assert set(whole.items.index) == set(first.items.index) | set(second.items.index)
    assert whole.rows.tolist() == [*range(50), *range(70)]


def test_concatenated_logs_with_an_empty_column() -> None:
    items = table(item=["1", "2"], kind=["x", "y"])
    logs = [
        build_interactions(
            table(user=["a", "b"], item=["1", "2"], age=ages, label=["0", "1"]), SCHEMA, items
        )[0]
        for ages in (["1", "2"], ["", ""])
    ]
    empty = replace(logs[1], frame=logs[1].frame.assign(kind=pd.Categorical([None, None])))
    whole = concatenate([logs[0], empty])
    assert whole.frame["kind"].isna().tolist() == [False, False, True, True]
    assert whole.items.index.tolist() == ["1", "2"]


def test_a_nested_parquet_column_is_named() -> None:
    raw = read_bytes(parquet(user=["a"], item=[{"id": 1}], age=[1], label=[1]), "a.parquet")
    with pytest.raises(InputError, match=r"cannot be used. Got its type is struct<id: int64>"):
        build_interactions(raw, SCHEMA, ITEMS)


def test_places_are_lines_only_where_lines_are_rows() -> None:
    def place(content: bytes) -> str:
        return read_bytes(content, "a.csv").place(1, "x")

    assert place(text("1,2", "3,4", header="x,y")) == 'a.csv, row 1 (line 3), column "x"'
    assert place(b"\n\n" + text("1,2", "3,4", header="x,y")) == 'a.csv, row 1 (line 5), column "x"'
    assert place(text('1,"2\n"', "3,4", header="x,y")) == 'a.csv, row 1, column "x"'
    assert place(text("1,2", "", "3,4", header="x,y")) == 'a.csv, row 1, column "x"'


def test_a_raw_table_without_a_place() -> None:
    assert RawTable(pd.DataFrame(), "a").place() == "a"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"label": "user"}, "cannot be both"),
        ({"time": "age", "fields": {"age": {}, "item": {"side": "item"}}}, "must be numeric"),
        ({"label_threshold": float("nan")}, "finite"),
        ({"label_threshold": "4"}, "finite"),
        ({"formats": {"age": {"decimal": ",", "thousands": ","}}}, "different marks"),
        ({"time": None, "fields": {"day": {"part_of_time": "hour"}}}, "needs a time"),
        (
            {
                "label": None,
                "negatives_per_positive": 1,
                "truth": {"probability": "p", "exception": "e", "held_out": "h"},
            },
            "truth needs a label",
        ),
        ({"fields": {}}, "at least one field"),
        ({"fields": {" age": {}}}, "blanks around"),
        ({"fields": {"label": {}}}, "says what happened"),
        ({"reference_pair": ("nobody", "item")}, "not a field"),
        ({"extra": 1}, "Extra inputs"),
    ],
)
def test_schemas_that_contradict_themselves(content: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Schema.model_validate(SCHEMA.model_dump() | content)


HEADERLESS = text(*(f"u{i % 7},i{i % 5},{i * 7 // 3 % 2}" for i in range(60)), header="u1,i1,1")


def test_a_header_in_the_schema_names_columns(tmp_path: Path) -> None:
    """Once for a log, in parts or in an archive too; a first line that is the header is no row."""
    schema = 'header = ["who", "what", "y"]\nlabel = "y"\nuser = "who"\nitem = "what"\n'
    schema += '[fields]\nwho = {side = "user"}\nwhat = {side = "item"}\n'
    (tmp_path / "log.csv").write_bytes(HEADERLESS)
    (tmp_path / "named.csv").write_bytes(b"who,what,y\n" + HEADERLESS)
    items = text(*(f"i{i},k{i}" for i in range(5)), header="what,kind")
    (tmp_path / "log.zip").write_bytes(zipped(log__csv=HEADERLESS, items__csv=items))
    for name in ("log.csv", "named.csv", "log.zip"):
        log = FileSpec(data=str(tmp_path / name), schema_toml=schema).read().log
        assert len(log) == 61
        assert list(log.frame.columns) == ["who", "what"]
        assert set(log.items.columns) == ({"kind"} if name == "log.zip" else set())
    parts = dict.fromkeys(("train", "valid", "test"), str(tmp_path / "log.csv"))
    assert len(FileSpec(**parts, schema_toml=schema).read().log) == 183
    (tmp_path / "bad.csv").write_bytes(HEADERLESS + b"u1\n")
    with pytest.raises(InputError, match=r"row 61 \(line 62\)"):
        FileSpec(data=str(tmp_path / "bad.csv"), schema_toml=schema).read()
    with pytest.raises(InputError, match="twice"):
        Schema.parse(schema.replace('"who", ', '"y", '))
