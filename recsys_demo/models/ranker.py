"""One model for all presets: components on shared embeddings, whose logits add up."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recsys_demo.config.component_kinds import BIAS, Part
from recsys_demo.config.components import Kind
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.optimizers import AdaGrad
from recsys_demo.errors import InputError
from recsys_demo.features.encoder import Encoded, Encoder
from recsys_demo.limits import Limits
from recsys_demo.models.components import COMPONENTS
from recsys_demo.models.components.base import (
    Batch,
    Component,
    Floats,
    Vectors,
    as_batch,
    copy_values,
    gather_vectors,
    read_vectors,
)
from recsys_demo.models.kernels.layers import log_loss
from recsys_demo.models.parameters import Dense, Table, seeded
from recsys_demo.models.products import Precision, one_thread
from recsys_demo.models.size import embedding_names, parameter_count

SCORING_ROWS = 8192
BIAS_OPTIMIZER = AdaGrad(learning_rate=0.05)


class Scorer(Protocol):
    """All that evaluation and recommendation need of a model."""

    def logits(self, batch: Batch) -> Tensor:
        """The logit of every row, [n]."""


class Ranker:
    """bias + the sum of the components' logits.

    Only the ranker owns the bias, which starts at the log-odds of the training rows' base rate,
    and the embedding table, which components share unless the configuration separates them.
    """

    def __init__(
        self,
        config: ModelConfig,
        encoder: Encoder,
        seed: int,
        base_rate: float = 0.5,
        limits: Limits | None = None,
    ) -> None:
        check_size(config, encoder, limits or Limits.from_environment())
        self.config = config
        self._table_of = embedding_names(config)
        self.bias = Dense({BIAS: (1,)}, BIAS_OPTIMIZER)
        with torch.no_grad():
            self.bias[BIAS].fill_(float(np.log(base_rate) - np.log1p(-base_rate)))
        self.components: dict[Kind, Component[Any]] = {
            part.kind: COMPONENTS[part.kind].of(part, config, encoder, seed)
            for part in config.components
        }
        self.embeddings = {
            name: _embedding(config, encoder.fields.table_rows, seed, name)
            for name in dict.fromkeys(self._table_of.values())
        }
        # Tables of one size have one finder: those of the fields are read by the same ids.
        finders = {len(table.values): table.finder for _, table in self.tables()}
        for _, table in self.tables():
            table.finder = finders[len(table.values)]

    def logits(self, batch: Batch) -> Tensor:
        """The logit of every row, [n]."""
        total: Tensor = sum(self.parts(batch).values())  # type: ignore[assignment] # never empty
        return total

    def parts(self, batch: Batch) -> dict[Part, Tensor]:
        """What the bias [1] and every component [n] add to the logit."""
        vectors = self._vectors(batch)
        parts: dict[Part, Tensor] = {BIAS: self.bias[BIAS]}
        for kind, component in self.components.items():
            parts[kind] = component.logits(batch, self._seen(kind, vectors), training=False)
        return parts

    def learn(self, batch: Batch) -> tuple[float, Floats]:
        """One step on the mean log loss of a batch; returns the loss and the logits [n] before it.
        Where the loss is not finite, nothing moves."""
        with one_thread():
            loss, logits = self._gather(batch)
            if math.isfinite(loss):
                for _, table in self.tables():
                    table.step(len(batch))
                for dense in self.dense():
                    dense.step()
        return loss, logits

    def warm_up(self, batch: Batch) -> None:
        """All of a step but its movement, so that compiled code is there before a clock runs."""
        self._gather(batch)
        for _, table in self.tables():
            table.warm_up()
        for dense in self.dense():
            dense.warm_up()

    def _gather(self, batch: Batch) -> tuple[float, Floats]:
        """The loss and the logits [n]; where it is finite, gradients gather at the parameters."""
        vectors = self._vectors(batch)
        passes = [
            component.forward(batch, self._seen(kind, vectors))
            for kind, component in self.components.items()
        ]
        logits = self.bias.values[BIAS] + passes[0][0]
        for values, _ in passes[1:]:
            logits += values
        gradient = np.empty_like(logits)
        loss = log_loss(logits, batch.arrays[-1], gradient)
        if math.isfinite(loss):
            for _, backward in passes:
                backward(gradient)
            for name, read in vectors.items():
                gather_vectors(self.embeddings[name], batch, read)
            self.bias.gradients[BIAS] += gradient.sum()
        return loss, logits

    def _vectors(self, batch: Batch) -> dict[str, Vectors]:
        """The field vectors of every embedding table."""
        return {name: read_vectors(table, batch) for name, table in self.embeddings.items()}

    def _seen(self, kind: Kind, vectors: Mapping[str, Vectors]) -> Vectors | None:
        """Those that a component reads."""
        return vectors[self._table_of[kind]] if kind in self._table_of else None

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Every sparse parameter by name."""
        yield from self.embeddings.items()
        for kind, component in self.components.items():
            for name, table in component.tables():
                yield f"{kind}.{name}", table

    def dense(self) -> Iterator[Dense]:
        """Every dense parameter group."""
        yield self.bias
        for component in self.components.values():
            if (dense := component.dense()) is not None:
                yield dense

    def state(self) -> dict[str, Tensor]:
        """Everything that scoring depends on, by name, sharing memory with the ranker."""
        state = {BIAS: self.bias.state()[BIAS]}
        state |= {name: table.weight for name, table in self.embeddings.items()}
        for kind, component in self.components.items():
            state |= {f"{kind}.{name}": value for name, value in component.state().items()}
        return state

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take over the values of another ranker's `state()`. Raises ValueError if they differ in
        name or shape."""
        own = self.state()
        if own.keys() != state.keys():
            raise ValueError(f"other parameters: {sorted(own.keys() ^ state.keys())}")
        shared = (BIAS, *self.embeddings)
        copy_values(state, {name: own[name] for name in shared})
        for kind, component in self.components.items():
            component.load({n: state[f"{kind}.{n}"] for n in component.state()})

    @property
    def parameters(self) -> int:
        """Number of trainable numbers, paddings not counted."""
        tables = sum(table.weight[1:].numel() for table in self.embeddings.values())
        parts = sum(component.size for component in self.components.values())
        return self.bias.flat.numel() + tables + parts


def score(scorer: Scorer, encoded: Encoded) -> npt.NDArray[np.float64]:
    """Logits of all rows, [rows], in pieces that stay in the processor's cache."""
    batch = as_batch(encoded)
    with torch.no_grad(), one_thread():
        pieces = [
            scorer.logits(batch.slice(start, start + SCORING_ROWS)).double().numpy()
            for start in range(0, len(batch), SCORING_ROWS)
        ]
    return np.concatenate([np.zeros(0), *pieces])


def check_size(config: ModelConfig, encoder: Encoder, limits: Limits) -> None:
    """Raise InputError if the model would have more parameters than the limit."""
    parameters = parameter_count(config, encoder)
    if parameters > limits.parameters:
        raise InputError.of(
            what="the model is larger than this lab allows",
            where=f"model {config.name}",
            got=f"{parameters:,} parameters",
            expected=f"at most {limits.parameters:,}",
            remedy="Lower the embedding size or the layer widths, or raise min_count or "
            "min_support.",
        )


def _embedding(config: ModelConfig, rows: int, seed: int, name: str) -> Table:
    settings = config.embedding
    start = torch.randn(rows, settings.size, generator=seeded(seed, name)) * settings.init_std
    return Table(start, settings.optimizer, settings.update)


def set_precision(ranker: Ranker, precision: Precision) -> None:
    """The number format of matrix products while training."""
    for component in ranker.components.values():
        component.precision = precision
