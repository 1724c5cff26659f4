"""The report of a comparison: whole in itself, and the numbers of the runs."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recsys_demo.charts.report import report
from recsys_demo.cli import main
from recsys_demo.studies.comparison.saved_runs import compared
from recsys_demo.training.runs import Run, save_run
from tests.making.runs import make_run


def measured(key: str, seed: int, auc: float) -> Run:
    """A run with results on three slices and two epochs."""
    values = {"all": auc, "never": auc - 0.1, "frequent": auc + 0.1}
    slices = {name: {"auc": v, "logloss": 0.5, "rows": 20} for name, v in values.items()}
    result: dict[str, Any] = {
        "preset": key,
        "seed": seed,
        "data": "<b>log</b>.csv",
        "fingerprint": "f" * 32,
        "rows": {"train": 50, "valid": 10, "test": 20},
        "base_rate": {"train": 0.25, "valid": 0.3, "test": 0.5},
        "notes": ['Column "age" is read as numbers & more.'],
        "best_epoch": 1,
        "test": {"slices": slices},
    }
    rows = {"row": range(20), "label": [0, 1] * 10, "probability": [0.3, 0.3 + auc / 2] * 10}
    history = pd.DataFrame({"type": "epoch", "epoch": [1, 2], "valid.all.auc": [auc, auc - 0.02]})
    run = replace(make_run(key), seed=seed, result=result, history=history)
    config = {"model": {"name": key}}
    return replace(run, config=config, predictions=pd.DataFrame(rows))


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    folders = []
    for key, auc in (("deepfm", 0.8), ("wide", 0.7)):
        for seed in (0, 1):
            folders.append(tmp_path / f"{key}{seed}")
            save_run(measured(key, seed, auc + seed / 100), folders[-1])
    return folders


class Page(HTMLParser):
    """Texts, and whatever a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.fetched: list[str] = []
        self.scripts = 0
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.scripts += tag == "script"
        self.fetched += [v or "" for name, v in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.texts.append(data)


def test_it_says_what_the_runs_say_and_fetches_nothing(runs: list[Path]) -> None:
    text = report(compared(runs))
    page = Page()
    page.feed(text)
    told = "".join(page.texts)
    assert page.fetched == []
    assert text.count("plotly.js v") == 1, "the library once"
    for part in ("DeepFM", "Wide", "<b>log</b>.csv", "& more", "0.8050", "0.7050", "25.00%"):
        assert part in told, part
    assert "DeepFM and Wide could not be told apart" in told
    assert "2 seeds each" in told
    assert re.search(r"deepfm|wide", told), "the settings"
    assert "<b>" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL).replace(
        "&lt;b&gt;", ""
    )


def test_a_single_run_of_a_log_without_slices(runs: list[Path], tmp_path: Path) -> None:
    result = {**measured("lr", 0, 0.6).result}
    result["test"] = {"slices": {"all": {"auc": 0.6, "logloss": 0.5, "rows": 20}}}
    save_run(replace(measured("lr", 0, 0.6), result=result), tmp_path / "lr")
    text = report(compared([tmp_path / "lr"]))
    assert "No map" in text
    assert "0.6000" in text


def test_where_no_pair_is_new_models_stand_on_the_other_axis(tmp_path: Path) -> None:
    for key, auc in (("wide", 0.8), ("deep", 0.7)):
        run = measured(key, 0, auc)
        slices = {k: v for k, v in run.result["test"]["slices"].items() if k != "never"}
        save_run(replace(run, result={**run.result, "test": {"slices": slices}}), tmp_path / key)
    text = report(compared([tmp_path / "wide", tmp_path / "deep"]))
    assert "No map: the test rows hold no pairs never seen in training." in text
    assert '"text":"AUC on pairs seen 20+ times"' in text


def test_the_command_writes_it_whole(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    assert main(["compare", *map(str, runs), "--report", str(out)]) == 0
    assert out.read_text(encoding="utf-8").endswith("</html>\n")
    assert main(["compare", *map(str, runs), "--report", str(tmp_path / "no" / "r.html")]) == 2
    assert "could not be written" in capsys.readouterr().err
