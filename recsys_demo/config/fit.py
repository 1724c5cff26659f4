"""Sizes, regularization and training that fit a log, where the presets, made for the sample set,
would overfit.

For N training rows whose fields have V values in all (a user or item id is a value too):

    N / V of 100 on,    the presets as they are: values are seen often enough to be learned, or
    or N below 100,000  there are so few rows that stopping early is enough
    else, with a        vectors of 10 numbers; L2 0.05 on vectors and linear weights in every step,
    network             with more than 200,000 rows 10,000 / N: more rows need less; layers 128-64,
                        batch normalization, dropout 0.2; Adam 0.001
    a cross network     the same, but L2 0.001 and a wider start: its matrices start at zero and
    alone               see little of smaller vectors
    FM alone            inner products of such vectors would die out: L2 1e-5 on the values that a
                        step touches; Adam 0.03
    crosses, LR, trees  as they are: FTRL drops what is rare, trees read rates of values
    training            batches of 2,048 rows, at most 60 epochs; after an epoch without a better
                        validation AUC the rate is a tenth, after three training ends
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from recsys_demo.config.components import (
    CrossNetworkConfig,
    DeepConfig,
    LinearConfig,
    Width,
)
from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import Adam
from recsys_demo.values import Frozen

FEWEST_ROWS, ROWS_PER_VALUE = 100_000, 100
STRONGEST, ROWS_OF_STRENGTH = 0.05, 10_000
TRAINING = TrainingConfig(batch_size=2048, epochs=60, patience=3, monitor="auc", decay=0.1)
OF_PRODUCTS, OF_CROSS_NETWORK = Adam(learning_rate=0.03, l2=1e-5), 0.001


class Fit(Frozen):
    """How the presets are changed for a log; a model of one's own stays as it is."""

    size: int = Field(10, ge=1, le=512, description="numbers per value")
    l2: float = Field(
        STRONGEST, ge=0, le=10, description="pull of vectors and weights towards zero"
    )
    learning_rate: float = Field(0.001, gt=0, le=10, description="size of a step")
    hidden: tuple[Width, ...] = Field((128, 64), max_length=8, description="layer widths")
    dropout: float = Field(0.2, ge=0, lt=1, description="share of neurons silenced")

    def applied(self, preset: ModelConfig) -> ModelConfig:
        """The preset with these sizes and this regularization."""
        table = self._table(preset)
        if table is None:
            return preset
        return preset.model_copy(
            update={
                "components": tuple(self._part(part, table) for part in preset.components),
                "embedding": preset.embedding.model_copy(update=table),
            }
        )

    def _table(self, preset: ModelConfig) -> dict[str, Any] | None:
        """What the vectors of these components get, None for a model without any."""
        decayed = Adam(learning_rate=self.learning_rate, l2=self.l2)
        if preset.has("deep"):
            return {"size": self.size, "init_std": 0.01, "update": "all", "optimizer": decayed}
        if preset.has("cross_network"):
            little = decayed.model_copy(update={"l2": min(self.l2, OF_CROSS_NETWORK)})
            return {"size": self.size, "init_std": 0.1, "update": "all", "optimizer": little}
        if preset.has("fm"):
            return {"size": self.size, "optimizer": OF_PRODUCTS}
        return None

    def _part(self, part: Any, table: dict[str, Any]) -> Any:
        steps = {"optimizer": Adam(learning_rate=self.learning_rate)}
        if isinstance(part, DeepConfig):
            network = {"hidden": self.hidden, "dropout": self.dropout, "batch_norm": True}
            return part.model_copy(update=network | steps)
        if isinstance(part, LinearConfig):
            own: dict[str, Any] = {n: table[n] for n in ("optimizer", "update") if n in table}
            return part.model_copy(update=own)
        return part.model_copy(update=steps) if isinstance(part, CrossNetworkConfig) else part


def fit_of(rows: int, values: int) -> Fit | None:
    """What the rule says for so many training rows, whose fields have so many values in all; None
    for the presets as they are."""
    if rows < FEWEST_ROWS or rows >= ROWS_PER_VALUE * values:
        return None
    return Fit(l2=min(STRONGEST, ROWS_OF_STRENGTH / rows))


def fitted(preset: ModelConfig, fit: Fit | None) -> ModelConfig:
    """The preset as it fits a log."""
    return preset if fit is None else fit.applied(preset)
