"""The rows of a run configuration as arrays that every library can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recsys_demo.config.components import CrossNetworkConfig, DeepConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.optimizers import Adam
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import PARTS
from recsys_demo.features.encoder import Encoded, Encoder, fit_encoder
from recsys_demo.training.datasets import run_data


def export(config: RunConfig, path: Path) -> dict[str, Any]:
    """Write the encoded rows of all parts; returns the columns as (name, size[, width])."""
    data = run_data(config)
    encoder = fit_encoder(data.dataset.train, config.model, data.fields)
    arrays: dict[str, np.ndarray] = {}
    for part in PARTS:
        encoded = encoder.encode(data.part(part))
        arrays |= {f"{part}.{name}": array for name, array in _arrays(encoder, encoded).items()}
    np.savez(path, **arrays)
    fields, layout = encoder.fields, encoded.layout
    width = arrays["train.crosses"].shape[1]
    return {
        "single": [(name, fields.vocabularies[name].size) for name in fields.single_fields],
        "numeric": fields.numeric_fields,
        "multi": [
            (name, fields.vocabularies[name].size + 1, width)
            for name, width in zip(fields.multi_fields, layout.multi, strict=True)
        ],
        "crosses": (encoder.cross_rows, width) if width else None,
    }


def _arrays(encoder: Encoder, encoded: Encoded) -> dict[str, np.ndarray]:
    """Every field counts its codes from 0 (a list's from 1, 0 is padding), as the peers want."""
    fields, layout = encoder.fields, encoded.layout
    offsets = fields.offsets()
    first = layout.single + layout.numeric
    single = encoded.ids[:, : layout.single]
    multi = encoded.ids[:, first:]
    if fields.multi_fields:  # one multi-valued field is all these tasks have
        (name,) = fields.multi_fields
        multi = np.where(multi > 0, multi - offsets[name] + 1, 0)
    return {
        "single": single - np.array([offsets[n] for n in fields.single_fields], dtype=np.int32),
        "numeric": encoded.positions,
        "multi": multi.astype(np.int32),
        "crosses": encoded.crosses,
        "labels": encoded.labels.astype(np.int64),
    }


def task_of(config: RunConfig, rows: Path, columns: dict[str, Any], threads: int) -> dict[str, Any]:
    """What a driver is told: rows, architecture, and the settings of its optimizer, Adam."""
    model = config.model
    deep = model.component(DeepConfig) or DeepConfig()
    crossed = model.component(CrossNetworkConfig) or CrossNetworkConfig()
    used = columns if model.crosses else {**columns, "crosses": None}
    return {
        "rows": str(rows),
        "columns": used,
        "components": [component.kind for component in model.components],
        "embedding": model.embedding.size,
        "hidden": deep.hidden,
        "cross_layers": crossed.layers,
        "dropout": deep.dropout,
        "batch_norm": deep.batch_norm,
        "batch": config.training.batch_size,
        "learning_rate": _rate(model),
        "l2": getattr(model.embedding.optimizer, "l2", 0.0),
        "seed": config.seed,
        "threads": threads,
        "config": config.model_dump(mode="json"),
    }


def _rate(model: ModelConfig) -> float:
    rates = [
        c.optimizer.learning_rate
        for c in model.components
        if isinstance(getattr(c, "optimizer", None), Adam)
    ]
    return float(rates[-1]) if rates else Adam().learning_rate
