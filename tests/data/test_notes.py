"""What is told of how a log was read: joins, labels, repeated rows, and fields that give away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_demo.cli import main
from recsys_demo.data.interactions import build_interactions
from recsys_demo.data.leaks import item_notes, leaks, without_leaks
from recsys_demo.data.own_file import FileSpec
from recsys_demo.data.schema import Field, Schema
from recsys_demo.data.sources import load
from recsys_demo.data.splits import SplitConfig, split
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError
from recsys_demo.training.runs import load_run
from tests.making.files import labelled, table, text

SCHEMA = Schema(
    label="label",
    user="user",
    item="item",
    fields={"user": Field(side="user"), "item": Field(side="item"), "kind": Field(side="item")},
)


def log(items: list[str]) -> RawTable:
    rows = range(len(items))
    return table(user=[f"u{i % 3}" for i in rows], item=items, label=[str(i % 2) for i in rows])


def test_items_that_do_not_match_are_counted_and_named() -> None:
    described = table(item=["a", "b", "x", "y", "z", "w"], kind=["k"] * 6)
    _, report = build_interactions(log(["a", "b", "c", "d", "c", "a"]), SCHEMA, described)
    assert report.notes == (
        '2 of 4 items of the log, in 3 of 6 rows, are not in table.csv: "c", "d".',
        '4 of 6 items of table.csv are in no row of the log: "x", "y", "z" and others.',
    )


def test_item_files_of_other_items_are_refused() -> None:
    described = table(item=["x1", "x2"], kind=["k", "l"])
    with pytest.raises(InputError, match=r'such as "a", "b".*Write the ids of both files alike'):
        build_interactions(log(["a", "b", "a", "b"]), SCHEMA, described)


@pytest.mark.parametrize(
    ("ids", "described"),
    [
        (["1.0", "2.0", "9.0", "1.0"], ["1", "2", "9"]),
        (["1", "2", "9", "1"], ["1.0", "2.0", "9.00"]),
        ([" a", "b ", "c", "a"], ["a", "b", " c "]),
        (["True", "False", "True", "False"], ["true", "false"]),
        (["1,000", "2,500", "3,000", "1,000"], ["1000", "2500", "3000"]),
    ],
)
def test_ids_written_in_two_ways_match(ids: list[str], described: list[str]) -> None:
    items = table(item=described, kind=[f"k{i}" for i in range(len(described))])
    built, report = build_interactions(log(ids), SCHEMA, items)
    assert built.frame["kind"].notna().all()
    assert not any("are not in" in note for note in report.notes)


def test_codes_with_zeros_in_front_are_told_not_matched() -> None:
    items = table(item=["7", "8", "a"], kind=["k", "l", "m"])
    _, report = build_interactions(log(["007", "8", "a", "8"]), SCHEMA, items)
    assert any('not in table.csv: "007"' in note for note in report.notes)


def purchases(price: str) -> RawTable:
    """Positives whose price is the item's with a little noise, or anybody's."""
    rng = np.random.default_rng(0)
    items = rng.integers(0, 40, 2_000)
    base = rng.uniform(1, 100, 40)
    prices = base[items] * rng.uniform(0.97, 1.03, 2_000)
    if price == "free":
        prices = rng.uniform(1, 100, 2_000)
    return table(
        user=[f"u{u}" for u in rng.integers(0, 90, 2_000)],
        item=[f"i{i}" for i in items],
        price=[f"{p:.2f}" for p in prices],
        shelf=[f"s{i // 2}" for i in items],
        day=[f"d{d}" for d in rng.integers(0, 7, 2_000)],
    )


@pytest.mark.parametrize("price", ["of the item", "free"])
def test_a_context_that_goes_with_the_item_is_told(price: str) -> None:
    schema = Schema(
        negatives_per_positive=2,
        user="user",
        item="item",
        fields={
            "user": Field(side="user"),
            "item": Field(side="item"),
            "price": Field(kind="numeric"),
            "shelf": Field(),
            "day": Field(),
        },
    )
    told = item_notes(build_interactions(purchases(price), schema)[0])
    named = [note.split('"')[1] for note in told]
    assert named == (["shelf"] if price == "free" else ["price", "shelf"])
    assert all("gives the label away" in note for note in told)


SHOP = Schema(
    negatives_per_positive=2,
    user="user",
    item="item",
    fields={"user": Field(side="user"), "item": Field(side="item")},
)


def shop(rows: int = 2_000) -> RawTable:
    """Positives in which shop and shelf together are the item, and neither is alone."""
    rng = np.random.default_rng(0)
    items = rng.integers(0, 40, rows)
    return table(
        user=[f"u{u}" for u in rng.integers(0, 90, rows)],
        item=[f"i{i}" for i in items],
        basket=[f"{i}-{v}" for i, v in zip(items, rng.integers(0, 4, rows), strict=True)],
        shop=[f"s{i % 8}" for i in items],
        shelf=[f"{5 * (i // 8)}" for i in items],
        day=[f"d{d}" for d in rng.integers(0, 7, rows)],
    )


def with_context(schema: Schema, **fields: Field) -> Schema:
    return schema.model_copy(update={"fields": schema.fields | fields})


def test_what_gives_sampled_rows_away_moves_or_is_left_out() -> None:
    names = {"basket": Field(), "shop": Field(), "shelf": Field(kind="numeric"), "day": Field()}
    schema = with_context(SHOP, **names)
    found = leaks(build_interactions(shop(), schema)[0])
    guarded, done = without_leaks(schema, found)
    # A basket is of one item, which has many baskets; an item has one shop and one shelf.
    assert set(guarded.fields) == {"user", "item", "shop", "shelf", "day"}
    assert {n: f.side for n, f in guarded.fields.items()} | {"day": ""} == {
        "user": "user", "item": "item", "shop": "item", "shelf": "item", "day": ""
    }  # fmt: skip
    assert done.keys() == {"basket", "shop", "shelf"}
    assert leaks(build_interactions(shop(), guarded)[0]) == []


def test_pairs_of_fields_that_tell_the_item_together() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 12, 3_000), rng.integers(0, 12, 3_000)
    raw = table(
        user=[f"u{u}" for u in rng.integers(0, 90, 3_000)],
        item=[f"i{(a + b) % 12}" for a, b in zip(one, other, strict=True)],
        one=[f"a{a}" for a in one],
        other=[f"b{b}" for b in other],
        day=[f"d{d}" for d in rng.integers(0, 7, 3_000)],
    )
    schema = with_context(SHOP, one=Field(), other=Field(), day=Field())
    found = leaks(build_interactions(raw, schema)[0])
    assert [leak.fields for leak in found] == [("one", "other")]
    assert without_leaks(schema, found)[0].fields.keys() < schema.fields.keys()
    assert "together nearly determine the item" in item_notes(build_interactions(raw, schema)[0])[0]


def test_a_field_written_after_the_label_is_left_out() -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, 1_000)
    raw = table(
        user=[f"u{u}" for u in rng.integers(0, 50, 1_000)],
        item=[f"i{i}" for i in rng.integers(0, 20, 1_000)],
        seconds=[f"{label * rng.uniform(1, 60):.1f}" for label in labels],
        day=[f"d{d}" for d in rng.integers(0, 7, 1_000)],
        label=[str(label) for label in labels],
    )
    labelled_ = SHOP.model_copy(update={"label": "label", "negatives_per_positive": None})
    schema = with_context(labelled_, seconds=Field(kind="numeric"), day=Field())
    guarded, done = without_leaks(schema, leaks(build_interactions(raw, schema)[0]))
    assert list(done) == ["seconds"]
    assert "recorded after" in done["seconds"]
    assert set(guarded.fields) == {"user", "item", "day"}


def test_the_command_line_leaves_leaks_out_unless_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop(600).frame.to_csv(tmp_path / "log.csv", index=False)
    schema = with_context(SHOP, basket=Field(), day=Field())
    (tmp_path / "schema.toml").write_text(schema.to_toml())
    typed = ["train", "--data", str(tmp_path / "log.csv"), "--preset", "lr"]
    typed += ["--schema", str(tmp_path / "schema.toml"), "--set", "training.epochs=1"]
    for keep in (False, True):
        out = tmp_path / f"run{keep}"
        assert main([*typed, "--out", str(out), *["--keep-leaks"] * keep]) == 0
        assert ('"basket" left out' in capsys.readouterr().err) is not keep
        assert ("basket" in load_run(out).config["data"]["schema_toml"]) is keep


def test_users_that_training_rows_lack_are_counted(tmp_path: Path) -> None:
    for part, first in (("train", 0), ("valid", 0), ("test", 3)):
        rows = [f"u{first + i % 5},i{i % 4},a,{i % 2}" for i in range(40)]
        (tmp_path / part).write_bytes(text(*rows, header="user,item,kind,label"))
    paths = {part: str(tmp_path / part) for part in ("train", "valid", "test")}
    data = load(FileSpec(**paths, schema_toml=SCHEMA.to_toml()), SplitConfig())
    told = "3 of 5 users of the test part, in 24 of 40 rows, are in no training row: "
    assert [note for note in data.report.notes if "user" in note] == [f'{told}"u5", "u6", "u7".']


def test_what_is_left_to_say_of_a_plain_log_is_nothing() -> None:
    whole = labelled()
    assert item_notes(whole) == []


def test_few_positives_are_split_apart() -> None:
    """30 of 3,000 rows: by chance a part has none of them."""
    log_ = labelled(3_000)
    labels = np.zeros(3_000, dtype=np.uint8)
    labels[:3] = 1
    rare = type(log_)(log_.frame, labels, log_.items, log_.schema, log_.rows, log_.formats)
    parts = split(rare, SplitConfig(seed=1))
    assert [int(part.labels.sum()) for part in (parts.train, parts.valid, parts.test)] == [1, 1, 1]
    assert len(parts.train) + len(parts.valid) + len(parts.test) == 3_000
    assert "split apart" in parts.notes[0]
    labels[2] = 0
    with pytest.raises(InputError, match="part cannot be used"):
        split(rare, SplitConfig(seed=1))


def test_values_that_only_one_part_has_are_told(tmp_path: Path) -> None:
    for part, mark in (("train", " "), ("valid", " "), ("test", ">")):
        rows = [f"u{i % 5},i{i % 4},{mark}{i % 3}k,{i % 2}" for i in range(40)]
        (tmp_path / part).write_bytes(text(*rows, header="user,item,kind,label"))
    paths = {part: str(tmp_path / part) for part in ("train", "valid", "test")}
    data = load(FileSpec(**paths, schema_toml=SCHEMA.to_toml()), SplitConfig())
    told = '40 of 40 values of "kind" in the test part are in no training row: ">0k", ">1k", ">2k".'
    assert told in data.report.notes


def test_the_command_line_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("clicked", "not clicked")
    rows = [f"u{i % 5},i{i % 4},{words[(i // 3) % 2]},05.0{1 + i % 9}.24" for i in range(60)]
    (tmp_path / "log.csv").write_bytes(text(*rows, rows[0], header="user,item,y,ts"))
    (tmp_path / "schema.toml").write_text(
        'label = "y"\npositive = "clicked"\nuser = "user"\nitem = "item"\n'
        '[fields]\nuser = {side = "user"}\nitem = {side = "item"}\nts = {kind = "numeric"}\n'
    )
    arguments = ["train", "--data", str(tmp_path / "log.csv"), "--json", "--preset", "lr"]
    arguments += ["--schema", str(tmp_path / "schema.toml"), "--set", "training.epochs=1"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert 'Column "y": "clicked" means taken; 31 of 61 rows' in err
    assert 'Not taken: "not clicked"' in err
    assert 'Column "ts" is read as dates with the day first.' in err
    assert "rows of log.csv repeat an earlier row" in err
    assert "train 43 rows" in out
    assert '"base_rate": {"train"' in out
    assert '"notes": ["Column' in out
