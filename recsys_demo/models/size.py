"""How large a model will be, known before memory is spent and without torch."""

from __future__ import annotations

from itertools import pairwise

from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder

# The tables a model may have, as its values name them: shared or deep's own, and FM's own.
EMBEDDING, EMBEDDING_FM = "embedding", "embedding_fm"
EMBEDDINGS = (EMBEDDING, EMBEDDING_FM)


def embedding_names(config: ModelConfig) -> dict[str, str]:
    """Which table each component reads. Deep's keeps its name when FM is added or separated, so
    that its start does not move."""
    readers = [part.kind for part in config.components if part.kind in ("fm", "deep")]
    if not config.embedding.shared and len(readers) > 1:
        return {"fm": EMBEDDING_FM, "deep": EMBEDDING}
    return dict.fromkeys(readers, EMBEDDING)


def parameter_count(config: ModelConfig, encoder: Encoder) -> int:
    """What `Ranker.parameters` will be, known before memory is spent."""
    rows = encoder.fields.table_rows - 1
    total = 1 + rows * config.embedding.size * len(set(embedding_names(config).values()))
    for part in config.components:
        if part.kind == "linear":
            total += rows
        elif part.kind == "crosses":
            total += encoder.cross_rows - 1
        elif part.kind == "deep":
            widths = [deep_inputs(config, encoder), *part.hidden, 1]
            total += sum((i + 1) * o for i, o in pairwise(widths))
            total += 2 * sum(part.hidden) * part.batch_norm
    return total


def deep_inputs(config: ModelConfig, encoder: Encoder) -> int:
    """Width of the deep part's input: (S + M) d + Q."""
    fields = encoder.fields
    vectors = len(fields.single_fields) + len(fields.multi_fields)
    return vectors * config.embedding.size + len(fields.numeric_fields)
