"""Training as a generator of events: the command line prints them, the app draws them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.errors import DivergedError
from recsys_demo.features.encoder import Encoded
from recsys_demo.models.components.base import Batch, Floats, as_batch
from recsys_demo.models.parameters import seeded
from recsys_demo.models.ranker import Ranker, score, set_precision

Logits = npt.NDArray[np.float64]
# Metric values by slice and metric, as evaluation makes them.
Report = Mapping[str, Mapping[str, float]]
# Called with the logits of the validation rows.
Validate = Callable[[Logits], Report]
# Called with labels and logits of the training rows, as each stood before its row was learned.
Progressive = Callable[[npt.NDArray[np.float32], Logits], Mapping[str, float]]
# Asked before every step; waits while training is paused; False ends training.
Control = Callable[[], bool]
# Asked after every step: whether somebody goes step by step and waits to see this one.
Watched = Callable[[], bool]
Reason = Literal["patience", "epochs", "stopped"]

IMPROVEMENT = 1e-5


@dataclass(frozen=True)
class Progress:
    """Some steps are done. `loss` is the mean log loss of their rows before learning from them."""

    epoch: int
    step: int
    steps_per_epoch: int
    rows: int
    loss: float
    seconds: float
    rows_per_second: float
    type: Literal["progress"] = "progress"


@dataclass(frozen=True)
class EpochReport:
    """A pass over the training rows is done.

    `train` are metrics of the pass's own predictions, each made before its row was learned.
    """

    epoch: int
    step: int
    rows: int
    train: Mapping[str, float]
    valid: Report
    improved: bool
    scale: float
    seconds: float
    rows_per_second: float
    type: Literal["epoch"] = "epoch"


@dataclass(frozen=True)
class Finished:
    """Training has ended; the ranker has the weights of its best epoch (0: the untrained ones)."""

    best_epoch: int
    epochs: int
    steps: int
    reason: Reason
    train_seconds: float
    seconds_to_best: float
    rows_per_second: float
    type: Literal["finished"] = "finished"


Event = Progress | EpochReport | Finished


@dataclass
class _Clock:
    """Seconds of work; time spent waiting for a paused person does not count."""

    steps: float = 0.0
    rest: float = 0.0
    rows: int = 0

    @property
    def total(self) -> float:
        return self.steps + self.rest

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.steps if self.steps else 0.0


@dataclass
class _Best:
    """The best epoch so far and its weights."""

    lower_is_better: bool
    state: dict[str, Tensor]
    epoch: int = 0
    value: float = math.nan
    seconds: float = 0.0
    epochs_without: int = 0

    def offer(self, epoch: int, value: float, seconds: float, state: Mapping[str, Tensor]) -> bool:
        """Keep this epoch if it is better; returns whether it is."""
        gain = self.value - value if self.lower_is_better else value - self.value
        if not (math.isnan(self.value) or gain > IMPROVEMENT):
            self.epochs_without += 1
            return False
        self.epoch, self.value, self.seconds, self.epochs_without = epoch, value, seconds, 0
        for name, tensor in state.items():
            self.state[name].copy_(tensor)
        return True


@dataclass
class Trainer:
    """One ranker and the rows it learns from. `events()` trains it."""

    ranker: Ranker
    train: Encoded
    valid: Encoded
    config: TrainingConfig
    seed: int
    validate: Validate
    progressive: Progressive
    control: Control = field(default=lambda: True)
    watched: Watched = field(default=lambda: False)

    def __post_init__(self) -> None:
        self._order = seeded(self.seed, "order")
        self._clock = _Clock()
        self._step = 0
        self._all_steps = self.config.epochs * -(-len(self.train) // self.config.batch_size)
        self._slowed = 1.0

    def events(self) -> Iterator[Event]:
        """Train to the end. Raises DivergedError when a loss is no longer finite."""
        set_precision(self.ranker, self.config.precision)
        batch = as_batch(self.train)
        self.ranker.warm_up(batch.slice(0, 1))
        best = _Best(
            self.config.monitor == "logloss",
            {name: tensor.clone() for name, tensor in self.ranker.state().items()},
        )
        reason: Reason = "epochs"
        epoch = 0
        for epoch in range(1, self.config.epochs + 1):
            logits = np.zeros(len(batch), dtype=np.float32)
            order = torch.randperm(len(batch), generator=self._order)
            stopped = yield from self._pass(batch, order, logits, epoch)
            if stopped:
                reason = "stopped"
                break
            yield self._report(epoch, batch.labels[order], logits, best)
            if best.epochs_without >= self.config.patience:
                reason = "patience"
                break
        # Stopped before the first report there is no best epoch: the weights stay as they are.
        if best.epoch:
            self.ranker.load(best.state)
        yield Finished(
            best_epoch=best.epoch,
            epochs=epoch - (reason == "stopped"),
            steps=self._step,
            reason=reason,
            train_seconds=self._clock.total,
            seconds_to_best=best.seconds,
            rows_per_second=self._clock.rows_per_second,
        )

    def _pass(
        self, batch: Batch, order: Tensor, logits: Floats, epoch: int
    ) -> Generator[Progress, None, bool]:
        """One pass over the rows in this order; returns whether it was stopped."""
        size = self.config.batch_size
        steps = -(-len(order) // size)
        losses: list[float] = []
        for step, start in enumerate(range(0, len(order), size), start=1):
            if not self.control():
                return True
            begin = time.perf_counter()
            rows = batch.take(order[start : start + size])
            loss = self._learn(rows, logits[start : start + size])
            losses.append(loss)
            self._clock.steps += time.perf_counter() - begin
            self._clock.rows += len(rows)
            if step % self.config.report_steps == 0 or step == steps or self.watched():
                yield Progress(
                    epoch=epoch,
                    step=self._step,
                    steps_per_epoch=steps,
                    rows=self._clock.rows,
                    loss=sum(losses) / len(losses),
                    seconds=self._clock.total,
                    rows_per_second=self._clock.rows_per_second,
                )
                losses.clear()
        return False

    def _learn(self, rows: Batch, logits_out: Floats) -> float:
        """One step on the mean log loss of a batch; returns the loss before the step."""
        if self.config.schedule == "linear":
            self._set_scales(1 - self._step / self._all_steps)
        loss, logits_out[:] = self.ranker.learn(rows)
        self._step += 1
        if not math.isfinite(loss):
            raise _diverged(self._step, loss, self.ranker.config)
        return loss

    def _report(self, epoch: int, labels: Tensor, logits: Floats, best: _Best) -> EpochReport:
        begin = time.perf_counter()
        valid_logits = score(self.ranker, self.valid)
        if not np.isfinite(valid_logits).all():
            raise _diverged(self._step, math.nan, self.ranker.config)
        valid = self.validate(valid_logits)
        train = self.progressive(labels.numpy(), logits.astype(np.float64))
        self._clock.rest += time.perf_counter() - begin
        value = valid["all"][self.config.monitor]
        improved = best.offer(epoch, value, self._clock.total, self.ranker.state())
        scale = self.ranker.bias.optimizer.scale
        if not improved and self.config.decay < 1:
            self._slowed *= self.config.decay
            self._set_scales(1.0)
        return EpochReport(
            epoch=epoch,
            step=self._step,
            rows=self._clock.rows,
            train=train,
            valid=valid,
            improved=improved,
            scale=scale,
            seconds=self._clock.total,
            rows_per_second=self._clock.rows_per_second,
        )

    def _set_scales(self, share: float) -> None:
        """Slow the optimizers down to this share; FTRL, whose weights would go back to zero with
        its rate, by what the plateaus say alone."""
        tables = (table.optimizer for _, table in self.ranker.tables())
        for optimizer in (*tables, *(dense.optimizer for dense in self.ranker.dense())):
            optimizer.scale = self._slowed * (1.0 if optimizer.sums_rows else share)


def _diverged(step: int, value: float, model: ModelConfig) -> DivergedError:
    movers = [KINDS[part.kind].long for part in model.components if hasattr(part, "optimizer")]
    if model.vector_readers:
        movers.append("the vectors")
    wider = "a larger batch" + (" or batch normalization" if model.has("deep") else "")
    return DivergedError(
        f"Training diverged at step {step} (loss {value}). Lower the learning rate "
        f"(alpha of FTRL) of {', '.join(movers)}: a tenth is a good try; {wider} helps too."
    )
