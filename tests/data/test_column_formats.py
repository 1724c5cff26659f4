"""A value means the same by every way in: file format, type, row group, part, and what stands
beside it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_demo.data.cell_lists import list_cell
from recsys_demo.data.evidence import formats_of
from recsys_demo.data.interactions import Interactions, build_interactions, concatenate
from recsys_demo.data.parquet import read_row_groups
from recsys_demo.data.reading import read_bytes, read_table
from recsys_demo.data.schema import Field, Schema
from recsys_demo.data.sources import load
from recsys_demo.data.specs import FileSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.data.tables import RawTable
from recsys_demo.features.fields import fit_fields
from recsys_demo.limits import Limits
from tests.making.files import parquet, table, text

PARTS = ("train", "valid", "test")
ROWS = {"train": 18, "valid": 6, "test": 6}  # the fewest that are taken
DAYS = [dt.date(2024, 1, d) for d in (1, 2, 12, 13, 31)]
CLOCKS = [dt.datetime(2024, 2, d, h, 30, s) for d, h, s in ((1, 0, 0), (2, 13, 7), (28, 23, 59))]
MIDNIGHTS = [dt.datetime(2024, 3, d) for d in (1, 12, 30)]
WHOLE = [0, 1, 2, 7, 100]
LARGE = [2**53, 2**53 + 1, 2**53 + 2, 3]
HALVES = [1.0, 2.0, 2.5, -0.5, 1024.0]

# Arrow types with values of each; what pandas and Arrow write of them differs.
TYPES: dict[str, tuple[pa.DataType, list[object]]] = {
    **{str(kind): (kind, WHOLE) for kind in (pa.int8(), pa.int16(), pa.int32(), pa.uint8())},
    **{str(kind): (kind, LARGE) for kind in (pa.int64(), pa.uint64())},
    "float16": (pa.float16(), [np.float16(value) for value in HALVES]),
    "float32": (pa.float32(), [0.1, 0.7, 1.0, 2.0, 1e10]),
    "float64": (pa.float64(), [0.1, 0.30000000000000004, 1.0, 1e16, 1e-7, 2.5]),
    "whole floats": (pa.float64(), [1.0, 2.0, 30.0]),
    "decimal": (pa.decimal128(9, 2), [Decimal("1.50"), Decimal("2.00"), Decimal("-0.25")]),
    "bool": (pa.bool_(), [True, False]),
    "string": (pa.string(), ["a", " a", "b ", "007", "1.0", "caf\u00e9", "cafe\u0301", "True"]),
    "large_string": (pa.large_string(), ["x", "y", "x y"]),
    "numbers as text": (pa.string(), ["1", "2", "2.50", "10"]),
    "codes": (pa.string(), ["007", "7", "12"]),
    "dictionary": (pa.dictionary(pa.int8(), pa.string()), ["p", "q", "r"]),
    "dictionary of numbers": (pa.dictionary(pa.int32(), pa.int64()), LARGE),
    "date": (pa.date32(), DAYS),
    "seconds": (pa.timestamp("s"), CLOCKS),
    "midnights": (pa.timestamp("ns"), MIDNIGHTS),
    "mixed moments": (pa.timestamp("us"), [*CLOCKS, *MIDNIGHTS]),
    "moments in UTC": (pa.timestamp("ms", "UTC"), CLOCKS),
    "lists": (pa.list_(pa.string()), [["a", "b"], [], ["b"], ["c d", "a"]]),
    "lists of numbers": (pa.list_(pa.float64()), [[1.0, 2.5], [2.0], [1e16]]),
    "lists of codes": (pa.list_(pa.int64()), [[1, 2], [2**53 + 1, 3]]),
}
AS_NUMBERS = ("int", "uint", "float", "decimal", "bool", "date", "seconds", "mi", "mo", "whole")


def of_type(kind: pa.DataType, values: list[object]) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, kind.value_type).dictionary_encode().cast(kind)
    return pa.array(values, kind)


@st.composite
def logs(draw: st.DrawFn) -> tuple[dict[str, pa.Table], Schema]:
    """Three parts of a log with a few columns of these types, some with nulls, and a schema."""
    fields = {"item": Field(side="item")}
    names = draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=4, unique=True))
    columns: dict[str, dict[str, pa.Array]] = {part: {} for part in PARTS}
    for name in names:
        kind, values = TYPES[name]
        numeric = name.startswith(AS_NUMBERS) and draw(st.booleans())
        use = "multi" if name.startswith("lists") else "numeric" if numeric else "categorical"
        fields[name] = Field.model_validate({"kind": use})
        nulls = draw(st.sampled_from(["none", "some", "in one part"]))
        for part in PARTS:
            there = nulls == "some" or (nulls == "in one part" and part == PARTS[len(name) % 3])
            pool = [*values, None] if there else values
            size = ROWS[part]
            cells = draw(st.lists(st.sampled_from(pool), min_size=size, max_size=size))
            columns[part][name] = of_type(kind, cells)
    made = {}
    for part, size in ROWS.items():
        ids = of_type(pa.int64(), [LARGE[i % 4] for i in range(size)])
        made[part] = pa.table({"item": ids, "label": pa.array([i % 2 for i in range(size)])})
        for name, column in columns[part].items():
            made[part] = made[part].append_column(name, column)
    return made, Schema(label="label", item="item", fields=fields)


def written_lists(made: pa.Table) -> pa.Table:
    """Lists as JSON, which is how they come in a CSV."""
    for index, column in enumerate(made.schema):
        if pa.types.is_list(column.type):
            cells = [None if c is None else json.dumps(c) for c in made[index].to_pylist()]
            made = made.set_column(index, column.name, pa.array(cells, pa.string()))
    return made


def csv_of_arrow(made: pa.Table, path: Path) -> None:
    made = written_lists(made)
    for index, column in enumerate(made.schema):
        if pa.types.is_float16(column.type):
            made = made.set_column(index, column.name, made[index].cast(pa.float32()))
        elif pa.types.is_dictionary(column.type):
            made = made.set_column(index, column.name, made[index].cast(column.type.value_type))
    pa_csv.write_csv(made, path)


def tsv_of_pandas(made: pa.Table, path: Path) -> None:
    """Small numbers beside nulls go through float64, as they do in most people's hands."""
    exact = {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}
    frame = written_lists(made).to_pandas(types_mapper=exact.get)
    frame.to_csv(path, sep="\t", index=False)


