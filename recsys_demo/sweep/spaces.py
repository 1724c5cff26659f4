"""What a search may choose of a model: bounds that practice has found wide enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recsys_demo.config.components import CrossesConfig
from recsys_demo.config.flat import changed_model
from recsys_demo.config.optimizers import Ftrl
from recsys_demo.config.run import RunConfig

if TYPE_CHECKING:
    from optuna.trial import Trial

EPOCHS, PATIENCE = 30, 3
VECTORS = (4, 8, 16, 32, 64)
LAYERS = ("32", "64-32", "128-64", "256-128", "400-400-400")
BATCHES = (256, 1_024, 4_096)


def drawn(trial: Trial, base: RunConfig) -> RunConfig:
    """The configuration that this trial tries, stopped by the AUC of the validation rows."""
    model = base.model
    given: dict[str, Any] = {
        "learning_rate": trial.suggest_float("learning_rate", 5e-4, 0.1, log=True)
    }
    if model.vector_readers:
        given["embedding_size"] = trial.suggest_categorical("embedding_size", VECTORS)
        given["l2"] = trial.suggest_float("l2", 1e-7, 1e-2, log=True)
    if model.has("deep"):
        layers = str(trial.suggest_categorical("layers", LAYERS))
        given["layers"] = [int(width) for width in layers.split("-")]
        given["dropout"] = trial.suggest_float("dropout", 0.0, 0.5)
    if any(isinstance(_optimizer(part), Ftrl) for part in model.components):
        given["l1"] = trial.suggest_float("l1", 0.01, 10.0, log=True)
    if model.component(CrossesConfig) is not None:
        given["min_support"] = trial.suggest_int("min_support", 1, 30, log=True)
    training = {
        "batch_size": trial.suggest_categorical("batch_size", BATCHES),
        "epochs": max(EPOCHS, base.training.epochs),
        "patience": max(PATIENCE, base.training.patience),
        "monitor": "auc",
    }
    return base.model_copy(
        update={
            "model": changed_model(model, given),
            "training": base.training.model_copy(update=training),
        }
    )


def _optimizer(part: object) -> object:
    return getattr(part, "optimizer", None)
