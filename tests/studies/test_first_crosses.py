"""The cross that a new log is begun with is the one that gains."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from recsys_demo.cli import parser
from recsys_demo.cli.train import run_config
from recsys_demo.config.presets import default_crosses
from recsys_demo.data.sources import load
from recsys_demo.data.specs import FileSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.studies.crosses.first_crosses import first_crosses
from recsys_demo.studies.crosses.suggestions import default_cross

SCHEMA = """
label = "taken"
user = "who"
item = "what"
[fields]
who = {side = "user"}
diet = {side = "user"}
hour = {}
age = {kind = "numeric", side = "user"}
what = {side = "item"}
category = {side = "item"}
weight = {kind = "numeric", side = "item"}
"""


def written(folder: Path, rows: int = 3_000, diets: bool = True, pair: str = "") -> FileSpec:
    """A log in which vegans take no meat, or in which nothing is to be found."""
    rng = np.random.default_rng(0)
    who, what = rng.integers(0, 150, rows), rng.integers(0, 90, rows)
    vegan, meat = who % 3 == 0, what % 4 == 0
    p = np.where(vegan & meat, 0.02, np.where(vegan | meat, 0.5, 0.35)) if diets else 0.4
    taken = (rng.random(rows) < p).astype(int)
    lines = [
        f"{y},u{u},{'vegan' if v else 'all'},{h},{20 + u % 50},i{i},{'meat' if m else 'other'},{i}"
        for y, u, v, h, i, m in zip(
            taken, who, vegan, rng.integers(0, 24, rows), what, meat, strict=True
        )
    ]
    (folder / "log.csv").write_text(
        "\n".join(["taken,who,diet,hour,age,what,category,weight", *lines]), encoding="utf-8"
    )
    schema = f"{pair}\n{SCHEMA}"
    (folder / "schema.toml").write_text(schema, encoding="utf-8")
    return FileSpec(data=str(folder / "log.csv"), schema_toml=schema)


def arguments(folder: Path, *more: str) -> argparse.Namespace:
    files = ["--data", str(folder / "log.csv"), "--schema", str(folder / "schema.toml")]
    return parser("train").parse_args(["train", *files, "--preset", "wide", *more])


def test_the_cross_to_begin_with_is_the_one_that_gains_and_not_the_first(tmp_path: Path) -> None:
    data = load(written(tmp_path), SplitConfig())
    assert default_crosses(data.schema) == ("who x what",)
    gain = default_cross(data.train, data.valid)
    assert gain is not None
    assert str(gain.cross) == "diet x category"
    found = first_crosses(data)
    assert found.crosses == ("diet x category",)
    assert "diet x category" in found.reason


def test_where_nothing_gains_the_pair_of_the_schema_stays(
    tmp_path: Path,
) -> None:
    data = load(written(tmp_path), SplitConfig())
    noise = dataclasses.replace(data.valid, labels=1 - data.valid.labels)
    assert default_cross(data.train, noise) is None
    found = first_crosses(dataclasses.replace(data, valid=noise))
    assert found.crosses == ("who x what",)
    assert "than luck could" in found.reason


def test_a_pair_that_the_schema_names_is_taken(tmp_path: Path) -> None:
    data = load(written(tmp_path, pair='reference_pair = ["hour", "what"]'), SplitConfig())
    assert first_crosses(data).crosses == ("hour x what",)


def test_the_command_line_begins_so_too_and_can_be_told_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path)
    assert run_config(arguments(tmp_path), "wide").model.crosses == ("diet x category",)
    assert "diet x category" in capsys.readouterr().err
    usual = run_config(arguments(tmp_path, "--usual"), "wide")
    assert usual.model.crosses == ("who x what",)
    own = run_config(arguments(tmp_path, "--cross", "hour x what"), "wide")
    assert own.model.crosses == ("hour x what",)
