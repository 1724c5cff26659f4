"""How large a model will be, known before memory is spent and without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from recsys_demo.config.component_kinds import KINDS, by_kind
from recsys_demo.config.components import (
    CrossesConfig,
    CrossNetworkConfig,
    DeepConfig,
    FmConfig,
    Kind,
    LinearConfig,
    TreesConfig,
)
from recsys_demo.config.model import ModelConfig
from recsys_demo.errors import InputError
from recsys_demo.features.encoder import Encoder
from recsys_demo.features.fields import FieldEncoder

EMBEDDING = "embedding"  # the table of vectors that components share


def embedding_names(config: ModelConfig) -> dict[Kind, str]:
    """Which table each component reads: one for all, or each its own."""
    readers = config.vector_readers
    if config.embedding.shared or len(readers) == 1:
        return dict.fromkeys(readers, EMBEDDING)
    return {kind: KINDS[kind].table or EMBEDDING for kind in readers}


def embedding_tables() -> tuple[str, ...]:
    """Every name that a table of vectors can have."""
    own = [kind.table for kind in KINDS.values() if kind.table is not None]
    return tuple(dict.fromkeys([EMBEDDING, *own]))


def parameter_count(config: ModelConfig, encoder: Encoder) -> int:
    """What `Ranker.parameters` will be, or at most will be where a component grows, known before
    memory is spent."""
    vectors = (encoder.fields.table_rows - 1) * config.embedding.size
    parts = sum(COUNTS[part.kind](part, config, encoder) for part in config.components)
    return 1 + vectors * len(set(embedding_names(config).values())) + parts


def deep_inputs(config: ModelConfig, encoder: Encoder) -> int:
    """Width of the deep part's input: (S + M) d + Q."""
    fields = encoder.fields
    vectors = len(fields.single_fields) + len(fields.multi_fields)
    return vectors * config.embedding.size + len(fields.numeric_fields)


def cross_network_inputs(part: CrossNetworkConfig, model: ModelConfig, fields: FieldEncoder) -> int:
    """Width d of the cross network: the vectors of all fields. Raises InputError for a rank that
    saves nothing."""
    width = len(fields.schema.fields) * model.embedding.size
    if part.rank is not None and 2 * part.rank >= width:
        raise InputError.of(
            what="this rank saves nothing",
            where="cross network, rank",
            got=f"{part.rank}",
            expected=f"less than {width / 2:g}, half of the {width} inputs",
            remedy="Lower the rank, or leave it empty for whole matrices, which are smaller "
            "and can do more.",
        )
    return width


def _linear(_part: LinearConfig, _model: ModelConfig, encoder: Encoder) -> int:
    return encoder.fields.table_rows - 1


def _crosses(_part: CrossesConfig, _model: ModelConfig, encoder: Encoder) -> int:
    return encoder.cross_rows - 1


def _fm(part: FmConfig, _model: ModelConfig, encoder: Encoder) -> int:
    fields = len(encoder.fields.schema.fields)
    return fields * (fields - 1) // 2 * part.field_weights


def _cross_network(part: CrossNetworkConfig, model: ModelConfig, encoder: Encoder) -> int:
    width = cross_network_inputs(part, model, encoder.fields)
    matrix = width**2 if part.rank is None else 2 * width * part.rank
    return part.layers * (matrix + width) + width


def _deep(part: DeepConfig, model: ModelConfig, encoder: Encoder) -> int:
    widths = [deep_inputs(model, encoder), *part.hidden, 1]
    return sum((i + 1) * o for i, o in pairwise(widths)) + 2 * sum(part.hidden) * part.batch_norm


def _trees(part: TreesConfig, _model: ModelConfig, _encoder: Encoder) -> int:
    """At most: trees end early where there is nothing to ask."""
    return part.trees * (2 * part.leaves - 1)


# Trainable numbers of a component's own, the tables of vectors not counted.
COUNTS: Mapping[Kind, Callable[[Any, ModelConfig, Encoder], int]] = by_kind(
    linear=_linear, crosses=_crosses, fm=_fm, cross_network=_cross_network, deep=_deep, trees=_trees
)
