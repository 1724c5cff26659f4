"""Presets that fit a log: when, how, and that links and the sample set keep their models."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from recsys_demo.cli import parser
from recsys_demo.cli.train import run_config
from recsys_demo.config import fit
from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.components import DeepConfig
from recsys_demo.config.fit import TRAINING, Fit, fit_of, fitted
from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.data.sources import load
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.studies.log.sizes import sizes_of, values_of
from recsys_demo.training.reproduce import command_text
from recsys_demo.ui.state import State, decode, encode
from tests.making.logs import random_log


def test_the_sample_set_is_a_case_of_the_rule_of_sizes() -> None:
    assert sizes_of(load(SampleSpec(), SplitConfig(kind="column")).train).fit is None


@pytest.mark.parametrize(
    ("rows", "values", "fits"),
    [
        (99_999, 5_000, False),
        (100_000, 5_000, True),
        (500_000, 5_000, False),
        (499_999, 5_000, True),
    ],
)
def test_who_has_few_rows_for_a_value_is_regularized(rows: int, values: int, fits: bool) -> None:
    found = fit_of(rows, values)
    assert (found is not None) == fits
    if found is not None:
        assert found.l2 == pytest.approx(min(0.05, 10_000 / rows))


def test_values_are_counted_over_all_fields_and_members() -> None:
    train = random_log(300)
    frame = train.frame
    members = {name for cell in frame["installed"].dropna() for name in cell.split("|")}
    counted = frame["app"].nunique() + frame["country"].nunique() + len(members)
    assert values_of(train) == counted


@pytest.mark.parametrize("key", list(PRESETS))
def test_a_fit_changes_settings_and_no_parts(key: str) -> None:
    usual, changed = PRESETS[key].model, Fit(hidden=(7, 5)).applied(PRESETS[key].model)
    assert (changed.name, changed.kinds) == (usual.name, usual.kinds)
    deep = changed.component(DeepConfig)
    assert deep is None or deep.hidden == (7, 5)
    assert all(KINDS[part.kind].config is type(part) for part in changed.components)
    assert fitted(usual, None) == usual


def test_a_link_says_what_was_chosen_and_one_of_before_keeps_its_models() -> None:
    state = State(fit=Fit(l2=0.01), training=TRAINING, models=("deep",))
    again, message = decode(encode(state))
    assert message is None
    assert again == state
    (config,) = again.model_configs(())
    assert config.embedding.optimizer.l2 == 0.01
    (usual,) = State(models=("deep",), training=TrainingConfig()).model_configs(())
    assert usual == PRESETS["deep"].model


def test_a_link_says_its_training_and_another_log_changes_it_unless_a_person_did() -> None:
    begun = State().with_fit(Fit(), TRAINING)
    assert begun.training == TRAINING
    assert begun.with_fit(None, TrainingConfig()) == State()
    own = State(training=TrainingConfig(epochs=3)).with_fit(Fit(), TRAINING)
    assert (own.fit, own.training.epochs) == (Fit(), 3)


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., argparse.Namespace]:
    """Arguments of `train` on a log of few rows that is told to be large."""
    monkeypatch.setattr(fit, "FEWEST_ROWS", 100)
    log = random_log(400)
    log.frame.assign(label=log.labels).to_csv(tmp_path / "log.csv", index=False)
    (tmp_path / "schema.toml").write_text(log.schema.to_toml(), encoding="utf-8")
    files = ["--data", str(tmp_path / "log.csv"), "--schema", str(tmp_path / "schema.toml")]
    return lambda *more: parser("train").parse_args(["train", *files, "--preset", "deep", *more])


def test_the_command_line_fits_its_log_and_says_so(
    arguments: Callable[..., argparse.Namespace], capsys: pytest.CaptureFixture[str]
) -> None:
    told = run_config(arguments("--set", "deep.dropout=0.4"), "deep")
    deep = told.model.component(DeepConfig)
    assert deep is not None
    assert (deep.hidden, deep.dropout) == ((128, 64), 0.4), "what is set wins"
    assert told.training == TRAINING
    assert "280 training rows for 14 field values" in capsys.readouterr().err
    usual = run_config(arguments("--usual"), "deep")
    assert (usual.model, usual.training) == (PRESETS["deep"].model, TrainingConfig())


def test_the_command_of_a_run_says_all_of_its_settings(
    arguments: Callable[..., argparse.Namespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where the command has its schema
    told = run_config(arguments(), "deep")
    command = command_text(told)
    assert command is not None
    words = shlex.split(command.replace("\\\n", " "))
    again = run_config(parser("train").parse_args(words[words.index("train") :]), "deep")
    assert (again.model, again.training) == (told.model, told.training)
