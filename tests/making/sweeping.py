"""Sweeps inside the test's own process, on a log small enough to train in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recsys_demo.config.components import CrossesConfig, DeepConfig, FmConfig, LinearConfig
from recsys_demo.config.model import EmbeddingConfig, ModelConfig, TrainingConfig
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import FileSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.sweep.driver import sweep
from recsys_demo.sweep.places import KeepRecord, LocalPlace
from recsys_demo.sweep.records import Records
from recsys_demo.sweep.training import keep_record
from tests.making.inline import Here
from tests.making.logs import SCHEMA, random_log

CROSSES = ("installed x app", "country x app")
ALL_FOUR = ModelConfig(
    components=(
        LinearConfig(),
        CrossesConfig(crosses=CROSSES),
        FmConfig(),
        DeepConfig(hidden=(6, 4)),
    ),
    embedding=EmbeddingConfig(size=4),
)


def here(records: Records, keep: KeepRecord = keep_record) -> LocalPlace:
    """One worker: this process."""
    return LocalPlace(records, [Here()], keep)


def write_log(folder: Path, rows: int = 300) -> Path:
    """A random log as a file."""
    path = folder / "log.csv"
    log = random_log(rows)
    log.frame.assign(label=log.labels).to_csv(path, index=False)
    return path


def run_config(path: Path, model: ModelConfig = ALL_FOUR, **changes: Any) -> RunConfig:
    """A quick training on that file."""
    base = RunConfig(
        data=FileSpec(data=str(path), schema_toml=SCHEMA),
        split=SplitConfig(),
        model=model,
        training=TrainingConfig(epochs=2, batch_size=64),
    )
    return base.model_copy(update=changes)


def schema() -> Schema:
    """The schema of that file."""
    return Schema.parse(SCHEMA)


def trained(configs: list[RunConfig], folder: Path) -> Records:
    """The records of these runs."""
    records = Records(folder)
    events = list(sweep(configs, records, here(records)))
    failed = [event for event in events if event.type == "failed"]
    assert not failed, failed
    return records