def row_groups(made: pa.Table, path: Path) -> None:
    """A row, two rows, all others: the first are often without any value."""
    with pq.ParquetWriter(path, made.schema) as writer:
        for first, rows in ((0, 1), (1, 2), (3, len(made) - 3)):
            writer.write_table(made.slice(first, rows))


WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    "csv": csv_of_arrow,
    "tsv": tsv_of_pandas,
    "parquet": pq.write_table,
    "row groups": row_groups,
}


def encoded(parts: dict[str, Interactions]) -> dict[str, object]:
    """What a model would see."""
    fields = fit_fields(parts["train"])
    seen: dict[str, object] = {
        name: (v.values, v.counts) for name, v in fields.vocabularies.items()
    } | {name: (q.cuts, q.numbers) for name, q in fields.quantiles.items()}
    for part, rows in parts.items():
        codes = fields.encode(rows.frame)
        for name in fields.schema.fields:
            block = np.sort(codes.of(name), axis=1)
            seen[f"{part}.{name}"] = [tuple(v for v in row if v >= 0) for row in block.tolist()]
        seen[f"{part}.label"] = rows.labels.tolist()
    return seen


def whole(spec: FileSpec) -> dict[str, Interactions]:
    data = load(spec, SplitConfig())
    return {part: getattr(data, part) for part in PARTS}


