"""The command line as people use it by mistake: refused before any work with status 2 and one
message, or done with what they should know said on standard error."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from recsys_demo.cli import main
from recsys_demo.training.runs import load_run
from tests.making.files import zipped_as

SCHEMA = """
label = "label"
user = "user"
item = "item"
[fields]
user = {kind = "categorical", side = "user"}
item = {kind = "categorical", side = "item"}
tags = {kind = "multi", side = "user"}
age = {kind = "numeric", side = "user"}
"""
COLUMNS = "label, user, item, age, tags"  # the file itself has tags before age
TRAIN = ["train", "--schema", "schema.toml", "--preset", "wide", "--set", "training.epochs=1"]
LOG = [*TRAIN, "--data", "log.csv"]
SWEEP = ["sweep", *LOG[1:], "--axis", "crosses"]


def rows(start: int, count: int) -> str:
    """Rows of a log; each person's tags grow, and their last row is the last of the file."""
    lines = [
        f"{(k * 7 // 3) % 2},u{k % 9},i{k % 5},{'|'.join(f't{j}' for j in range(k % 4))},{k}"
        for k in range(start, start + count)
    ]
    return "\n".join(["label,user,item,tags,age", *lines]) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log, the same in three parts, and things that stand in the way."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema.toml").write_text(SCHEMA)
    (tmp_path / "log.csv").write_text(rows(0, 200))
    for part in range(3):
        (tmp_path / f"part{part}.csv").write_text(rows(200 * part, 200))
    shutil.copy("part0.csv", "copy.csv")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("mine")
    (tmp_path / "readme").mkdir()
    (tmp_path / "readme" / "README.md").write_text("mine")
    (tmp_path / "twelve.csv").write_text(rows(0, 12))
    (tmp_path / "other.csv").write_text("item,kind\nx1,a\nx2,b\n")
    (tmp_path / "log.xlsx").write_bytes(zipped_as({"[Content_Types].xml": b"<x/>"}))
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "one.csv").write_text("a\n" + "u1\nu2\n" * 20)
    for name, header in (("short", "a, b"), ("twice", "a, b, b, c, d"), ("again", COLUMNS)):
        names = ", ".join(f'"{column}"' for column in header.split(", "))
        (tmp_path / f"{name}.toml").write_text(f"header = [{names}]\n{SCHEMA}")
    (tmp_path / "link.parquet").symlink_to(tmp_path / "log.csv")
    return tmp_path


def with_schema(name: str) -> list[str]:
    return ["train", "--preset", "wide", "--schema", name]


