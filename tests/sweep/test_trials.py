"""A search for better settings: its time, what it goes on from, and what it never sees."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import optuna
import pytest

from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.errors import LabError
from recsys_demo.evaluation import reports
from recsys_demo.studies.ablation.outcomes import Reader
from recsys_demo.studies.tuning import final_grid, tuning_of
from recsys_demo.sweep import trials
from recsys_demo.sweep.spaces import drawn
from recsys_demo.sweep.trials import search
from tests.making.inline import Here
from tests.making.sweeping import run_config, trained, write_log


@pytest.fixture
def base(tmp_path: Path) -> RunConfig:
    return run_config(write_log(tmp_path))


def few_trials(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """A clock by which the time of a search is over after so many trials."""
    done = 0
    optimize = optuna.Study.optimize

    def counted(study: optuna.Study, objective: Any, **more: Any) -> None:
        nonlocal done
        optimize(study, objective, **more)
        done += 1

    monkeypatch.setattr(optuna.Study, "optimize", counted)
    clock = SimpleNamespace(monotonic=lambda: 1e9 * (done // count))
    monkeypatch.setattr(trials, "time", clock)


def test_a_search_begins_with_the_model_as_it_is_and_goes_on(
    base: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_trials(monkeypatch, 3)
    folder = tmp_path / "tune"
    *_, first = search(base, folder, 60, [Here()])
    assert first.finished + first.given_up == 3
    study = trials.study_of(folder, base)
    assert RunConfig.model_validate_json(study.trials[0].user_attrs[trials.CONFIG]) == base
    assert study.best_value == first.auc
    begun, *_, second = search(base, folder, 60, [Here()])
    assert (begun.finished, begun.given_up) == (first.finished, first.given_up)
    assert second.finished + second.given_up == 6
    assert second.auc is not None
    assert first.auc is not None
    assert second.auc >= first.auc
    (nothing,) = search(base, folder, second.seconds / 2, [Here()])
    assert nothing == second, "the time is spent"


def test_no_trial_looks_at_the_test_rows(
    base: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Metrics are asked of one part only: rows as many as that of validation."""
    few_trials(monkeypatch, 2)
    asked = set()
    evaluate = reports.evaluate
    monkeypatch.setattr(
        "recsys_demo.training.experiment.evaluate",
        lambda labels, *more: asked.add(len(labels)) or evaluate(labels, *more),
    )
    list(search(base, tmp_path / "tune", 60, [Here()]))
    assert asked == {30, 210}, "of 300 rows 60 are the test's; 210 are learned from"


def test_what_is_wrong_with_the_data_ends_the_search(base: RunConfig, tmp_path: Path) -> None:
    gone = base.model_copy(update={"without_fields": ("weather",)})
    with pytest.raises(LabError, match="weather"):
        list(search(gone, tmp_path / "tune", 60, [Here()]))


@pytest.mark.parametrize("key", PRESETS)
def test_a_space_holds_what_the_model_has(key: str, base: RunConfig) -> None:
    config = base.model_copy(update={"model": PRESETS[key].model})
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(3):
        tried = drawn(study.ask(), config)
        assert RunConfig.model_validate_json(tried.model_dump_json()) == tried
        assert tried.model.kinds == config.model.kinds
        assert tried.model != config.model


@pytest.mark.parametrize("tuned_is_better", [True, False])
def test_the_end_says_what_tuning_was_worth(
    tuned_is_better: bool, base: RunConfig, tmp_path: Path
) -> None:
    """On rows without structure nothing is gained, and that is said."""
    other = base.model_copy(update={"training": base.training.model_copy(update={"epochs": 1})})
    best = other if tuned_is_better else base
    grid = final_grid({"four": base}, {"four": best}, (0, 1))
    assert len(grid.cells) == 1 + tuned_is_better
    outcomes = Reader(trained(grid.configs(), tmp_path / "records")).outcomes(grid)
    tuning = tuning_of(grid, outcomes)
    assert tuning is not None
    assert tuning.chosen.valid.value == max(row.valid.value for row in tuning.rows)
    assert tuning.sentence.startswith(("Tuning gained less than noise", "Tuning gained nothing"))