def streamed(spec: FileSpec) -> dict[str, Interactions]:
    """The training file row group by row group, as `stream_run` reads it."""
    schema = Schema.parse(spec.schema_toml)
    held = {part: read_table(Path(str(getattr(spec, part)))) for part in ("valid", "test")}

    def groups() -> Iterator[RawTable]:
        yield from read_row_groups(Path(str(spec.train)), Limits())

    formats = formats_of(schema, [*groups(), *held.values()])
    pieces = [
        build_interactions(raw, schema, is_piece=True, formats=formats)[0] for raw in groups()
    ]
    built = {p: build_interactions(raw, schema, formats=formats)[0] for p, raw in held.items()}
    return {"train": concatenate(pieces), **built}


# The values of lists are counted in a process of its own, which takes a second each.
@patch("recsys_demo.data.parquet.count_values", lambda content: 0)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs(), mixed=st.permutations(list(WRITERS)))
def test_every_way_in_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory,
    log: tuple[dict[str, pa.Table], Schema],
    mixed: list[str],
) -> None:
    made, schema = log
    folder = tmp_path_factory.mktemp("log")
    found = {}
    ways = {way: dict.fromkeys(PARTS, way) for way in WRITERS}
    ways["mixed"] = dict(zip(PARTS, mixed, strict=False))
    for way, writers in ways.items():
        paths = {part: folder / f"{way} {part}" for part in PARTS}
        for part, path in paths.items():
            WRITERS[writers[part]](made[part], path)
        texts = {part: str(path) for part, path in paths.items()}
        spec = FileSpec(**texts, schema_toml=schema.to_toml())
        found[way] = encoded(whole(spec))
        if way == "row groups":
            found["streamed"] = encoded(streamed(spec))
    for way, seen in found.items():
        assert seen == found["parquet"], way


def item_schema(**fields: str) -> Schema:
    """A schema of a labelled log with fields of these kinds."""
    described = {name: Field.model_validate({"kind": kind}) for name, kind in fields.items()}
    return Schema(label="label", item="item", fields={"item": Field(side="item"), **described})


def test_large_whole_numbers_stay_apart_beside_a_null() -> None:
    """They went through float64, which merged them."""
    ids = pa.array([2**53, 2**53 + 1, None, 2**53 + 2], pa.int64())
    raw = read_bytes(parquet(item=["a", "b", "c", "d"], who=ids, label=[0, 1, 0, 1]), "a.parquet")
    log, _ = build_interactions(raw, item_schema(who="categorical"))
    texts = log.frame["who"].astype(object).where(log.frame["who"].notna(), None).tolist()
    assert texts == ["9007199254740992", "9007199254740993", None, "9007199254740994"]


def dated(days: list[str]) -> bytes:
    return text(*(f"i{i % 3},{i % 2},{day}" for i, day in enumerate(days)), header="item,label,ts")


@pytest.mark.parametrize("form", ["{:02}.02.24", "{:02}/02/24", "{:02}-02-2024", "24-02-{:02}"])
def test_a_split_by_time_follows_the_days(form: str, tmp_path: Path) -> None:
    """Days up to 12 were read as months."""
    days = [form.format(day) for day in range(1, 29) for _ in range(10)]
    (tmp_path / "log.csv").write_bytes(dated(days))
    schema = item_schema().model_copy(update={"time": "ts"})
    spec = FileSpec(data=str(tmp_path / "log.csv"), schema_toml=schema.to_toml())
    data = load(spec, SplitConfig(kind="time"))
    assert sorted(data.test.rows.tolist()) == list(range(220, 280))


