"""The configuration of a run, free of torch so that pages and links can use it."""

from __future__ import annotations

from pydantic import Field

from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.data.specs import DataSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.values import Frozen

SEEDS = 2**31
FIRST_SEEDS = SEEDS - 1_000  # below it, seeds in a row do not end beyond the last seed


class RunConfig(Frozen):
    """Everything a run depends on: equal configurations give equal digits."""

    data: DataSpec
    split: SplitConfig = SplitConfig()
    model: ModelConfig
    training: TrainingConfig = TrainingConfig()
    seed: int = Field(0, ge=0, lt=SEEDS, description="decides the start and the order of the rows")
    without_fields: tuple[str, ...] = Field((), description="fields the model does not see")
