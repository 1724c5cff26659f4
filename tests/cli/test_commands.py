"""The command line as scripts use it: its last line, its files, its exit status."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from recsys_demo.cli import COMMANDS, main
from recsys_demo.cli.obstacles import obstacles
from recsys_demo.folders import SAMPLE_SET
from recsys_demo.training.runs import load_run

REQUIRED = {
    "preset",
    "seed",
    "rows",
    "parameters",
    "epochs",
    "best_epoch",
    "train_seconds",
    "seconds_to_best",
    "rows_per_second",
    "peak_memory_mb",
    "valid",
    "test",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    dials = ["--users=300", "--apps=40", "--impressions=6000", "--exceptions=20", "--seed=3"]
    assert main(["sample", "--out", str(folder), *dials]) == 0
    return folder


def train(world: Path, *more: str) -> list[str]:
    return [
        *("train", "--data", str(world / "impressions.parquet")),
        *("--items", str(world / "apps.csv"), "--schema", str(world / "schema.toml")),
        *("--set", "training.epochs=2", *more),
    ]


@pytest.fixture(scope="module")
def trained(world: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("runs") / "run"
    more = ["--preset", "wide_deep", "--seed", "4", "--out", str(out), "--json"]
    more += ["--predictions", str(out.parent / "p.parquet")]
    done = subprocess.run(
        [sys.executable, "-m", "recsys_demo", *train(world, *more)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "epoch" in done.stderr
    return out, json.loads(done.stdout.splitlines()[-1])


def test_train_reports_what_the_contract_names(trained: tuple[Path, dict[str, Any]]) -> None:
    _, result = trained
    assert set(result) >= REQUIRED
    assert (result["preset"], result["seed"], result["epochs"]) == ("wide_deep", 4, 2)
    for part in ("valid", "test"):
        assert set(result[part]["slices"]["all"]) >= {"rows", "auc", "logloss"}


def test_popularity_stands_beside_every_model(
    trained: tuple[Path, dict[str, Any]], world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, result = trained
    log = pd.read_parquet(world / "impressions.parquet")
    train, test = (log[log["split"] == part] for part in ("train", "test"))
    taken = train.groupby("app", observed=True)["label"].agg(["sum", "count"])
    base = (train["label"].sum() + 0.5) / (len(train) + 1)
    rate = (taken["sum"] + 10 * base) / (taken["count"] + 10)
    found = result["baselines"]["popularity"]["test"]
    p = test["app"].astype(str).map(rate).fillna(base)
    assert found["auc"] == pytest.approx(roc_auc_score(test["label"], p))
    assert found["slices"].keys() == result["test"]["slices"].keys()
    assert main(["compare", str(out)]) == 0
    (line,) = [
        line for line in capsys.readouterr().out.splitlines() if line.startswith("popularity")
    ]
    assert f"{found['auc']:.4f}" in line


def test_predictions_allow_every_metric_to_be_recomputed(
    world: Path, trained: tuple[Path, dict[str, Any]]
) -> None:
    out, result = trained
    written = pd.read_parquet(out.parent / "p.parquet")
    assert list(written.columns) == ["row", "label", "probability"]
    log = pd.read_parquet(world / "impressions.parquet").iloc[written["row"]]
    assert (log["label"].to_numpy() == written["label"].to_numpy()).all()
    assert set(log["split"]) == {"test"}
    p = written["probability"].astype(float)
    assert result["test"]["auc"] == pytest.approx(roc_auc_score(written["label"], p), abs=1e-9)
    assert result["test"]["logloss"] == pytest.approx(log_loss(written["label"], p), abs=1e-5)
    planted = log["exception"].to_numpy().astype(bool)
    among = result["test"]["slices"]["exceptions"]
    assert among["rows"] == planted.sum()
    assert among["auc"] == pytest.approx(roc_auc_score(written["label"][planted], p[planted]))


def test_the_same_seed_gives_the_same_digits(
    world: Path, trained: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(train(world, "--preset", "wide_deep", "--seed", "4", "--json")) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again["test"] == trained[1]["test"]
    assert main(train(world, "--preset", "wide_deep", "--seed", "5", "--json")) == 0
    other = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert other["test"] != trained[1]["test"]


def test_compare_puts_seeds_of_a_model_together(
    world: Path,
    trained: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    second = tmp_path / "second"
    assert main(train(world, "--preset", "wide_deep", "--seed", "5", "--out", str(second))) == 0
    capsys.readouterr()
    assert main(["compare", str(trained[0]), str(second), "--json"]) == 0
    (model,) = json.loads(capsys.readouterr().out.splitlines()[-1])["models"]
    both = [trained[1]["test"]["auc"], load_run(second).result["test"]["auc"]]
    assert model["seeds"] == [4, 5]
    assert model["slices"]["all"]["auc"]["mean"] == pytest.approx(np.mean(both))
    assert model["slices"]["all"]["auc"]["sd"] == pytest.approx(np.std(both, ddof=1))
    half = 12.7062 * np.std(both, ddof=1) / np.sqrt(2)
    assert model["slices"]["all"]["auc"]["half_width"] == pytest.approx(half, rel=1e-5)


def test_compare_speaks_the_labs_rule(
    world: Path,
    trained: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for preset, seed in (("lr", 4), ("lr", 5), ("wide_deep", 5)):
        out = str(tmp_path / f"{preset}{seed}")
        assert main(train(world, "--preset", preset, "--seed", str(seed), "--out", out)) == 0
    capsys.readouterr()
    assert main(["compare", str(trained[0]), str(tmp_path / "lr4"), "--json"]) == 0
    told = capsys.readouterr().out
    (said,) = json.loads(told.splitlines()[-1])["verdicts"]
    assert said["finding"] == "cannot be said yet"
    assert said["sentence"] in told
    assert "±:" not in told, "one seed has no interval over seeds"
    runs = [str(trained[0]), *(str(tmp_path / name) for name in ("wide_deep5", "lr4", "lr5"))]
    assert main(["compare", *runs, "--json"]) == 0
    told = capsys.readouterr().out
    (said,) = json.loads(told.splitlines()[-1])["verdicts"]
    assert {said["a"], said["b"]} == {"wide_deep", "lr"}
    assert said["finding"] in ("better", "could not be told apart")
    assert "2 seeds each" in said["sentence"]
    assert "half of the 95 % interval" in told


def test_recommend_lists_explains_and_funnels(
    trained: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    run = load_run(trained[0])
    user = str(run.queries.index[3])
    query = json.dumps({"user": user, "hour": "evening"})
    command = ["recommend", str(trained[0]), "--query", query, "-k", "5"]
    assert main([*command, "--explain", "--funnel", "--budget", "at_random=0", "--json"]) == 0
    printed = capsys.readouterr()
    result = json.loads(printed.out.splitlines()[-1])
    assert result["query"]["user"] == user
    assert result["query"]["hour"] == "evening"
    assert [item["place"] for item in result["items"]] == [1, 2, 3, 4, 5]
    installed = run.queries.loc[user, "installed"].split("|")
    assert not {item["item"] for item in result["items"]} & set(installed)
    for item in result["items"]:
        terms = sum(term["value"] for term in item["terms"])
        assert terms == pytest.approx(item["logit"], abs=1e-3)
        assert item["name"] in printed.out
    assert [g["key"] for g in result["funnel"]["generators"]] == [
        "popularity",
        "co_occurrence",
        "nearest",
    ]
    assert 0 <= result["funnel"]["recall"] <= 1


def test_recommend_for_somebody_new(
    trained: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recommend", str(trained[0]), "--query", '{"user": "nobody"}', "--json"]) == 0
    printed = capsys.readouterr()
    assert "nobody" in printed.err
    assert len(json.loads(printed.out.splitlines()[-1])["items"]) == 10


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--query", "{"], "--query"),
        (["--query", '{"app": "x"}'], "app"),
        (["--query", '{"age": "x", "moon": 1}'], "moon"),
        (["-k", "0"], "-k"),
        (["--budget", "luck=3"], "luck"),
    ],
)
def test_bad_queries_are_told(
    trained: tuple[Path, dict[str, Any]],
    more: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["recommend", str(trained[0]), *more]) == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--set", "deep.hidden=big"], "hidden"),
        (["--set", "training.epochs=0"], "epochs"),
        (["--set", "fm.order=2"], "no such group"),
        (["--set", "epochs"], "this is not a setting"),
        (["--cross", "installed x nothing"], "nothing"),
        (["--cross", "installed"], "installed"),
        (["--seed", "-1"], "seed"),
    ],
)
def test_bad_settings_are_told(
    world: Path, more: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(train(world, "--preset", "wide_deep", *more)) == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_missing_files_are_told_together(capsys: pytest.CaptureFixture[str]) -> None:
    schema = str(SAMPLE_SET / "schema.toml")
    parts = ["--train", "no1.csv", "--valid", "no2.csv", "--test", "no3.csv"]
    assert main(["train", *parts, "--schema", schema, "--preset", "lr"]) == 2
    told = capsys.readouterr().err
    assert [name in told for name in ("no1.csv", "no2.csv", "no3.csv")] == [True] * 3


@pytest.mark.parametrize("dials", [["--users", "x"], ["--noise", "2"], ["--seed", "-3"]])
def test_bad_dials_write_nothing(
    dials: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sample", "--out", str(tmp_path / "new"), *dials]) == 2
    assert dials[0].strip("-") in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(max_size=12), max_size=4))
def test_any_arguments_end_in_status_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    for command in ("sample", "train", "compare", "recommend", "sweep"):
        junk = [word for word in arguments if word not in ("-h", "--help", "-")]
        with pytest.raises(SystemExit) as stopped:
            raise SystemExit(main([command, *junk, "--no-such-argument"]))
        assert stopped.value.code == 2
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_the_arguments(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert COMMANDS[command] in capsys.readouterr().out.replace("\n", " ")


def test_sample_and_serve_do_not_wait_for_torch() -> None:
    code = (
        "import sys; from recsys_demo.cli import parser\n"
        "parser('sample'); parser('serve'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_serve_tells_all_obstacles_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "file").write_text("")
        problems = list(obstacles("127.0.0.1", port, tmp_path / "file" / "lab"))
    assert [str(port) in problems[0].where, "RECSYS_DEMO_HOME" in problems[1].remedy] == [True] * 2
    assert f"PORT={port + 1}" in problems[0].remedy


def test_serve_tells_a_missing_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else name)
    (problem,) = obstacles("127.0.0.1", 0, tmp_path)
    assert "torch" in problem.got
    assert "pip install -r requirements.txt" in problem.remedy