PARTS = ["--train", "part0.csv", "--valid", "part1.csv", "--test", "part2.csv"]
REFUSED: dict[str, tuple[list[str], list[str]]] = {
    "out is a full folder": ([*LOG, "--out", "full"], ["full", "files in it"]),
    "out is a file": ([*LOG, "--out", "log.csv"], ["log.csv", "a file"]),
    "out below a file": ([*LOG, "--out", "log.csv/run"], ["log.csv", "could not be written"]),
    "out without a name": ([*LOG, "--out", ""], ["something is there"]),
    "predictions over the log": ([*LOG, "--predictions", "log.csv"], ["--data"]),
    "predictions over a link to it": ([*LOG, "--predictions", "link.parquet"], ["--data"]),
    "predictions over the schema": ([*LOG, "--predictions", "schema.toml"], ["--schema"]),
    "predictions over a part": ([*TRAIN, *PARTS, "--predictions", "./part1.csv"], ["--valid"]),
    "predictions nowhere": ([*LOG, "--predictions", "no/p.parquet"], ["no/p.parquet", "folder"]),
    "predictions are a folder": ([*LOG, "--predictions", "full"], ["full", "a folder"]),
    "predictions and out alike": ([*LOG, "--predictions", "new", "--out", "new"], ["--out"]),
    "both at once": (
        [*LOG, "--predictions", "no/p.parquet", "--out", "full"],
        ["no/p.parquet", "files in it"],
    ),
    "a value with capitals": ([*LOG, "--cross", "user=U3 & item"], ['Did you mean "u3"']),
    "a value nobody has": ([*LOG, "--cross", "tags=zebra & item"], ["zebra", "t0"]),
    "a bin that is none": ([*LOG, "--cross", "age=30 & item"], ["age", "30"]),
    "a misspelt field": ([*LOG, "--cross", "usr x item"], ['Did you mean "user"']),
    "a cross of blanks": ([*LOG, "--cross", " " * 500 + '"'], ["never closed"]),
    "too many crosses": ([*LOG, *(f"--cross=user=u{i} & item" for i in range(40))], ["too many"]),
    "a nested setting": ([*LOG, "--set", "linear.update=" + "[" * 5_000], ["update"]),
    "a setting of many digits": ([*LOG, "--set", f"crosses.min_support={'9' * 5000}"], ["--set"]),
    "two logs": ([*LOG, *PARTS], ["data"]),
    "no log": (TRAIN, ["data"]),
    "sample over a README": (["sample", "--out", "readme"], ["README.md"]),
    "a folder as the log": ([*TRAIN, "--data", "full"], ["full", "folder"]),
    "a log that is not there": ([*TRAIN, "--data", "no.csv"], ["no.csv"]),
    "a log without a name": ([*TRAIN, "--data", ""], ["a folder"]),
    "a workbook": ([*TRAIN, "--data", "log.xlsx"], ["log.xlsx", "CSV UTF-8"]),
    "the schema as the log": ([*TRAIN, "--data", "schema.toml"], ["schema.toml"]),
    "the log as the schema": ([*with_schema("log.csv"), "--data", "log.csv"], ["TOML"]),
    "no schema of a log read in pieces": (
        ["train", "--preset", "wide", "--stream", "--data", "log.csv"],
        ["--schema", "--stream"],
    ),
    "no schema, and no log": (["train", "--preset", "wide"], ["give either data"]),
    "no schema, and one column": (["train", "--preset", "wide", "--data", "one.csv"], ["one.csv"]),
    "a schema over the log": (["schema", "--data", "log.csv", "--out", "log.csv"], ["--data"]),
    "a schema of no log": (["schema", "--data", "no.csv"], ["no.csv"]),
    "an empty schema": ([*with_schema("empty.toml"), "--data", "log.csv"], ["item", "fields"]),
    "a header too short": (
        [*with_schema("short.toml"), "--data", "log.csv"],
        ["2 names"],
    ),
    "a header twice": ([*with_schema("twice.toml"), "--data", "log.csv"], ["header", "twice"]),
    "a header above one": ([*with_schema("again.toml"), "--data", "log.csv"], ["row 0 (line 1)"]),
    "the log as its items": ([*LOG, "--items", "log.csv"], ["item is described twice"]),
    "items of another log": ([*LOG, "--items", "other.csv"], ["no item of the log"]),
    "one part of three": ([*TRAIN, "--train", "part0.csv"], ["train, valid and test"]),
    "seeds beyond the last": (
        [*SWEEP, "--seed", "2147483647", "--seeds", "2"],
        ["--seed", "at most 2147483647"],
    ),
    "a seed below zero": ([*LOG, "--seed", "-1"], ["seed"]),
    "a setting nobody has": ([*LOG, "--set", "training.epoch=1"], ["epochs"]),
    "a setting without a value": ([*LOG, "--set", "training.epochs"], ["group.name=value"]),
    "shares of more than all": (
        [*LOG, "--set", "split.test=0.8", "--set", "split.valid=0.5"],
        ["less than 5 %"],
    ),
    "a split by no time": ([*LOG, "--set", "split.kind=time"], ["time column"]),
    "a log of twelve rows": ([*TRAIN, "--data", "twelve.csv"], ["12 rows", "at least 30"]),
    "MovieLens that is none": (
        ["train", "--preset", "wide", "--source", "movielens", "--data", "log.csv"],
        ["log.csv"],
    ),
    "sample into a file": (["sample", "--out", "log.csv"], ["log.csv"]),
    "compare what is no run": (["compare", "full", "readme"], ["full", "run.json"]),
    "recommend from a log": (["recommend", "log.csv"], ["log.csv"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused_before_any_work(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed, words = REFUSED[case]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert main(typed) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "epoch 1" not in told.err
    assert "Traceback" not in told.err
    assert "expected" in told.err
    for word in words:
        assert word in told.err, told.err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def done(capsys: pytest.CaptureFixture[str], *typed: str) -> tuple[dict[str, Any], str]:
    """What a command that works prints as JSON, and what it says beside."""
    assert main([*typed, "--json"]) == 0
    told = capsys.readouterr()
    return json.loads(told.out.splitlines()[-1]), told.err


def test_a_second_run_into_the_same_folder_trains_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*LOG, "--out", "a/b/run", "--predictions", "a/b/run/p.parquet"]) == 0
    assert (folder / "a" / "b" / "run" / "p.parquet").is_file()
    capsys.readouterr()
    assert main([*LOG, "--out", "a/b/run"]) == 2
    assert "epoch" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (["part0.csv", "copy.csv", "part2.csv"], ["--train and --valid"]),
        (["part0.csv", "part1.csv", "./part1.csv"], ["--valid and --test", "flatter"]),
        (["part0.csv"] * 3, ["--train and --valid", "--train and --test", "learned from"]),
        (["part0.csv", "part1.csv", "part2.csv"], []),
    ],
)
def test_parts_that_are_the_same_rows_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str], parts: list[str], told: list[str]
) -> None:
    named = [
        f"--{part}={path}" for part, path in zip(("train", "valid", "test"), parts, strict=True)
    ]
    _, said = done(capsys, *TRAIN, *named)
    assert [words for words in told if words not in said] == []
    assert ("flatter" in said) == bool(told)