@pytest.mark.parametrize("swapped", [False, True])
def test_the_order_of_dates_is_decided_from_all_files(swapped: bool, tmp_path: Path) -> None:
    few, many = [f"{d:02}/03/2024" for d in range(1, 13)], [f"{d:02}/04/2024" for d in range(1, 29)]
    parts = {"train": few if swapped else many, "valid": few, "test": many if swapped else few}
    for part, days in parts.items():
        (tmp_path / part).write_bytes(dated(days))
    schema = item_schema(ts="numeric")
    paths = {part: str(tmp_path / part) for part in PARTS}
    data = load(FileSpec(**paths, schema_toml=schema.to_toml()), SplitConfig())
    for part, days in parts.items():
        expected = pd.to_datetime(pd.Series(days), format="%d/%m/%Y").astype("datetime64[s]")
        got = getattr(data, part).frame["ts"]
        assert got.tolist() == expected.astype("int64").tolist()
    assert any("the day first" in note for note in data.report.notes)


def test_what_is_decided_can_be_overruled() -> None:
    raw = read_bytes(dated(["01/02/2024", "03/04/2024"]), "a.csv")
    guessed, report = build_interactions(raw, item_schema(ts="numeric"))
    assert report.notes == ('Column "ts" is read as dates with the month first.',)
    toml = item_schema(ts="numeric").to_toml() + '\n[formats]\nts = {order = "dmy"}\n'
    by_day, report = build_interactions(raw, Schema.parse(toml))
    assert report.notes == ('Column "ts" is read as dates with the day first.',)
    days = pd.to_datetime(by_day.frame["ts"], unit="s").dt.strftime("%d %b").tolist()
    assert days == ["01 Feb", "03 Apr"]
    assert guessed.frame["ts"].tolist() != by_day.frame["ts"].tolist()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["['Action', 'Comedy']", "['Drama']", "[]"], [["Action", "Comedy"], ["Drama"], []]),
        (['["a","b"]', '["b, c"]', ""], [["a", "b"], ["b, c"], []]),
        (["[1, 2.0]", "[2]", "[true, null]"], [["1", "2"], ["2"], ["true"]]),
        (["['a' 'b']", "['b'\n 'c']", "['a']"], [["a", "b"], ["b", "c"], ["a"]]),
        (["[a, b]", "[b]", "[ ]"], [["a", "b"], ["b"], []]),
        (["{a,b}", '{"b c"}', "{}"], [["a", "b"], ["b c"], []]),
        (["('a', 'b')", "('b',)", "()"], [["a", "b"], ["b"], []]),
        (
            ["[{'id': 18, 'name': 'Drama'}]", '[{"id": 1, "name": "War"}]', "[]"],
            [["Drama"], ["War"], []],
        ),
        (["a|b", "b", "c|['x']"], [["a", "b"], ["b"], ["c", "['x']"]]),
    ],
)
def test_lists_in_cells(cells: list[str], expected: list[list[str]]) -> None:
    raw = table(item=["a", "b", "c"], tags=cells, label=["0", "1", "0"])
    log, _ = build_interactions(raw, item_schema(tags="multi"))
    found = [
        [] if pd.isna(cell) else cell.split(log.separator("tags")) for cell in log.frame["tags"]
    ]
    assert found == expected


def test_parts_of_the_time_are_fields() -> None:
    schema = item_schema().model_copy(
        update={
            "time": "ts",
            "fields": {
                "item": Field(side="item"),
                "weekday": Field(part_of_time="weekday"),
                "hour": Field(part_of_time="hour"),
            },
        }
    )
    schema = Schema.parse(schema.to_toml())
    raw = read_bytes(dated(["05.02.2024 09:30", "11.02.2024 23:59"]), "a.csv")
    log, _ = build_interactions(raw, schema)
    assert log.frame["weekday"].tolist() == ["Monday", "Sunday"]
    assert log.frame["hour"].tolist() == ["09", "23"]


@pytest.mark.parametrize(
    "cell",
    ["[" * 900 + "]" * 900, "[" + "{'a': 1}, " * 200 + "]", "[1" + "0" * 1900 + "]", "[\x00]"],
)
def test_odd_lists_are_some_values(cell: str) -> None:
    assert isinstance(list_cell(cell, "|"), str)
