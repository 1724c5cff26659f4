"""What too fine a cross does: the same linear model trained with it and without it.

Nothing stops the training early and nothing pulls rare weights to zero, unless asked for: the
training rows' loss keeps falling while that of the held-out rows turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from recsys_demo.config.components import CrossesConfig, LinearConfig
from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import Ftrl
from recsys_demo.data.interactions import Interactions
from recsys_demo.evaluation.metrics import log_loss
from recsys_demo.features.encoder import Encoded, fit_encoder
from recsys_demo.features.fields import fit_fields
from recsys_demo.limits import Limits
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.training.trainer import EpochReport, Trainer

EPOCHS = 8
ALPHA = 0.5  # bolder than the presets, so that eight passes show where it leads
ROWS = 40_000
STEPS = 20  # an epoch has at least, however few rows there are
Which = Literal["without", "with"]


@dataclass(frozen=True)
class Point:
    """Mean log loss of one model after an epoch (0: untrained); `used` weights are not zero."""

    model: Which
    epoch: int
    train: float
    held_out: float
    parameters: int
    used: int


def overcross(
    cross: str,
    train: Interactions,
    held_out: Interactions,
    *,
    epochs: int = EPOCHS,
    l1: float = 0.0,
    seed: int = 0,
    rows: int = ROWS,
    limits: Limits | None = None,
) -> Iterator[Point]:
    """Train a linear model without and with the cross, on at most `rows` training and held-out
    rows. Raises InputError if the cross is too large."""
    train, held_out = (_some(part, rows, seed) for part in (train, held_out))
    fields = fit_fields(train, limits)
    plain = ModelConfig(components=(LinearConfig(optimizer=Ftrl(alpha=ALPHA, l1=l1)),))
    crosses = CrossesConfig(crosses=(cross,), min_support=1, optimizer=Ftrl(alpha=ALPHA, l1=l1))
    crossed = ModelConfig(components=(*plain.components, crosses))
    encoders = {m: fit_encoder(train, m, fields, limits) for m in (plain, crossed)}
    models: Mapping[Which, ModelConfig] = {"without": plain, "with": crossed}
    for which, model in models.items():
        encoder = encoders[model]
        ranker = Ranker(model, encoder, seed, train.base_rate, limits)
        parts = encoder.encode(train), encoder.encode(held_out)
        yield from _trained(which, ranker, *parts, epochs, seed)


def _some(part: Interactions, rows: int, seed: int) -> Interactions:
    """At most this many rows, drawn without replacement."""
    if len(part) <= rows:
        return part
    drawn = np.random.default_rng(seed).choice(len(part), rows, replace=False)
    return part.take(np.sort(drawn))


def _trained(
    which: Which, ranker: Ranker, train: Encoded, held_out: Encoded, epochs: int, seed: int
) -> Iterator[Point]:
    def point(epoch: int) -> Point:
        losses = [log_loss(rows.labels, score(ranker, rows)) for rows in (train, held_out)]
        used = sum(int((values != 0).sum()) for values in ranker.state().values())
        return Point(which, epoch, losses[0], losses[1], ranker.parameters, used)

    yield point(0)
    batch = min(1024, max(16, len(train) // STEPS))
    trainer = Trainer(
        ranker,
        train,
        held_out,
        TrainingConfig(batch_size=batch, epochs=epochs, patience=min(epochs, 100)),
        seed,
        validate=lambda logits: {"all": {"logloss": log_loss(held_out.labels, logits)}},
        progressive=lambda labels, logits: {},
    )
    for event in trainer.events():
        if isinstance(event, EpochReport):
            yield point(event.epoch)
