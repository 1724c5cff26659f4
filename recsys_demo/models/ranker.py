"""One model for all presets: components on shared embeddings, whose logits add up."""

from __future__ import annotations

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
from recsys_demo.models.components.base import Batch, Component, Vectors, as_batch, read_vectors
from recsys_demo.models.kernels import Precision
from recsys_demo.models.parameters import Dense, Table, seeded
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
        self.bias = Dense({BIAS: (1,)}, BIAS_OPTIMIZER)
        with torch.no_grad():
            self.bias[BIAS].fill_(float(np.log(base_rate) - np.log1p(-base_rate)))
        self.components: dict[Kind, Component[Any]] = {
            part.kind: COMPONENTS[part.kind].of(part, config, encoder, seed)
            for part in config.components
        }
        self.embeddings = {
            name: _embedding(config, encoder.fields.table_rows, seed, name)
            for name in dict.fromkeys(embedding_names(config).values())
        }

    def logits(self, batch: Batch, training: bool = False) -> Tensor:
        """The logit of every row, [n]."""
        total: Tensor = sum(self.parts(batch, training).values())  # type: ignore[assignment] # never empty
        return total

    def parts(self, batch: Batch, training: bool = False) -> dict[Part, Tensor]:
        """What the bias [1] and every component [n] add to the logit."""
        vectors: dict[str, Vectors] = {
            name: read_vectors(table, batch) for name, table in self.embeddings.items()
        }
        table_of = embedding_names(self.config)
        parts: dict[Part, Tensor] = {BIAS: self.bias[BIAS]}
        for kind, component in self.components.items():
            seen = vectors[table_of[kind]] if kind in table_of else None
            parts[kind] = component.logits(batch, seen, training)
        return parts

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
        for name, tensor in own.items():
            if tensor.shape != state[name].shape:
                raise ValueError(f"{name} has shape {state[name].shape}, not {tensor.shape}")
            tensor.copy_(state[name])

    @property
    def parameters(self) -> int:
        """Number of trainable numbers, paddings not counted."""
        tables = sum(table.weight[1:].numel() for _, table in self.tables())
        return tables + sum(dense.flat.numel() for dense in self.dense())


def score(scorer: Scorer, encoded: Encoded) -> npt.NDArray[np.float64]:
    """Logits of all rows, [rows], in pieces that stay in the processor's cache."""
    batch = as_batch(encoded)
    with torch.no_grad():
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
