"""scikit-learn's logistic regression by stochastic gradient descent on one-hot rows; the matrix is
built before the clock starts."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from scipy import sparse
from serving import Data, serve
from sklearn.linear_model import SGDClassifier


class Sgd:
    def __init__(self, task: dict[str, Any]) -> None:
        self.data = Data(task)
        self.matrices = {p: self._matrix(p, task) for p in ("train", "valid", "test")}
        self.model = SGDClassifier(loss="log_loss", alpha=1e-6, random_state=task["seed"])

    def _matrix(self, part: str, task: dict[str, Any]) -> Any:
        blocks = []
        codes = self.data.of(part, "single")
        rows = np.arange(len(codes))
        for index, (_, size) in enumerate(task["columns"]["single"]):
            cells = (np.ones(len(codes)), (rows, codes[:, index]))
            blocks.append(sparse.csr_matrix(cells, shape=(len(codes), size)))
        for index, (_, size, width) in enumerate(task["columns"]["multi"]):
            assert index == 0
            cells = (np.ones(codes.shape[0] * width), (rows.repeat(width), self._list(part)))
            blocks.append(sparse.csr_matrix(cells, shape=(len(codes), size))[:, 1:])
        blocks.append(sparse.csr_matrix(self.data.of(part, "numeric")))
        return sparse.hstack(blocks).tocsr()

    def _list(self, part: str) -> np.ndarray:
        return self.data.of(part, "multi").reshape(-1)

    def epoch(self) -> float:
        labels = self.data.of("train", "labels")
        begin = time.perf_counter()
        self.model.partial_fit(self.matrices["train"], labels, classes=[0, 1])
        return time.perf_counter() - begin

    def scores(self, part: str) -> np.ndarray:
        return self.model.decision_function(self.matrices[part])

    def decay(self) -> None:
        """It has a schedule of its own."""


if __name__ == "__main__":
    serve(Sgd)
