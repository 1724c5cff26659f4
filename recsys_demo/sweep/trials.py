"""Trials of a search for better settings, by the validation rows alone and within a time.

The trials of a model are a study of Optuna, kept in one file that workers add to and that a later
search goes on from. A trial that falls behind is given up (successive halving, Li et al. 2020).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from recsys_demo.config.run import RunConfig
from recsys_demo.errors import DivergedError, InputError, LabError
from recsys_demo.sweep.records import record_key
from recsys_demo.sweep.spaces import drawn
from recsys_demo.training.experiment import training_setup
from recsys_demo.training.trainer import Control, EpochReport, Finished
from recsys_demo.values import validated

FILE = "trials.log"
CONFIG = "config"  # what a trial tried
POLL_SECONDS = 1.0
LEFT = 0.5  # seconds with which no trial is begun


@dataclass(frozen=True)
class Search:
    """What is known of a model's trials by now. `best` is the one with the highest AUC of the
    validation rows, at first the configuration that the search began with."""

    finished: int
    given_up: int
    seconds: float
    best: RunConfig
    auc: float | None


def search(
    config: RunConfig, folder: Path, seconds: float, workers: Sequence[Executor]
) -> Iterator[Search]:
    """Try settings of a model for so many seconds on all workers; tells how it stands at first and
    whenever a trial has ended. What an earlier search in this folder has spent counts. Raises
    LabError where no trial can be done."""
    study = prepared_study(folder, config)
    found = standing(config, study)
    left = seconds - found.seconds / len(workers)
    content = config.model_dump(mode="json")
    calls = [
        worker.submit(try_settings, content, str(folder.resolve()), left, number)
        for number, worker in enumerate(workers)
        if left > LEFT
    ]
    yield found
    pending = set(calls)
    while pending:
        pending = wait(pending, POLL_SECONDS).not_done
        now = standing(config, study)
        if (now.finished, now.given_up) != (found.finished, found.given_up):
            found = now
            yield found
    if problems := [told for call in calls if (told := call.result())]:
        raise LabError(problems[0])


def prepared_study(folder: Path, config: RunConfig) -> optuna.Study:
    """The trials of a model before a search, without those whose worker went with an earlier one.
    Raises InputError where none can be kept."""
    _prepare(folder)
    study = study_of(folder, config)
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    return study


def try_settings(config: dict[str, Any], folder: str, seconds: float, number: int) -> str:
    """A worker's part of a search: one trial after another until the time is over. What was wrong,
    empty if nothing."""
    try:
        base = validated(RunConfig, config, "tune")
        for _ in tries(base, Path(folder), seconds, lambda: True, number):
            pass
    except InputError as error:
        return str(error)
    return ""


def tries(
    config: RunConfig, folder: Path, seconds: float, control: Control, seed: int = 0
) -> Iterator[Search]:
    """One trial after another, in this process, until the time is over or `control` says False;
    tells how the search stands after each. Raises InputError for unusable data."""
    deadline = time.monotonic() + seconds
    study = study_of(folder, config, seed)

    def goes_on() -> bool:
        return control() and time.monotonic() < deadline

    while goes_on():
        study.optimize(
            lambda trial: _score(trial, config, goes_on), n_trials=1, catch=(DivergedError,)
        )
        yield standing(config, study)


def study_of(folder: Path, config: RunConfig, seed: int = 0) -> optuna.Study:
    """The trials of a model in this folder, made if there are none."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(
        study_name=record_key(config),
        storage=JournalStorage(JournalFileBackend(str(folder / FILE))),
        direction="maximize",
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
        pruner=optuna.pruners.SuccessiveHalvingPruner(),
    )


def _score(trial: optuna.Trial, base: RunConfig, control: Control) -> float:
    """The AUC of the validation rows after the epoch that training goes back to. The first trial of
    a study is the configuration it begins with."""
    config = base if trial.number == 0 else drawn(trial, base)
    trial.set_user_attr(CONFIG, config.model_dump_json())
    trainer = training_setup(config, control).trainer
    seen: dict[int, float] = {}
    kept = 0
    for event in trainer.events():
        if isinstance(event, EpochReport):
            seen[event.epoch] = event.valid["all"]["auc"]
            trial.report(max(seen.values()), event.epoch)
            if trial.number and trial.should_prune():
                raise optuna.TrialPruned
        elif isinstance(event, Finished):
            kept = event.best_epoch
    if kept not in seen:
        raise optuna.TrialPruned  # the time was over before its first epoch
    return seen[kept]


def standing(config: RunConfig, study: optuna.Study) -> Search:
    """How the search for better settings of this configuration stands."""
    trials = study.get_trials(deepcopy=False)
    done = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    ended = [trial for trial in trials if trial.state.is_finished()]
    best = max(done, key=_value, default=None)
    return Search(
        finished=len(done),
        given_up=sum(trial.state == TrialState.PRUNED for trial in ended),
        seconds=sum(t.duration.total_seconds() for t in ended if t.duration is not None),
        best=config if best is None else RunConfig.model_validate_json(best.user_attrs[CONFIG]),
        auc=None if best is None else best.value,
    )


def _value(trial: FrozenTrial) -> float:
    return float("-inf") if trial.value is None else trial.value


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).touch()
    except OSError as error:
        raise InputError.of(
            what="the trials cannot be kept",
            where=str(folder),
            got=error.strerror or str(error),
            expected="a folder that can be written",
            remedy="Choose another folder.",
        ) from None
