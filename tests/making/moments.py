"""Links of trainings of a moment, or of one that ends only when somebody ends it, and how the Train
room tells of them."""

from __future__ import annotations

import re

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.ui.state import State, encode

WORLD = SampleSpec(world=WorldConfig(users=200, apps=50, impressions=5_000, exceptions=30))
# Two minutes at least: a second an epoch, and a hundred epochs of patience.
FOREVER = TrainingConfig(epochs=1_000, patience=100, batch_size=1)
DONE, EPOCH = re.compile(r"^done, "), re.compile(r"^epoch \d+, at most")


def small(**choices: object) -> dict[str, str]:
    """The link of a training of a moment."""
    return encode(State.model_validate({"data": WORLD, "models": ("wide",), **choices}))
