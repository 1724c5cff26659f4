"""The Train room below the browser: what a link gives elsewhere, and a training that diverges."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.jobs.store import CONTROL, Command, read_command
from recsys_demo.ui.state import State
from recsys_demo.ui.train.replay import Replay
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.hand import Hand

SMALL = State(
    data=SampleSpec(world=WorldConfig(users=200, apps=50, impressions=2_000, exceptions=30)),
    training=TrainingConfig(epochs=2, batch_size=256),
)


def played(state: State) -> AppTest:
    """The room after everything was trained."""
    at = open_page("train", state)
    return at.button(key="train.play").click().run().run()


def results(at: AppTest) -> pd.DataFrame:
    """All of the run table that is the same wherever and whenever it is trained."""
    table: pd.DataFrame = at.table[0].value
    timed = ("sec", "/s", "state")  # the state says how many seconds it took
    return table[[name for name in table.columns if not any(part in name for part in timed)]]


def test_a_link_gives_the_same_digits_in_another_lab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = SMALL.model_copy(update={"models": ("wide", "deepfm"), "seed": 31})
    tables = []
    for lab in ("one", "other"):
        lab_at(tmp_path / lab, monkeypatch)
        tables.append(results(played(state)))
    assert len(tables[0]) == 2
    pd.testing.assert_frame_equal(*tables)


class Noting(Hand):
    """Notes what a job is told when it begins."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Command | None] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.told.append(read_command(Path(args[0]) / args[1] / CONTROL))
        return super().submit(fn, *args, **kwargs)


def test_a_first_step_is_told_before_the_training_can_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told afterwards, a training of milliseconds was over: it went to its end instead."""
    worker = Noting()
    lab_at(tmp_path, monkeypatch, worker)
    at = open_page("train", SMALL.model_copy(update={"models": ("wide",), "seed": 33}))
    at.button(key="train.step.batch").click().run()
    assert worker.told == [Command(command="step", unit="batch", number=1)]
    at.button(key="train.step.batch").click().run()
    assert read_command(worker.folders[0] / CONTROL) == Command(command="step", number=2)


def test_a_rewound_run_that_somebody_else_cancels_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Hand()
    lab_at(tmp_path, monkeypatch, worker)
    at = open_page("train", SMALL.model_copy(update={"models": ("wide",), "seed": 34}))
    at = at.button(key="train.play").click().run()
    (job,) = worker.order
    at.session_state["train.replay"] = Replay({job: 0.0})
    assert "rewound to epoch 0" in at.run().table[0].value.to_string()
    worker.end({"state": "cancelled", "message": "Cancelled."})
    assert "cancelled" in at.run().table[0].value.to_string()
    assert "train.rewind" not in [button.key for button in at.button]


def test_divergence_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = {"kind": "sgd", "learning_rate": 1000.0}
    model = {
        "name": "Too fast",
        "components": [{"kind": "fm"}, {"kind": "deep", "optimizer": fast}],
        "embedding": {"optimizer": fast, "init_std": 10.0},
    }
    lab_at(tmp_path, monkeypatch)
    at = played(State.model_validate({**SMALL.model_dump(), "models": (model,)}))
    told = text_of(at) + "".join(str(error.value) for error in at.error)
    assert "Lower the learning rate" in told
    assert "Try again" in [button.label for button in at.button]
