"""*Tune*: from the button to the settings in the link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest

from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.sweep import trials
from recsys_demo.sweep.trials import Search
from recsys_demo.ui.state import State
from tests.making.apptesting import lab_at, open_page, text_of

WORLD = SampleSpec(world=WorldConfig(users=100, apps=30, impressions=1_500, exceptions=10))


def two_trials(config: RunConfig, folder: Path, *more: Any) -> Iterator[Search]:
    """A search whose time is over after two trials; the second one's model is better."""
    study = trials.study_of(folder, config)
    for epochs in (1, 4):
        tried = config.model_copy(update={"training": TrainingConfig(epochs=epochs)})
        trial = optuna.trial.create_trial(
            value=epochs / 10, user_attrs={trials.CONFIG: tried.model_dump_json()}
        )
        study.add_trial(trial)
        yield trials.standing(config, study)


def test_the_chosen_settings_go_into_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab_at(tmp_path, monkeypatch)
    monkeypatch.setattr(trials, "tries", two_trials)
    at = open_page("train", State(data=WORLD, models=("lr",), training=TrainingConfig(epochs=1)))
    at.button(key="train.tune.go").click().run()
    told = text_of(at)
    assert "Tuning " in told
    table = next(t.value for t in at.dataframe if "test AUC" in t.value.columns)
    assert list(table["model"]) == ["LR, as it is", "LR tuned"]
    at.button(key="train.tune.use").click().run()
    now = at.session_state["lab.state"]
    assert now.training.epochs == 4
    (model,) = now.models
    assert isinstance(model, ModelConfig)
    assert model.name == "lr"


def test_a_link_can_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab_at(tmp_path, monkeypatch)
    at = open_page("train", State(data=WORLD, models=("lr",), hide=("tune",)))
    assert not [button for button in at.button if button.key == "train.tune.go"]
