"""Sizes, regularization and training that a log is begun with, and why it is these."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_demo.config.fit import TRAINING, Fit, fit_of
from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.pairs import distinct_values


@dataclass(frozen=True)
class Sizes:
    """What changes the presets (None: they stay as they are), how they are trained, and why: how
    many rows and values were seen, and the sentence that says it."""

    fit: Fit | None
    training: TrainingConfig
    seen: str
    reason: str


def sizes_of(train: Interactions) -> Sizes:
    """What the rule of `config.fit` says for these training rows."""
    rows, values = len(train), values_of(train)
    fit = fit_of(rows, values)
    seen = f"{rows:,} training rows for {values:,} field values"
    if fit is None:
        return Sizes(None, TrainingConfig(), seen, f"Presets as they are, for {seen}.")
    reason = (
        f"Presets changed to fit this log: with {seen} they would overfit. Models get "
        f"{settings_of(fit)}, and the epoch with the best validation AUC."
    )
    return Sizes(fit, TRAINING, seen, reason)


def settings_of(fit: Fit) -> str:
    """What it changes, in a few words."""
    layers = "-".join(map(str, fit.hidden))
    return f"L2 {fit.l2:.2g} on vectors, layers {layers} with dropout {fit.dropout:g}"


def values_of(train: Interactions) -> int:
    """Different values of all fields that are no numbers; a list's members count one by one."""
    return sum(
        distinct_values(train, name)
        for name, field in train.schema.fields.items()
        if field.kind != "numeric"
    )
