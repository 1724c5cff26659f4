"""The text a run gives away trains it again to the same digits."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from recsys_demo.cli import parser
from recsys_demo.cli.train import run_config
from recsys_demo.config.components import CrossesConfig, DeepConfig
from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import AdaGrad, Adam, Ftrl
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import (
    SOURCES,
    DataSpec,
    FileSpec,
    FrappeSpec,
    MovieLensSpec,
    SampleSpec,
)
from recsys_demo.data.splits import SplitConfig
from recsys_demo.training.experiment import train_run
from recsys_demo.training.reproduce import command_text, python_text
from tests.making.frappe import LOG as FRAPPE_LOG
from tests.making.movielens import FORMS
from tests.making.sources import TillSpec, till_content

ROOT = Path(__file__).parents[2]
WORLD = SampleSpec(world=WorldConfig(users=150, apps=40, impressions=3_000, exceptions=20, seed=11))
SHORT = TrainingConfig(epochs=2, batch_size=256)
LOG = "user,item,age,label\n" + "".join(
    f"u{i % 23},it's {i % 7},{20 + i % 31},{int(i % 7 == i % 3)}\n" for i in range(400)
)
SCHEMA = """label = "label"
user = "user"
item = "item"
[fields]
user = {kind = "categorical", side = "user"}
item = {kind = "categorical", side = "item"}
age = {kind = "numeric", side = "user", quantiles = 10}
"""


def wide_deep(**changes: Any) -> ModelConfig:
    """Wide & Deep, with other settings in every part."""
    model = with_crosses(PRESETS["wide_deep"].model, ("installed x app",))
    parts = (
        model.components[0],
        CrossesConfig(crosses=model.crosses, min_support=3, optimizer=Ftrl(l1=0.5)),
        DeepConfig(hidden=(16, 8), activation="tanh", dropout=0.1, optimizer=Adam()),
    )
    embedding = model.embedding.model_copy(
        update={"size": 4, "optimizer": AdaGrad(learning_rate=0.1)}
    )
    return model.model_copy(update={"components": parts, "embedding": embedding, **changes})


def configs(folder: Path) -> dict[str, RunConfig]:
    (folder / "a log.csv").write_text(LOG, encoding="utf-8")
    column = SplitConfig(kind="column")
    return {
        "the sample set as it is": RunConfig(
            data=SampleSpec(),
            split=column,
            model=with_crosses(PRESETS["wide"].model, ("installed x app",)),
            training=TrainingConfig(epochs=1),
        ),
        "another world, other settings": RunConfig(
            data=WORLD, split=column, model=wide_deep(), training=SHORT, seed=3
        ),
        "another split": RunConfig(
            data=WORLD,
            split=SplitConfig(kind="random", seed=5),
            model=PRESETS["deepfm"].model,
            training=SHORT,
        ),
        "a file": RunConfig(
            data=FileSpec(data="a log.csv", schema_toml=SCHEMA),
            split=SplitConfig(kind="random"),
            model=with_crosses(PRESETS["wide"].model, ("user x item",)),
            training=SHORT,
        ),
    }


def in_shell(text: str, folder: Path) -> str:
    """What a command prints where the lab lies."""
    (folder / "sample_data").symlink_to(ROOT / "sample_data")
    done = subprocess.run(
        ["bash", "-ec", text.replace("python ", f"{sys.executable} ")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def trained(config: RunConfig) -> dict[str, Any]:
    training = train_run(config)
    while True:
        try:
            next(training)
        except StopIteration as end:
            return dict(json.loads(json.dumps(end.value.result["test"])))


@pytest.mark.parametrize(
    "name",
    ["the sample set as it is", "another world, other settings", "another split"],
)
def test_the_command_asks_for_the_same_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configs(tmp_path)[name]
    assert said_again(config, tmp_path, monkeypatch) == config


def test_the_command_gives_the_same_digits_in_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configs(tmp_path)["a file"]
    command = command_text(config)
    assert command is not None
    monkeypatch.chdir(tmp_path)
    told = json.loads(in_shell(f"{command} --json", tmp_path))
    assert json.dumps(told["test"]) == json.dumps(trained(config))


def test_the_script_gives_the_same_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = configs(tmp_path)["another world, other settings"]
    config = config.model_copy(update={"model": wide_deep(name='My "own" \\ """model"""')})
    (tmp_path / "again.py").write_text(python_text(config), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert in_shell("python again.py", tmp_path) == repr(trained(config)["auc"])


def test_what_the_command_line_cannot_say_it_does_not_say(tmp_path: Path) -> None:
    config = configs(tmp_path)["another world, other settings"]
    own = config.model.model_copy(update={"name": "My own"})
    fewer = own.model_copy(update={"name": "wide_deep", "components": own.components[1:]})
    for changes in (
        {"model": own},
        {"model": fewer},
        {"without_fields": ("age",)},
    ):
        assert command_text(config.model_copy(update=changes)) is None


def said_again(config: RunConfig, folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    """What the command line makes of the command, without training it."""
    monkeypatch.chdir(folder)
    text = command_text(config)
    assert text is not None
    before, _, command = text.replace(" \\\n", " ").rpartition("\n")
    if before:
        (folder / "schema.toml").write_text("\n".join(before.splitlines()[1:-1]), encoding="utf-8")
    _, _, _, *words = shlex.split(command)
    return run_config(parser("train").parse_args(words), config.model.name)


def sources(folder: Path) -> dict[str, DataSpec]:
    """A source of each kind that is not its default."""
    for name, content in FORMS["ml-1m"].items():
        (folder / name).write_bytes(content)
    (folder / "frappe.csv").write_text(FRAPPE_LOG, encoding="utf-8")
    (folder / "till.csv").write_bytes(till_content())
    toml = Schema.parse(SCHEMA).to_toml()
    return {
        "sample": WORLD,
        "frappe": FrappeSpec(folder=str(folder), negatives=1, negatives_seed=7),
        "movielens": MovieLensSpec(path=str(folder), threshold=4.5),
        "file": FileSpec(data="a log.csv", schema_toml=toml, bad_rows="drop"),
        "till": TillSpec(folder=str(folder), most=50, note="it's mine"),
    }


@pytest.mark.parametrize("kind", [*SOURCES, "till"])
def test_the_command_line_can_say_every_source(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOURCES, "till", TillSpec)
    spec = sources(tmp_path)[kind]
    split = SplitConfig(kind="column" if kind == "sample" else "random")
    config = RunConfig(data=spec, split=split, model=PRESETS["deep"].model, seed=4)
    assert said_again(config, tmp_path, monkeypatch) == config


def test_a_text_to_run_elsewhere_names_an_upload_as_a_file() -> None:
    upload = "upload:" + "0a" * 12 + "/log.csv"
    data = FileSpec(data=upload, schema_toml=SCHEMA)
    config = RunConfig(data=data, split=SplitConfig(), model=PRESETS["deep"].model, training=SHORT)
    command = command_text(config)
    assert command is not None
    assert "--data log.csv" in command
    assert "upload:" not in command + python_text(config)
