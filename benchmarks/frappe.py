"""Test AUC and log loss on Frappe by the published protocol (Frappe_x1 of BARS), three seeds.

Two sampled negatives per positive, shuffled, 7:2:1 into train, validation and test; fields user,
item and seven contexts; embedding size 10. A seed draws negatives, split and start anew.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.tables import spread, table
from recsys_demo.config.components import DeepConfig, FmConfig, LinearConfig
from recsys_demo.config.model import EmbeddingConfig, ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import Adam, Ftrl
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import FrappeSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.training.experiment import train_run

FOLDER = Path(os.environ.get("RECSYS_DEMO_FRAPPE", "../shared/data/frappe"))
SEEDS = (0, 1, 2)
THREADS = 2

_ADAM = Adam(learning_rate=0.001)
_DECAYED = Adam(learning_rate=0.001, l2=0.05)
_FM = Adam(learning_rate=0.03, l2=1e-5)
_DEEP = DeepConfig(hidden=(400, 400, 400), dropout=0.2, batch_norm=True, optimizer=_ADAM)
_LINEAR = LinearConfig(optimizer=_DECAYED, update="all")
_TABLE = EmbeddingConfig(size=10, init_std=0.01, optimizer=_DECAYED, update="all")

MODELS = {
    "LR": ModelConfig(
        components=(LinearConfig(optimizer=Ftrl(alpha=1.0, l1=0.0, l2=12.0)),), name="lr"
    ),
    "FM": ModelConfig(
        components=(LinearConfig(optimizer=_FM), FmConfig()),
        embedding=EmbeddingConfig(size=10, init_std=0.05, optimizer=_FM),
        name="fm",
    ),
    "Deep": ModelConfig(components=(_DEEP,), embedding=_TABLE, name="deep"),
    "Wide & Deep": ModelConfig(
        components=(_LINEAR, _DEEP), embedding=_TABLE, name="wide_deep_plain"
    ),
    "DeepFM": ModelConfig(components=(_LINEAR, FmConfig(), _DEEP), embedding=_TABLE, name="deepfm"),
}
TRAINING = TrainingConfig(batch_size=4096, epochs=60, patience=3, monitor="auc", decay=0.1)
# What the protocol's authors report, for the eye only: BARS leaderboard (arXiv 2205.09626).
PUBLISHED = {
    "LR": ".9356 / .3076",
    "FM": ".9671 / .2065",
    "Deep": ".9833 / .1622",
    "Wide & Deep": ".9841 / .1490",
    "DeepFM": ".9842 / .1482",
}


def measure() -> dict[str, Any]:
    """Train every model with every seed."""
    return {name: [_train(model, seed) for seed in SEEDS] for name, model in MODELS.items()}


def _train(model: ModelConfig, seed: int) -> dict[str, Any]:
    config = RunConfig(
        data=FrappeSpec(folder=str(FOLDER), negatives_seed=seed),
        split=SplitConfig(kind="random", valid=0.2, test=0.1, seed=seed),
        model=model,
        training=TRAINING,
        seed=seed,
    )
    training = train_run(config, threads=THREADS)
    while True:
        try:
            next(training)
        except StopIteration as end:
            result: dict[str, Any] = end.value.result
            break
    kept = ("train_seconds", "epochs", "best_epoch", "rows_per_second", "parameters")
    figures = {key: result[key] for key in kept}
    figures |= {
        "threads": THREADS,
        "auc": result["test"]["auc"],
        "logloss": result["test"]["logloss"],
    }
    sys.stderr.write(f"{model.name} seed {seed}: {figures}\n")
    return figures


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        [
            name,
            spread([run["auc"] for run in runs]),
            spread([run["logloss"] for run in runs]),
            PUBLISHED[name],
            spread([run["train_seconds"] for run in runs], 1),
            spread([run["epochs"] for run in runs], 0),
            f"{runs[0]['parameters']:,}",
        ]
        for name, runs in figures.items()
    ]
    threads = next(iter(figures.values()))[0].get("threads", 1)
    header = ["model", "test AUC", "log loss", "BARS", "seconds", "epochs", "parameters"]
    return f"""## Frappe by the published protocol

{__doc__.split(chr(10), 2)[2].strip()}

Mean ± standard deviation over seeds {", ".join(map(str, SEEDS))}. LR: FTRL alpha 1, L2 12. FM: Adam
0.03, L2 1e-5. The others: layers 400-400-400 with batch normalization and dropout 0.2, Adam 0.001,
L2 0.05 on embeddings and linear weights (all rows, every batch); batch 4,096; learning rate divided
by 10 after an epoch without better validation AUC, three such epochs end training; threads:
{threads}. The wide part has no crosses here, as in BARS. Settings of LR and FM were chosen on
validation AUC of seed 0. Data: Baltrunas et al., arXiv 1505.03014.

{table(header, rows)}"""
