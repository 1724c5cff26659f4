"""A saved run scores files and lists everybody, without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from recsys_demo.cli import main
from recsys_demo.models.ranker import score
from recsys_demo.training.runs import save_run
from tests.making.logs import random_log
from tests.making.runs import make_run

RUN = make_run()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    save_run(RUN, tmp_path / "run")
    return tmp_path / "run"


def new_rows(folder: Path) -> Path:
    path = folder / "new.csv"
    frame = random_log(60, seed=8).frame
    frame.assign(app=frame["app"].astype("str").replace("app5", "new")).to_csv(path, index=False)
    return path


def test_the_scores_are_those_of_training(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = new_rows(tmp_path), tmp_path / "scores.parquet"
    assert main(["score", str(run), "--data", str(data), "--out", str(out), "--json"]) == 0
    told = capsys.readouterr()
    log = random_log(60, seed=8)
    strange = log.frame["app"].eq("app5").to_numpy()
    expected = expit(score(RUN.ranker, RUN.encoder.encode(log)))
    scores = pd.read_parquet(out)
    assert scores["row"].tolist() == list(range(60))
    np.testing.assert_allclose(scores["probability"][~strange], expected[~strange], atol=1e-6)
    assert f'"app": {strange.sum()} of 60 rows' in told.err
    assert json.loads(told.out.splitlines()[-1])["unknown"]["app"] == strange.sum()


def test_everybody_gets_a_list(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "lists.parquet"
    assert main(["recommend", str(run), "--all", "-k", "2", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    lists = pd.read_parquet(out)
    assert told["users"] == len(RUN.queries)
    assert told["rows"] == len(lists)
    assert set(lists["user"]) <= set(RUN.queries.index)
    assert lists["place"].max() == 2


def test_neither_needs_torch(run: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from recsys_demo import load_run; from recsys_demo.cli import main\n"
        "assert main(sys.argv[1:6]) == 0 and main(sys.argv[6:]) == 0\n"
        "assert len(load_run(sys.argv[2]).recommend(k=1))\n"
        "sys.exit('torch' in sys.modules)"
    )
    score_ = ["score", run, f"--data={new_rows(tmp_path)}", "--out", tmp_path / "s.parquet"]
    all_ = ["recommend", run, "--all", f"--out={tmp_path / 'l.parquet'}"]
    words = [str(word) for word in (*score_, *all_)]
    done = subprocess.run([sys.executable, "-c", code, *words], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_nothing_is_written_where_something_is_wrong(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, there = new_rows(tmp_path), set(tmp_path.iterdir())
    out = str(tmp_path / "o.parquet")
    bad = tmp_path / "bad.csv"
    bad.write_text("app,country\napp1,ch\n", encoding="utf-8")
    for words, expected in (
        (["score", str(run), "--data", str(bad), "--out", out], "installed"),
        (["score", str(run), "--data", str(data), "--out", str(data)], "given as --data"),
        (["score", str(tmp_path), "--data", str(data), "--out", out], "not a run folder"),
        (["recommend", str(run), "--all"], "--out FILE.parquet"),
        (["recommend", str(run), "--out", out], "--all"),
        (["recommend", str(run), "--all", "--out", out, "--explain"], "--explain"),
    ):
        assert main(words) == 2
        assert expected in capsys.readouterr().err
    assert set(tmp_path.iterdir()) == there | {bad}
