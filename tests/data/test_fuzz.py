"""Whatever comes in: the lab's own error or a usable result, never anything else."""

from __future__ import annotations

import contextlib
import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_demo.data.schema import Field, Schema
from recsys_demo.data.splits import SplitConfig, split
from recsys_demo.errors import InputError
from tests.making.files import csv, parquet, take_in, zipped

FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WHOLE = {
    "csv": csv(),
    "zip": zipped(log__csv=csv()),
    "parquet": parquet(
        user=["a", "b"] * 20, item=["x", "y", "z", "w"] * 10, tags=[["p"], None] * 20, y=[0, 1] * 20
    ),
}
names = st.sampled_from(
    ["user", "item", "label", "rating", "timestamp", "tags", "x", "name", "cnt"]
)
cells = st.one_of(
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(str),
    st.sampled_from(["", "0", "1", "a|b", "1,5", "true", "NaN", '"', "=1", "<b>", "2024-01-01"]),
)


def survives(content: bytes, name: str) -> None:
    with contextlib.suppress(InputError):
        log = take_in(content, name)
        assert len(log) > 0
        assert set(np.unique(log.labels)) <= {0, 1}
        assert not any(np.isinf(log.frame[n]).any() for n in log.schema.of_kind("numeric"))
        with contextlib.suppress(InputError):
            split(log, SplitConfig())


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    survives(content, "file")


@FUZZ
@given(st.text(alphabet='ab01,;|\t\n\r" .\u00e9', max_size=200))
def test_text_made_of_what_csv_is_made_of(content: str) -> None:
    survives(content.encode(), "file.csv")


@FUZZ
@given(
    st.lists(names, min_size=1, max_size=6, unique=True).flatmap(
        lambda header: st.tuples(
            st.just(header),
            st.lists(st.lists(cells, min_size=len(header), max_size=len(header)), max_size=30),
        )
    )
)
def test_any_cells(made: tuple[list[str], list[list[str]]]) -> None:
    header, rows = made
    lines = [header, *rows]
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]
    survives("\n".join(quoted).encode("utf-8", "surrogatepass"), "file.csv")


@FUZZ
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
    st.integers(0, 10**6),
)
def test_damaged_files(kind: str, changes: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(WHOLE[kind])
    for at, value in changes:
        content[at % len(content)] = value
    if cut % 3 == 0:
        content = content[: cut % len(content)]
    survives(bytes(content), f"file.{kind}")


def test_a_parquet_file_that_ends_the_process_reading_its_columns_is_told() -> None:
    """Found by fuzzing: pyarrow 26 aborts on these two bytes, as the process that looks says."""
    content = bytearray(WHOLE["parquet"])
    content[447], content[641] = 34, 81
    with pytest.raises(InputError, match="cannot be read"):
        take_in(bytes(content), "file.parquet")


archived = st.text(st.characters(exclude_characters="\x00"), min_size=1, max_size=20)


@FUZZ
@given(st.dictionaries(archived, st.binary(max_size=100), max_size=5))
def test_any_archive(files: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.encode("utf-8", "replace").decode() + ".csv", data)
    survives(buffer.getvalue(), "file.zip")


keys = st.sampled_from([*Schema.model_fields, "unknown"])


@FUZZ
@given(st.text(max_size=200))
def test_any_schema_text(content: str) -> None:
    with contextlib.suppress(InputError):
        Schema.parse(content)


@FUZZ
@given(st.lists(st.tuples(keys, st.text("ab=[]{}\"'.1\n", max_size=12)), max_size=6))
def test_schema_lines(lines: list[tuple[str, str]]) -> None:
    with contextlib.suppress(InputError):
        Schema.parse("\n".join(f"{key} = {value}" for key, value in lines))


fields = st.builds(
    Field,
    kind=st.sampled_from(["categorical", "multi", "numeric"]),
    side=st.just("context"),
    separator=st.sampled_from(["|", ", ", ";", "\\", '"']),
    quantiles=st.integers(2, 500),
    min_count=st.integers(1, 50),
)
column_names = st.text(min_size=1, max_size=10).filter(lambda n: n == n.strip())


@FUZZ
@given(
    st.dictionaries(column_names.map("f".__add__), fields, min_size=1, max_size=4),
    st.sampled_from([None, 0.5, 3.0]),
    st.booleans(),
)
def test_a_schema_survives_its_file(
    made: dict[str, Field], threshold: float | None, labels: bool
) -> None:
    schema = Schema(
        label="label" if labels else None,
        positive=f">= {threshold}" if labels and threshold is not None else None,
        negatives_per_positive=None if labels else 3,
        user="user",
        item="item",
        fields={**made, "item": Field(side="item")},
    )
    again = Schema.parse(schema.to_toml())
    assert again.columns() == schema.columns()
    assert again.pair == schema.pair
    for name, field in schema.fields.items():
        read = again.fields[name]
        assert (read.kind, read.side) == (field.kind, field.side)
        if field.kind == "multi":
            assert read.separator == field.separator
        if field.kind == "numeric":
            assert read.quantiles == field.quantiles
        else:
            assert read.min_count == field.min_count


@pytest.mark.parametrize("parts", [201, 1_000, 49_000])
@pytest.mark.parametrize("form", ["{} = 1", "[{}]", "a = {{{} = 1}}"])
def test_dotted_keys_of_any_depth_are_refused(parts: int, form: str) -> None:
    """Reading 49,000 parts took half a minute and ended in a RecursionError."""
    with pytest.raises(InputError, match="dots"):
        Schema.parse(form.format(".".join(["a"] * (parts + 1))))


def test_nested_tables_of_a_schema_are_refused_with_a_message() -> None:
    for text in ("a = " + "[" * 50_000, "a = " + "{a = " * 20_000, "[a]\n" + ".".join("a" * 200)):
        with pytest.raises(InputError):
            Schema.parse(text)
