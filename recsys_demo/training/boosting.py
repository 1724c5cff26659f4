"""Growing boosted trees as a generator of the events that every training yields."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recsys_demo.config.model import ModelConfig
from recsys_demo.models.components.trees import Trees
from recsys_demo.models.trees.boosted import BoostedTrees
from recsys_demo.models.trees.columns import codes_of
from recsys_demo.models.trees.forest import Floats
from recsys_demo.models.trees.growth import Growth
from recsys_demo.training.trainer import (
    IMPROVEMENT,
    EpochReport,
    Event,
    Finished,
    Progress,
    Reason,
    Trainer,
)

LONGEST_STRIDE = 4  # epochs
TOLD_ROWS = 20_000  # training rows, at even distances, whose metrics an epoch tells


@dataclass
class _Best:
    """The best epoch so far."""

    epoch: int = 0
    loss: float = math.inf
    seconds: float = 0.0
    epochs_without: int = 0

    def offer(self, epoch: int, loss: float, seconds: float) -> bool:
        """Keep this epoch if it is better; returns whether it is."""
        improved = self.loss - loss > IMPROVEMENT
        self.epochs_without = 0 if improved else self.epochs_without + 1
        if improved:
            self.epoch, self.loss, self.seconds = epoch, loss, seconds
        return improved


@dataclass(frozen=True, eq=False)
class _Rows:
    """Columns [n, p] and labels [n]."""

    values: Floats
    labels: Floats


class TreesTrainer(Trainer):
    """Grows the trees of a ranker, as many in every epoch, and keeps those of the best one.

    Going on costs scikit-learn as much as many trees do, so that it grows several epochs at a time:
    training can wait and end between two strides only. Metrics of training rows are those after the
    epoch; each row's rates are counted without its own label.
    """

    def events(self) -> Iterator[Event]:
        """Grow to the end."""
        component = self._component
        begin = time.perf_counter()
        growth, grown, told, valid = self._ready(component.grown)
        self._clock.rest += time.perf_counter() - begin
        each = -(-grown.columns.config.trees // self.config.epochs)
        best, epoch = _Best(), 0
        reason: Reason = "epochs"
        for epochs in strides(self.config.epochs):
            if not self.control():
                reason = "stopped"
                break
            self._grow(growth, each * len(epochs))
            trees = [each * one for one in epochs]
            stages = (growth.logits(rows.values, trees) for rows in (told, valid))
            for epoch, *logits in zip(epochs, *stages, strict=True):
                yield self._progress(epoch, each, logits[0], told.labels)
                yield self._report_trees(epoch, each, logits, told.labels, best)
                if best.epochs_without >= self.config.patience:
                    reason = "patience"
                    break
            if reason == "patience":
                break
        component.grown = BoostedTrees(grown.columns, growth.forest(each * best.epoch))
        yield Finished(
            best_epoch=best.epoch,
            epochs=epoch,
            steps=each * epoch,
            reason=reason,
            train_seconds=self._clock.total,
            seconds_to_best=best.seconds,
            rows_per_second=self._clock.rows_per_second,
        )

    @property
    def _component(self) -> Trees:
        return next(own for own in self.ranker.components.values() if isinstance(own, Trees))

    def _ready(self, fresh: BoostedTrees) -> tuple[Growth, BoostedTrees, _Rows, _Rows]:
        """What grows on the training rows, its columns, and the rows it is measured on."""
        fields, labels = fresh.columns.fields, self.train.labels.astype(np.float64)
        codes = codes_of(self.train, fields)
        columns = fresh.columns.fitted(codes, labels)
        held_out = columns.held_out_rates(codes, labels, self.seed)
        values = columns.values(codes, held_out)
        growth = Growth(columns.config, columns, values, labels, self.seed)
        told = np.linspace(0, len(labels) - 1, min(TOLD_ROWS, len(labels))).astype(np.int64)
        valid = columns.values(codes_of(self.valid, fields))
        return (
            growth,
            BoostedTrees(columns, fresh.forest),
            _Rows(values[told], labels[told]),
            _Rows(valid, self.valid.labels.astype(np.float64)),
        )

    def _grow(self, growth: Growth, trees: int) -> None:
        begin = time.perf_counter()
        growth.grow(trees)
        self._clock.steps += time.perf_counter() - begin
        self._clock.rows += trees * len(self.train)

    def _progress(self, epoch: int, each: int, logits: Floats, labels: Floats) -> Progress:
        return Progress(
            epoch=epoch,
            step=each * epoch,
            steps_per_epoch=each,
            rows=self._clock.rows,
            loss=float((np.logaddexp(0, logits) - labels * logits).mean()),
            seconds=self._clock.total,
            rows_per_second=self._clock.rows_per_second,
        )

    def _report_trees(
        self, epoch: int, each: int, logits: Sequence[Floats], labels: Floats, best: _Best
    ) -> EpochReport:
        """What `logits` of training and validation rows say of an epoch."""
        begin = time.perf_counter()
        train = self.progressive(labels.astype(np.float32), logits[0])
        valid = self.validate(logits[1])
        self._clock.rest += time.perf_counter() - begin
        value = valid["all"][self.config.monitor]
        loss = value if self.config.monitor == "logloss" else -value
        return EpochReport(
            epoch=epoch,
            step=each * epoch,
            rows=self._clock.rows,
            train=train,
            valid=valid,
            improved=best.offer(epoch, loss, self._clock.total),
            scale=1.0,
            seconds=self._clock.total,
            rows_per_second=self._clock.rows_per_second,
        )


def strides(epochs: int) -> Iterator[range]:
    """The epochs from 1, few at first so that something can be seen soon."""
    first, length = 1, 1
    while first <= epochs:
        last = min(first + length, epochs + 1)
        yield range(first, last)
        first, length = last, min(2 * length, LONGEST_STRIDE)


def trainer_class(model: ModelConfig) -> type[Trainer]:
    """What trains this model."""
    return TreesTrainer if model.has("trees") else Trainer
