"""A log of apps in known segments, and models trained on it."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from sklearn.metrics import log_loss, roc_auc_score

from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.data.interactions import Interactions
from recsys_demo.features.encoder import Encoder, fit_encoder
from recsys_demo.models.ranker import Ranker
from recsys_demo.training.trainer import Trainer
from tests.making.logs import log

SEGMENTS = ("games", "money", "travel", "music")
APPS = 48
SCHEMA = """
label = "label"
user = "user"
item = "app"
[fields]
user = {side = "user"}
app = {side = "item"}
installed = {kind = "multi", side = "user"}
"""
# Two pairs that contradict the segments: users of the first app take the second.
EXCEPTIONS = (("app0", "app1"), ("app4", "app2"))


def segment(app: str) -> str:
    """The segment an app was planted in."""
    return SEGMENTS[int(app.removeprefix("app")) % len(SEGMENTS)]


@cache
def planted_log(rows: int = 12_000, seed: int = 0) -> Interactions:
    """Users like one segment; having an exception's first app makes its second one liked too."""
    random = np.random.default_rng(seed)
    apps = np.array([f"app{i}" for i in range(APPS)])
    of_app = np.arange(APPS) % len(SEGMENTS)
    users = random.integers(0, 200, rows)
    liked = users % len(SEGMENTS)
    shown = random.integers(0, APPS, rows)
    installed = []
    for like in liked:
        own = random.choice(np.flatnonzero(of_app == like), 3, replace=False)
        installed.append("|".join(apps[own]))
    rate = np.where(of_app[shown] == liked, 0.75, 0.2)
    for first, second in EXCEPTIONS:
        has = np.array([first in cell.split("|") for cell in installed])
        rate[has & (apps[shown] == second)] = 0.95
    return log(
        {
            "label": (random.random(rows) < rate).astype(int),
            "user": [f"u{i}" for i in users],
            "app": apps[shown],
            "installed": installed,
        },
        SCHEMA,
    )


def trainer(preset: str, seed: int = 0, epochs: int = 12) -> tuple[Trainer, Encoder]:
    """A training of a preset on the planted log, not begun."""
    torch.set_num_threads(1)  # more threads are slower on models this small
    rows = planted_log()
    model = PRESETS[preset].model
    cut = len(rows) * 4 // 5
    train, valid = rows.take(np.arange(cut)), rows.take(np.arange(cut, len(rows)))
    encoder = fit_encoder(train, model)

    def metrics(labels: np.ndarray, logits: np.ndarray) -> dict[str, float]:
        shares = 1 / (1 + np.exp(-logits))
        return {
            "auc": float(roc_auc_score(labels, shares)),
            "logloss": float(log_loss(labels, shares)),
        }

    return (
        Trainer(
            ranker=Ranker(model, encoder, seed, train.base_rate),
            train=encoder.encode(train),
            valid=encoder.encode(valid),
            config=TrainingConfig(batch_size=128, epochs=epochs, patience=20),
            seed=seed,
            validate=lambda logits: {"all": metrics(valid.labels, logits)},
            progressive=metrics,
        ),
        encoder,
    )


@cache
def trained(preset: str, seed: int = 0) -> tuple[Ranker, Encoder]:
    """A preset trained on the planted log."""
    training, encoder = trainer(preset, seed)
    for _ in training.events():
        pass
    return training.ranker, encoder


class Unattended:
    """The context of a task that nobody cancels."""

    def check(self) -> None:
        """Nobody does."""
