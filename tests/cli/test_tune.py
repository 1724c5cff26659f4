"""`tune` from the log to the settings it chose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys_demo.cli import main
from recsys_demo.config.run import RunConfig
from tests.making.inline import Here
from tests.making.logs import SCHEMA
from tests.making.sweeping import here, write_log


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys_demo.cli.tune.local_workers", lambda executor: [Here()])
    monkeypatch.setattr("recsys_demo.cli.sweep.place_at", lambda executor, records: here(records))


def words(folder: Path) -> list[str]:
    (folder / "schema.toml").write_text(SCHEMA, encoding="utf-8")
    return [
        *("tune", "--data", str(write_log(folder)), "--schema", str(folder / "schema.toml")),
        *("--preset", "lr", "--preset", "fm", "--seeds", "2", "--out", str(folder / "tune")),
        *("--set", "training.epochs=1", "--json"),
    ]


def test_the_models_are_tuned_for_the_same_time_and_the_choice_can_be_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words(tmp_path), "--minutes", "0.03"]) == 0
    told = capsys.readouterr()
    result = json.loads(told.out.splitlines()[-1])
    assert {"lr", "fm"} <= {model["key"] for model in result["models"]}
    assert all(trials["finished"] for trials in result["trials"].values())
    assert result["sentence"] in told.out
    best = max(result["models"], key=lambda model: model["valid"]["auc"])
    assert result["chosen"] == best["key"]
    config = RunConfig.model_validate(result["config"])
    assert "python -m recsys_demo train" in told.out
    assert f"--preset {config.model.name}" in result["command"]
    assert "fm: " in told.err


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "1e9"])
def test_a_time_that_is_none_is_refused(
    minutes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words(tmp_path), f"--minutes={minutes}"]) == 2
    assert "--minutes" in capsys.readouterr().err
    assert not (tmp_path / "tune").exists()
