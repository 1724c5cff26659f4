"""`compare`: runs are one model if nothing but the seed differs, and what differs is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recsys_demo.cli import main
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.studies.comparison.recipes import machines_sentence
from recsys_demo.training.run_files import FORMAT, PREDICTIONS, checksum


def saved(folder: Path, seed: int = 0, auc: float = 0.7, **changed: Any) -> str:
    """A folder with what `compare` reads of a run. `changed`: settings of the wide part."""
    model = PRESETS["wide"].model.model_dump(mode="json")
    model["components"][1] |= {k: v for k, v in changed.items() if k in model["components"][1]}
    content = {"data": SampleSpec(), "model": model, "seed": seed}
    config = RunConfig.model_validate(content).model_dump(mode="json")
    slices = {"all": {"rows": 100, "auc": auc, "logloss": 0.5}}
    result = {
        "preset": "wide",
        "seed": seed,
        "fingerprint": changed.get("fingerprint", "f" * 32),
        "machine": changed.get("machine", "here"),
        "test": {"slices": slices},
    }
    random = np.random.default_rng(seed)
    rows = {"row": np.arange(40), "label": np.arange(40) % 2, "probability": random.random(40)}
    predictions: bytes = pd.DataFrame(rows).to_parquet()
    manifest = {
        "format": FORMAT,
        "model": model,
        "seed": seed,
        "base_rate": 0.3,
        "config": config | changed.get("config", {}),
        "result": result,
        "checksums": {PREDICTIONS: checksum(predictions)},
    }
    folder.mkdir(parents=True)
    (folder / PREDICTIONS).write_bytes(predictions)
    (folder / "run.json").write_text(json.dumps(manifest))
    return str(folder)


def compared(capsys: pytest.CaptureFixture[str], *runs: str) -> tuple[str, list[dict[str, Any]]]:
    assert main(["compare", *runs, "--json"]) == 0
    text, _, last = capsys.readouterr().out.rstrip("\n").rpartition("\n")
    return text, json.loads(last)["models"]


def test_what_differs_in_more_than_the_seed_is_another_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """CASES 8: two runs with other crosses and support became `wide 0.7243 ± 0.0292`."""
    one = saved(tmp_path / "one", auc=0.7037, crosses=["user x app"])
    other = saved(tmp_path / "other", auc=0.745, crosses=["installed x app"], min_support=7)
    text, models = compared(capsys, one, other)
    assert [model["model"] for model in models] == ["wide #1", "wide #2"]
    assert [model["slices"]["all"]["auc"]["mean"] for model in models] == [0.7037, 0.745]
    assert models[0]["differs"] == {"crosses.crosses": ["user x app"], "crosses.min_support": 2}
    assert "wide #2: crosses.crosses = installed x app, crosses.min_support = 7" in text
    assert "wide 0." not in text


def test_seeds_of_one_model_are_joined_wherever_the_data_lay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = {"data": {"kind": "frappe", "folder": "elsewhere"}}
    runs = [saved(tmp_path / "a", 1, 0.7), saved(tmp_path / "b", 2, 0.8, config=moved)]
    _, (model,) = compared(capsys, *runs)
    assert model["model"] == "wide"
    assert model["seeds"] == [1, 2]
    assert model["differs"] == {}
    assert model["slices"]["all"]["auc"]["mean"] == pytest.approx(0.75)


def test_one_training_counts_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, copy = saved(tmp_path / "one", 1), saved(tmp_path / "copy", 1)
    text, (model,) = compared(capsys, one, copy, one)
    assert model["seeds"] == [1]
    assert "copy is " in text
    assert "counts once" in text


def test_other_data_are_other_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [saved(tmp_path / "a", 1), saved(tmp_path / "b", 2, fingerprint="0" * 32)]
    text, models = compared(capsys, *runs)
    assert len(models) == 2
    assert "different data" in text


def test_a_configuration_of_before_is_taken_as_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = {"training": {"epochs": 0, "no longer": "there"}}
    runs = [saved(tmp_path / str(i), i, config=old) for i in range(2)]
    _, (model,) = compared(capsys, *runs)
    assert model["seeds"] == [0, 1]


def test_runs_of_other_kinds_of_machine_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [saved(tmp_path / str(i), i, machine=kind) for i, kind in enumerate(["here", "there"])]
    text, _ = compared(capsys, *runs)
    assert "different kinds of machine (here, there)" in text
    assert "kinds of machine" not in compared(capsys, runs[0])[0]
    assert "(there; this one is here)" in machines_sentence([{"machine": "there"}, {}], "here")
    assert machines_sentence([{"machine": "here"}, {}], "here") == ""
