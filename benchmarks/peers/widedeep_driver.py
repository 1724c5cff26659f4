"""pytorch-widedeep 1.7.0, with embeddings started at N(0, 0.01): from its own N(0, 1) DeepFM does
not learn Frappe. It has no multi-valued fields, so it sees only single-valued ones."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

# It imports torchvision, whose wheel for graphics cards declares its operators only where it finds
# one, and fails without. None of them is used here.
try:
    import torchvision  # noqa: F401 # whether it can be imported is the question
except RuntimeError:
    _OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
    for _name in ("nms", "qnms"):
        _OPERATORS.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from pytorch_widedeep import Trainer
from pytorch_widedeep.models import Wide, WideDeep
from pytorch_widedeep.models.rec import DeepFactorizationMachine
from serving import Data, serve


class WideAndDeep:
    def __init__(self, task: dict[str, Any]) -> None:
        torch.set_num_threads(task["threads"])
        torch.manual_seed(task["seed"])
        self.task, self.data = task, Data(task)
        kinds, singles = task["components"], task["columns"]["single"]
        self.offsets = np.cumsum([1, *(size for _, size in singles)])
        wide = Wide(int(self.offsets[-1])) if "linear" in kinds else None
        deep = self._deep(singles) if {"fm", "deep"} & set(kinds) else None
        model = WideDeep(wide=wide, deeptabular=deep)
        self.has_wide, self.has_deep = wide is not None, deep is not None
        self.optimizers = {
            name: self._optimizer(part)
            for name, part in (("wide", model.wide), ("deeptabular", model.deeptabular))
            if part is not None
        }
        only = next(iter(self.optimizers.values()))
        chosen = self.optimizers if len(self.optimizers) > 1 else only
        self.trainer = Trainer(
            model, objective="binary", optimizers=chosen, verbose=0, num_workers=0
        )

    def _deep(self, singles: list[Any]) -> torch.nn.Module:
        task = self.task
        network = {}
        if "deep" in task["components"]:
            network = {
                "mlp_hidden_dims": list(task["hidden"]),
                "mlp_dropout": task["dropout"],
                "mlp_batchnorm": task["batch_norm"],
                "mlp_linear_first": True,
            }
        deep = DeepFactorizationMachine(
            column_idx={name: i for i, (name, _) in enumerate(singles)},
            num_factors=task["embedding"],
            cat_embed_input=[(name, size + 1) for name, size in singles],
            **network,
        )
        for module in deep.modules():
            if isinstance(module, torch.nn.Embedding):
                torch.nn.init.normal_(module.weight, std=0.01)
        return deep

    def _optimizer(self, part: torch.nn.Module) -> torch.optim.Optimizer:
        tables = [m.weight for m in part.modules() if isinstance(m, torch.nn.Embedding)]
        known = {id(t) for t in tables}
        others = [p for p in part.parameters() if id(p) not in known]
        groups = [{"params": tables, "weight_decay": self.task["l2"]}, {"params": others}]
        return torch.optim.Adam(groups, lr=self.task["learning_rate"])

    def _inputs(self, part: str) -> dict[str, np.ndarray]:
        codes = self.data.of(part, "single")
        found = {}
        if self.has_wide:
            found["X_wide"] = codes + self.offsets[:-1]
        if self.has_deep:
            found["X_tab"] = codes + 1  # 0 is its padding
        return found

    def epoch(self) -> float:
        inputs, labels = self._inputs("train"), self.data.of("train", "labels")
        begin = time.perf_counter()
        self.trainer.fit(**inputs, target=labels, n_epochs=1, batch_size=self.task["batch"])
        return time.perf_counter() - begin

    def scores(self, part: str) -> np.ndarray:
        return self.trainer.predict_proba(**self._inputs(part), batch_size=self.task["batch"])[:, 1]

    def decay(self) -> None:
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] /= 10


if __name__ == "__main__":
    serve(WideAndDeep)
