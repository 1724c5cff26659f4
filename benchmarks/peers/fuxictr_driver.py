"""FuxiCTR 2.3.10: its layers, trainer and loader; the wheel has no model classes, so they are
assembled here as its model zoo does."""

from __future__ import annotations

import logging
import tempfile
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fuxictr.features import FeatureMap
from fuxictr.pytorch.dataloaders.npz_dataloader import NpzDataLoader
from fuxictr.pytorch.layers import (
    CrossNetV2,
    FeatureEmbeddingDict,
    InnerProductInteraction,
    LogisticRegression,
    MLP_Block,
)
from fuxictr.pytorch.models import BaseModel
from serving import Data, serve

logging.disable(logging.INFO)


def feature_map(task: dict[str, Any], folder: str) -> FeatureMap:
    columns = task["columns"]
    features: OrderedDict[str, dict[str, Any]] = OrderedDict()
    for name, size in columns["single"]:
        features[name] = {"source": "", "type": "categorical", "vocab_size": size}
    for name in columns["numeric"]:
        features[name] = {"source": "", "type": "numeric"}
    sequence = {"source": "", "type": "sequence", "padding_idx": 0}
    for name, size, width in columns["multi"]:
        mean = {"feature_encoder": "layers.MaskedAveragePooling()"}
        features[name] = {**sequence, **mean, "vocab_size": size, "max_len": width}
    if columns["crosses"]:
        size, width = columns["crosses"]
        total = {"feature_encoder": "layers.MaskedSumPooling()"}
        features["crosses"] = {**sequence, **total, "vocab_size": size, "max_len": width}
    made = FeatureMap("rows", folder)
    made.features, made.labels = features, ["label"]
    made.num_fields = len(features) - bool(columns["crosses"])
    made.default_emb_dim = task["embedding"]
    made.set_column_index()
    return made


class Assembled(BaseModel):
    """Linear part, FM, cross network and network as the task names them."""

    def __init__(self, features: FeatureMap, task: dict[str, Any], folder: str) -> None:
        super().__init__(
            features,
            embedding_regularizer=task["l2"] or None,
            verbose=0,
            model_root=folder,
            metrics=["AUC"],
        )
        kinds, fields = task["components"], [n for n in features.features if n != "crosses"]
        self.linear = LogisticRegression(features) if "linear" in kinds else None
        self.fm = InnerProductInteraction(len(fields), output="product_sum")
        self.has_fm = "fm" in kinds
        self.numeric = task["columns"]["numeric"]
        self.embedding = self.network = self.crossed = None
        if {"fm", "cross_network", "deep"} & set(kinds):
            self.embedding = FeatureEmbeddingDict(
                features, task["embedding"], required_feature_columns=fields
            )
        if "cross_network" in kinds:
            width = len(fields) * task["embedding"]
            last = torch.nn.Linear(width, 1, bias=False)
            self.crossed = torch.nn.Sequential(CrossNetV2(width, task["cross_layers"]), last)
        if "deep" in kinds:
            width = (len(fields) - len(self.numeric)) * task["embedding"] + len(self.numeric)
            self.network = MLP_Block(
                width,
                list(task["hidden"]),
                "ReLU",
                output_dim=1,
                dropout_rates=task["dropout"],
                batch_norm=task["batch_norm"],
            )
        self.compile("adam", "binary_crossentropy", task["learning_rate"])
        self.reset_parameters()
        self.model_to_device()

    def forward(self, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        x = self.get_inputs(inputs)
        logit = self.linear(x) if self.linear is not None else 0
        if self.embedding is not None:
            vectors = self.embedding({k: v for k, v in x.items() if k != "crosses"})
            if self.has_fm:
                logit = logit + self.fm(self.embedding.dict2tensor(vectors))
            if self.crossed is not None:
                logit = logit + self.crossed(self.embedding.dict2tensor(vectors, flatten_emb=True))
            if self.network is not None:
                flat = self.embedding.dict2tensor(
                    vectors, flatten_emb=True, feature_type=["categorical", "sequence"]
                )
                numbers = [x[name].float().view(-1, 1) for name in self.numeric]
                logit = logit + self.network(torch.cat([flat, *numbers], dim=-1))
        return {"y_pred": self.output_activation(logit)}


class Fuxi:
    def __init__(self, task: dict[str, Any]) -> None:
        torch.set_num_threads(task["threads"])
        torch.manual_seed(task["seed"])
        self.folder = tempfile.mkdtemp()
        data, self.features = Data(task), feature_map(task, self.folder)
        self.generators = {}
        for part in ("train", "valid", "test"):
            path = Path(self.folder) / f"{part}.npz"
            np.savez(path, label=data.of(part, "labels"), **data.columns(part))
            self.generators[part] = NpzDataLoader(
                self.features, str(path), batch_size=task["batch"], shuffle=part == "train"
            )
        self.model = Assembled(self.features, task, self.folder)
        # What `fit` sets before its first epoch; validation is asked for separately.
        self.model._max_gradient_norm = 10.0
        self.model._total_steps = self.model._epoch_index = 0
        self.model._stop_training = False
        self.model._eval_steps = 10**12

    def epoch(self) -> float:
        begin = time.perf_counter()
        self.model.train_epoch(self.generators["train"])
        return time.perf_counter() - begin

    def scores(self, part: str) -> np.ndarray:
        return self.model.predict(self.generators[part])

    def decay(self) -> None:
        self.model.lr_decay()


if __name__ == "__main__":
    serve(Fuxi)
