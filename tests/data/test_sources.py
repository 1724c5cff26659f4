"""Sources as values: what they load, and fingerprints that follow the contents."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from recsys_demo.data.planted.sample import WorldConfig
from recsys_demo.data.sources import load, read_log
from recsys_demo.data.specs import DataSpec, FileSpec, FrappeSpec, MovieLensSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.errors import InputError
from tests.making.files import csv, text, zipped
from tests.making.frappe import FRAPPE, needs_frappe
from tests.making.movielens import FILES

SPECS: TypeAdapter[DataSpec] = TypeAdapter(DataSpec)
SMALL = WorldConfig(users=60, apps=40, impressions=2_000, exceptions=20)
SCHEMA = """
label = "label"
user = "user"
item = "item"
[fields]
user = {kind = "categorical", side = "user"}
item = {kind = "categorical", side = "item"}
tags = {kind = "multi", side = "user", separator = "|"}
"""
POSITIVES = SCHEMA.replace('label = "label"', "negatives_per_positive = 1")
RANDOM = SplitConfig(valid=0.2, test=0.2)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_bytes(csv())
    return path


def test_a_file_is_read_and_split(log: Path) -> None:
    data = load(FileSpec(data=str(log), schema_toml=SCHEMA), RANDOM)
    assert data.name == "log.csv"
    assert [len(part) for part in (data.train, data.valid, data.test)] == [36, 12, 12]
    assert (data.withheld, data.world, data.report.kept) == (0, None, 60)
    assert data.schema.item == "item"


def test_fingerprints_follow_contents_and_cut_not_places(log: Path, tmp_path: Path) -> None:
    spec = FileSpec(data=str(log), schema_toml=SCHEMA)
    first = spec.fingerprint(RANDOM)
    assert len(first) == 32
    copy = tmp_path / "copy.csv"
    copy.write_bytes(log.read_bytes())
    assert FileSpec(data=str(copy), schema_toml=SCHEMA).fingerprint(RANDOM) == first
    assert spec.fingerprint(SplitConfig(valid=0.2, test=0.2, seed=1)) != first
    assert FileSpec(data=str(log), schema_toml=POSITIVES).fingerprint(RANDOM) != first
    log.write_bytes(csv("u1,i1,3,a,1"))
    assert spec.fingerprint(RANDOM) != first


def test_parts_stay_as_they_were_cut(tmp_path: Path) -> None:
    rows = {"train": 30, "valid": 12, "test": 18}
    for name, count in rows.items():
        lines = [f"u{i % 5},{name}-{i % 4},20,a,{i % 2}" for i in range(count)]
        (tmp_path / name).write_bytes(text(*lines, header="user,item,age,tags,label"))
    paths = {name: str(tmp_path / name) for name in rows}
    data = load(FileSpec(**paths, schema_toml=SCHEMA), RANDOM)
    assert [len(p) for p in (data.train, data.valid, data.test)] == [30, 12, 18]
    assert data.test.rows.tolist() == list(range(18))
    assert set(data.valid.frame["item"]) == {f"valid-{i}" for i in range(4)}
    assert len(data.train.items) == 12
    sampled = load(FileSpec(**paths, schema_toml=POSITIVES), RANDOM)
    assert [len(p) for p in (sampled.train, sampled.valid, sampled.test)] == [60, 24, 36]
    assert sampled.test.rows.tolist() == [row for row in range(18) for _ in range(2)]
    assert all(p.base_rate == 0.5 for p in (sampled.train, sampled.valid, sampled.test))


def test_problems_of_all_parts_are_told_at_once(tmp_path: Path) -> None:
    for name in ("train", "valid", "test"):
        (tmp_path / name).write_bytes(csv(f"u1,i1,3,a,{name}"))
    paths = {name: str(tmp_path / name) for name in ("train", "valid", "test")}
    with pytest.raises(InputError) as caught:
        load(FileSpec(**paths, schema_toml=SCHEMA), RANDOM)
    assert [p.got for p in caught.value.problems] == ['"train"', '"valid"', '"test"']
    dropped = load(FileSpec(**paths, schema_toml=SCHEMA, bad_rows="drop"), RANDOM)
    assert dropped.report.refused == 3


def test_a_zip_of_log_and_items(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    items = text(*(f"i{i},k{i % 2}" for i in range(5)), header="item,kind")
    path.write_bytes(zipped(log__csv=csv(), items__csv=items))
    schema = SCHEMA + 'kind = {kind = "categorical", side = "item"}\n'
    log = read_log(FileSpec(data=str(path), schema_toml=schema)).log
    assert set(log.frame["kind"]) == {"k0", "k1"}


def test_movielens(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    ratings = [f"{n % 9},{1 + n % 11},{1 + n * n % 7 % 5},{n}" for n in range(300)]
    (tmp_path / "ratings.csv").write_bytes(text(*ratings, header="userId,movieId,rating,timestamp"))
    data = load(MovieLensSpec(path=str(tmp_path)), SplitConfig(kind="time"))
    assert data.name == "MovieLens"
    assert data.train.frame["timestamp"].max() < data.test.frame["timestamp"].min()


@needs_frappe
def test_frappe() -> None:
    data = load(FrappeSpec(folder=str(FRAPPE)), SplitConfig(valid=0.2, test=0.1))
    assert len(data.train) + len(data.valid) + len(data.test) == 3 * 94_716


def test_sample() -> None:
    data = load(SampleSpec(world=SMALL), SplitConfig(kind="column"))
    assert data.world is not None
    assert data.world.config == SMALL
    assert "planted" in data.name
    assert data.withheld > 0
    again = load(SampleSpec(world=SMALL), SplitConfig(kind="column"))
    assert again.fingerprint == data.fingerprint
    np.testing.assert_array_equal(again.test.labels, data.test.labels)
    other = WorldConfig.model_validate(SMALL.model_dump() | {"seed": 8})
    assert load(SampleSpec(world=other), RANDOM).fingerprint != data.fingerprint


@pytest.mark.parametrize(
    "spec",
    [
        SampleSpec(world=SMALL),
        FrappeSpec(folder="x", negatives=3),
        MovieLensSpec(path="y.zip", threshold=3.5),
        FileSpec(data="a.csv", items="b.csv", schema_toml=SCHEMA, bad_rows="drop"),
    ],
)
def test_specs_survive_json(spec: DataSpec) -> None:
    assert SPECS.validate_json(SPECS.dump_json(spec)) == spec


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "nothing"},
        {"kind": "file", "schema_toml": ""},
        {"kind": "file", "schema_toml": "", "train": "a"},
        {"kind": "file", "schema_toml": "", "data": "a", "train": "b", "valid": "c", "test": "d"},
        {"kind": "frappe", "folder": ""},
        {"kind": "frappe", "folder": "x", "negatives": 0},
        {"kind": "movielens", "path": "x", "threshold": 9},
    ],
)
def test_specs_that_make_no_sense(content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SPECS.validate_python(content)


@pytest.mark.parametrize(
    "path", ["nowhere.csv", "a\x00b", "~nobody-here/a.csv", os.sep, "x" * 4_000]
)
@pytest.mark.parametrize("kind", ["file", "parts", "frappe", "movielens"])
def test_places_where_nothing_is(path: str, kind: str, tmp_path: Path) -> None:
    specs: dict[str, DataSpec] = {
        "file": FileSpec(data=path, schema_toml=SCHEMA),
        "parts": FileSpec(train=path, valid=path, test=path, schema_toml=SCHEMA),
        "frappe": FrappeSpec(folder=path),
        "movielens": MovieLensSpec(path=path),
    }
    with pytest.raises(InputError):
        load(specs[kind], RANDOM)
    if kind == "file":
        with pytest.raises(InputError):
            read_log(specs[kind])


def test_a_schema_that_does_not_fit_is_refused(log: Path) -> None:
    with pytest.raises(InputError, match="not valid TOML"):
        load(FileSpec(data=str(log), schema_toml="label ="), RANDOM)
    with pytest.raises(InputError, match="a column is missing"):
        load(FileSpec(data=str(log), schema_toml=SCHEMA.replace("tags", "tax")), RANDOM)
