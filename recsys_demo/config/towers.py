"""What a person can set about two towers, free of torch."""

from __future__ import annotations

from pydantic import Field

from recsys_demo.values import Frozen


class TowersConfig(Frozen):
    """A query tower and an item tower whose outputs are multiplied: a candidate generator."""

    size: int = Field(16, ge=1, le=256, description="numbers of a vector, of values and of towers")
    hidden: int = Field(32, ge=1, le=1024, description="neurons of each tower's hidden layer")
    epochs: int = Field(10, ge=1, le=100, description="passes over the rows that were taken")
    batch_size: int = Field(
        512, ge=2, le=8192, description="rows of a step; each one's item stands against all others"
    )
    learning_rate: float = Field(0.01, gt=0, le=1, description="size of a step of Adam")
    log_q: bool = Field(
        True, description="correct for how often popular items are drawn to stand against others"
    )
