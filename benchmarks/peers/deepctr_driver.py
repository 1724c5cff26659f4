"""deepctr-torch 0.3.0, with its network started as torch starts one: its own start, N(0, 1e-4),
learns nothing for epochs. Epochs are separate calls of `fit`, because it leaves training mode after
its first validation."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from deepctr_torch.inputs import DenseFeat, SparseFeat, VarLenSparseFeat
from deepctr_torch.models import WDL, DeepFM
from serving import Data, serve


def feature_columns(task: dict[str, Any], linear: bool) -> list[Any]:
    columns, size = task["columns"], task["embedding"]
    found: list[Any] = [SparseFeat(n, v, embedding_dim=size) for n, v in columns["single"]]
    found += [DenseFeat(name) for name in columns["numeric"]]
    for name, vocabulary, width in columns["multi"]:
        one = SparseFeat(name, vocabulary, embedding_dim=size)
        found.append(VarLenSparseFeat(one, width, "sum" if linear else "mean"))
    if linear and columns["crosses"]:
        vocabulary, width = columns["crosses"]
        found.append(VarLenSparseFeat(SparseFeat("crosses", vocabulary, 1), width, "sum"))
    return found


class DeepCtr:
    def __init__(self, task: dict[str, Any]) -> None:
        torch.set_num_threads(task["threads"])
        self.task, self.data = task, Data(task)
        kinds = task["components"]
        linear = feature_columns(task, True) if "linear" in kinds else []
        dnn = feature_columns(task, False) if {"fm", "deep"} & set(kinds) else []
        hidden = tuple(task["hidden"]) if "deep" in kinds else ()
        made = DeepFM if "fm" in kinds else WDL
        # Its loss is the sum over the batch and its penalty is l2 w^2.
        penalty = task["l2"] / 2 * task["batch"]
        self.model = made(
            linear,
            dnn,
            dnn_hidden_units=hidden,
            dnn_dropout=task["dropout"],
            dnn_use_bn=task["batch_norm"],
            l2_reg_linear=penalty,
            l2_reg_embedding=penalty,
            init_std=0.01,
            seed=task["seed"],
        )
        if hidden:
            for layer in [*self.model.dnn.linears, self.model.dnn_linear]:
                layer.reset_parameters()
        optimizer = torch.optim.Adam(self.model.parameters(), lr=task["learning_rate"])
        self.model.compile(optimizer, "binary_crossentropy")
        self.inputs = {p: self._inputs(p) for p in ("train", "valid", "test")}

    def _inputs(self, part: str) -> dict[str, np.ndarray]:
        columns = self.data.columns(part)
        return {name: columns[name].astype(np.float32) for name in self.model.feature_index}

    def epoch(self) -> float:
        labels = self.data.of("train", "labels").astype(np.float32)
        begin = time.perf_counter()
        self.model.fit(
            dict(self.inputs["train"]), labels, batch_size=self.task["batch"], epochs=1, verbose=0
        )
        return time.perf_counter() - begin

    def scores(self, part: str) -> np.ndarray:
        return self.model.predict(dict(self.inputs[part]), self.task["batch"])

    def decay(self) -> None:
        for group in self.model.optim.param_groups:
            group["lr"] /= 10


if __name__ == "__main__":
    serve(DeepCtr)