def test_whom_a_list_is_for_and_what_it_leaves_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*LOG, "--out", "run"]) == 0
    run = load_run(folder / "run")
    ages = {f"u{k % 9}": float(k) for k in range(200)}
    assert run.queries["age"].to_dict() == ages
    mine = {f"i{k % 5}" for k in range(200) if k % 9 == 4 and (k * 7 // 3) % 2}
    query = ["recommend", "run", "--query", '{"user": "u4"}']
    capsys.readouterr()
    result, said = done(capsys, *query)
    assert result["query"]["age"] == ages["u4"]
    assert {item["item"] for item in result["items"]} == {f"i{i}" for i in range(5)} - mine
    assert f"{len(mine)} this person took in the log" in said
    result, said = done(capsys, *query, "--keep-installed")
    assert {item["item"] for item in result["items"] if item["taken"]} == mine
    assert "Left out" not in said


def test_what_a_query_misspells_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*LOG, "--out", "run"]) == 0
    capsys.readouterr()
    _, said = done(capsys, "recommend", "run", "--query", '{"user": "U4", "tags": ["T1", "t2"]}')
    assert 'User "U4" is not known' in said
    assert 'Did you mean "u4"' in said
    assert 'Did you mean "t1"' in said
    assert '"t2"' not in said
    _, said = done(capsys, "recommend", "run", "--query", '{"tags": ["t1"], "age": 1}')
    assert said == ""


def test_a_reader_that_has_gone_is_no_error(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    code = "import sys; from recsys_demo.cli import main; sys.exit(main(sys.argv[1:]))"
    assert main([*LOG, "--out", "run"]) == 0
    command = [sys.executable, "-c", code, "compare", "run", "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, env=environment, text=True, check=False
    )
    os.close(writing)
    assert ended.returncode == 141
    assert ended.stderr == ""


def test_a_terminal_without_the_letters_gets_the_numbers(folder: Path) -> None:
    (folder / "names.csv").write_text(rows(0, 200).replace("i3", "Größe"), encoding="utf-8")
    assert main([*TRAIN, "--data", "names.csv", "--out", "run"]) == 0
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONIOENCODING": "ascii",
    }
    command = [sys.executable, "-m", "recsys_demo", "recommend", "run"]
    ended = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr
    assert b"Gr\\xf6\\xdfe" in ended.stdout


def test_without_a_schema_the_columns_are_guessed_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", "--data", "log.csv", "--out", "guess.toml"]) == 0
    assert '"label": label: its name' in capsys.readouterr().err
    plain = ["train", "--preset", "lr", "--set", "training.epochs=1", "--data", "log.csv"]
    assert main([*plain, "--out", "run"]) == 0
    told = capsys.readouterr()
    assert 'guessed: label "label", user "user", item "item"; 3 fields' in told.err
    assert main([*plain, "--schema", "guess.toml"]) == 0
    again = capsys.readouterr()
    assert again.out == told.out
    assert "guessed" not in again.err
    assert main(["schema", "--data", "log.csv"]) == 0
    assert capsys.readouterr().out == (folder / "guess.toml").read_text(encoding="utf-8")
