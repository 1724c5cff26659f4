"""What training tells on standard error: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys

import pytest

from recsys_demo.cli.progress import ProgressPrinter
from recsys_demo.training.trainer import EpochReport, Finished, Progress

EVENTS = (
    Progress(epoch=1, step=3, steps_per_epoch=6, rows=30, loss=0.51, seconds=1, rows_per_second=30),
    EpochReport(
        epoch=1,
        step=6,
        rows=60,
        train={},
        valid={"all": {"auc": 0.75, "logloss": 0.5}},
        improved=True,
        scale=1,
        seconds=2,
        rows_per_second=30,
    ),
    Finished(1, 1, 6, "epochs", 2.0, 2.0, 30.0),
)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    printer = ProgressPrinter("wide")
    for event in EVENTS:
        printer.show(event)
    caught = capsys.readouterr()
    assert caught.out == ""  # standard output is for the answer
    return caught.err


def test_a_bar_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "[############............] loss 0.5100 30 rows/s" in told(capsys)


def test_a_line_per_epoch_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys).splitlines()
    assert lines[0].startswith("wide epoch 1: valid auc 0.7500, log loss 0.5000 *")
    assert lines[1].startswith("wide: best epoch 1 of 1")
    assert len(lines) == 2
