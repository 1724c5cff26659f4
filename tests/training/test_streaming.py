"""Training row group by row group is training on the whole file, to the last digit."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from recsys_demo.cli import main
from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.parquet import read_row_groups
from recsys_demo.data.specs import FileSpec, SampleSpec
from recsys_demo.errors import InputError
from recsys_demo.features.storage import store_encoder
from recsys_demo.limits import Limits
from recsys_demo.training.experiment import train_run
from recsys_demo.training.runs import Run
from recsys_demo.training.streaming import stream_run

SCHEMA = """
label = "label"
user = "user"
item = "app"
[fields]
app = {kind = "categorical", side = "item"}
country = {kind = "categorical", side = "user", min_count = 3}
installed = {kind = "multi", side = "user", separator = "|"}
tags = {kind = "multi", side = "context", separator = " "}
age = {kind = "numeric", side = "user", quantiles = 10}
"""
COMPARED = (
    *("rows", "parameters", "epochs", "best_epoch", "valid", "test", "baselines"),
    *("fingerprint", "data"),
)


def table(rows: int, seed: int) -> pd.DataFrame:
    """Cells get wider and rarer towards the end, so that no row group is like the whole."""
    rng = np.random.default_rng(seed)
    apps = [f"app{i}" for i in range(12)]
    late = np.arange(rows) > rows // 2
    installed = ["|".join(rng.choice(apps, rng.integers(0, 3 + 3 * wide), False)) for wide in late]
    return pd.DataFrame(
        {
            "label": rng.integers(0, 2, rows),
            "user": [f"u{i}" for i in rng.integers(0, 40, rows)],
            "app": rng.choice(apps, rows),
            "country": np.where(
                late & (rng.random(rows) < 0.01), "xx", rng.choice(["ch", "it"], rows)
            ),
            "installed": [cell or None for cell in installed],
            "tags": rng.choice(["a", "a b", "c", ""], rows),
            "age": np.where(rng.random(rows) < 0.1, np.nan, rng.integers(10, 80, rows)),
        }
    )


@pytest.fixture
def files(tmp_path: Path) -> FileSpec:
    paths = {}
    for seed, (name, rows) in enumerate({"train": 700, "valid": 200, "test": 150}.items()):
        paths[name] = str(tmp_path / f"{name}.parquet")
        # Row groups of 90 rows; one begins with rows of one label only.
        frame = table(rows, seed)
        frame.loc[frame.index[90:180], "label"] = 1
        pq.write_table(pa.Table.from_pandas(frame), paths[name], row_group_size=90)
    return FileSpec(**paths, schema_toml=SCHEMA)


def ended(training: Generator[Any, None, Run]) -> Run:
    while True:
        try:
            next(training)
        except StopIteration as end:
            run: Run = end.value
            return run


def configuration(files: FileSpec, preset: str = "wide_deep", **more: Any) -> RunConfig:
    model = with_crosses(PRESETS[preset].model, ("installed x app", "country x tags x age"))
    training = TrainingConfig(epochs=3, batch_size=64)
    return RunConfig(data=files, model=model, training=training, **more)


@pytest.mark.parametrize("preset", ["wide_deep", "deepfm", "lr"])
def test_a_streamed_run_is_the_run_in_memory(files: FileSpec, preset: str) -> None:
    config = configuration(files, preset, seed=5)
    streamed, whole = ended(stream_run(config)), ended(train_run(config))
    state, other = streamed.ranker.state(), whole.ranker.state()
    assert state.keys() == other.keys()
    assert all(torch.equal(state[name], other[name]) for name in state)
    stored, kept = store_encoder(streamed.encoder), store_encoder(whole.encoder)
    assert stored[0] == kept[0]
    assert all(np.array_equal(stored[1][name], kept[1][name]) for name in kept[1])
    for key in COMPARED:
        assert streamed.result[key] == whole.result[key], key
    assert streamed.result["train"]["auc"] == whole.result["train"]["auc"]
    assert streamed.base_rate == whole.base_rate
    pd.testing.assert_frame_equal(streamed.predictions, whole.predictions)
    pd.testing.assert_frame_equal(streamed.queries, whole.queries)
    pd.testing.assert_frame_equal(streamed.items, whole.items)


def test_fields_can_be_left_out_of_a_streamed_run(files: FileSpec) -> None:
    model = PRESETS["fm"].model
    config = configuration(files).model_copy(
        update={"without_fields": ("tags", "age"), "model": model}
    )
    assert ended(stream_run(config)).result["test"] == ended(train_run(config)).result["test"]


def test_row_groups_are_the_table_in_pieces(files: FileSpec) -> None:
    path = Path(str(files.train))
    pieces = list(read_row_groups(path, Limits()))
    assert [len(piece.frame) for piece in pieces] == [90] * 7 + [70]
    assert pieces[3].name == "train.parquet, row group 3"
    together = pd.concat([piece.frame.astype("object") for piece in pieces], ignore_index=True)
    expected = pd.read_parquet(path).replace("", None).astype("object")
    pd.testing.assert_frame_equal(together.fillna("-"), expected.fillna("-"), check_dtype=False)


def test_a_row_group_over_the_limit_is_refused(files: FileSpec) -> None:
    with pytest.raises(InputError, match="row group"):
        list(read_row_groups(Path(str(files.train)), Limits(unpacked_bytes=1_000)))


def test_problems_name_the_row_group(files: FileSpec, tmp_path: Path) -> None:
    frame = pd.read_parquet(str(files.train))
    frame.loc[100, "label"] = 7
    bad = tmp_path / "bad.parquet"
    pq.write_table(pa.Table.from_pandas(frame), bad, row_group_size=90)
    config = configuration(files.model_copy(update={"train": str(bad)}))
    with pytest.raises(InputError, match=r"bad\.parquet, row group 1, row 10"):
        ended(stream_run(config))


@pytest.mark.parametrize("content", ["csv", "empty", "positives", "whole", "sample"])
def test_what_cannot_be_streamed_is_said(files: FileSpec, tmp_path: Path, content: str) -> None:
    config = configuration(files)
    other = tmp_path / "other"
    if content == "csv":
        other.write_text("label,user,app\n1,a,b\n")
        config = configuration(files.model_copy(update={"train": str(other)}))
    elif content == "empty":
        pq.write_table(pa.Table.from_pandas(table(5, 0).head(0)), other)
        config = configuration(files.model_copy(update={"train": str(other)}))
    elif content == "positives":
        schema = SCHEMA.replace('label = "label"', "negatives_per_positive = 2")
        config = configuration(files.model_copy(update={"schema_toml": schema}))
    elif content == "whole":
        config = configuration(FileSpec(data=files.train, schema_toml=SCHEMA))
    else:
        config = config.model_copy(update={"data": SampleSpec()})
    with pytest.raises(InputError):
        ended(stream_run(config))


def test_the_command_line_streams(
    files: FileSpec, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = tmp_path / "schema.toml"
    schema.write_text(SCHEMA)
    arguments = ["train", "--schema", str(schema), "--preset", "fm", "--json"]
    for name in ("train", "valid", "test"):
        arguments += [f"--{name}", str(getattr(files, name))]
    arguments += ["--set", "training.epochs=1"]
    printed = []
    for more in ([], ["--stream"]):
        assert main([*arguments, *more]) == 0
        printed.append(capsys.readouterr().out.splitlines()[-1])
    auc = [line.split('"test": {')[1].split('"auc": ')[1].split(",")[0] for line in printed]
    assert auc[0] == auc[1]


def test_trees_are_not_grown_row_group_by_row_group(files: FileSpec) -> None:
    with pytest.raises(InputError, match="learn from a batch at a time"):
        ended(stream_run(configuration(files, "trees")))
