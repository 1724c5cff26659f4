"""A small planted world and models trained on it, saved as the pages' jobs save them."""

from __future__ import annotations

from pathlib import Path

from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.training.experiment import train_run
from recsys_demo.training.runs import save_run
from recsys_demo.training.saved_run import SavedRun
from recsys_demo.ui.state import State

WORLD = WorldConfig(users=300, apps=80, impressions=12_000, exceptions=60, seed=3)
SPLIT = SplitConfig(kind="column")
CROSS = "installed x app"
QUICK = TrainingConfig(epochs=2)
PLANTED = State(data=SampleSpec(world=WORLD), training=QUICK, models=("wide", "wide_deep"))


def dataset() -> Dataset:
    """The world's log."""
    return load(SampleSpec(world=WORLD), SPLIT)


def config(preset: str, seed: int = 0) -> RunConfig:
    """A short training of a preset."""
    return RunConfig(
        data=SampleSpec(world=WORLD),
        split=SPLIT,
        model=with_crosses(PRESETS[preset].model, (CROSS,)),
        training=QUICK,
        seed=seed,
    )


def trained(preset: str, seed: int, folder: Path) -> SavedRun:
    """Train it, save it below `folder`, read it back."""
    where = folder / f"{preset}-{seed}"
    training = train_run(config(preset, seed))
    while True:
        try:
            next(training)
        except StopIteration as end:
            save_run(end.value, where)
            return SavedRun.of(f"{preset}-{seed}", where)
