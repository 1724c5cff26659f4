"""The metrics of every model and seed of a grid, read from the records of its runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy.special import logit

from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.reports import evaluate
from recsys_demo.evaluation.slices import Slice
from recsys_demo.studies.ablation.grid import Cell, Grid
from recsys_demo.sweep.records import PARTS, Record, Records, Rows, record_key

METRICS = ("auc", "logloss")
# The slices of the ablation room, as far as the log has them.
SHOWN_SLICES = ("all", "exceptions", "never", "rare", "frequent", "head", "tail", "held_out")

MOST_KEPT = 2_000

K = TypeVar("K")
V = TypeVar("V")
Values = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True, eq=False)
class Outcome:
    """One model with one seed. `values[part][slice][metric]`; NaN where a metric means nothing.
    `weights` counts the weights of fields and crosses that are not zero."""

    cell: str
    seed: int
    values: Values
    parameters: int
    weights: int
    seconds: float
    records: tuple[str, ...]

    def value(self, slice_: str, metric: str = "auc", part: str = "test") -> float:
        """One number; NaN if there is none."""
        return self.values[part].get(slice_, {}).get(metric, math.nan)


class Outcomes:
    """All that is known of a grid by now."""

    def __init__(self, found: Iterable[Outcome], labels: Mapping[str, str]) -> None:
        self._found = {(outcome.cell, outcome.seed): outcome for outcome in found}
        self.slice_labels = labels

    def __len__(self) -> int:
        return len(self._found)

    def get(self, cell: str, seed: int) -> Outcome | None:
        """The outcome of one model with one seed."""
        return self._found.get((cell, seed))

    def of(self, cell: str) -> list[Outcome]:
        """The outcomes of one model, by seed."""
        return [self._found[key] for key in sorted(k for k in self._found if k[0] == cell)]

    def pairs(self, cell: str, other: str) -> list[tuple[Outcome, Outcome]]:
        """Outcomes of two models with the same seeds."""
        both = [(one, self.get(other, one.seed)) for one in self.of(cell)]
        return [(one, two) for one, two in both if two is not None]

    def slices(self) -> list[str]:
        """The slices of the ablation room that some test rows are in, in their order."""
        there = {s for outcome in self._found.values() for s in outcome.values["test"]}
        return [key for key in SHOWN_SLICES if key in there and self._known(key)]

    def _known(self, slice_: str) -> bool:
        return any(not math.isnan(o.value(slice_)) for o in self._found.values())


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    """Remember a value; of more than `MOST_KEPT` the one that came first is forgotten."""
    kept[key] = value
    while len(kept) > MOST_KEPT:
        kept.pop(next(iter(kept)), None)


class Reader:
    """Reads outcomes from records, each record once. Several pages may ask at the same time."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: dict[str, Record] = {}
        self._made: dict[tuple[str, ...], Outcome] = {}
        self._keys: dict[tuple[RunConfig, str], str] = {}

    def record(self, config: RunConfig) -> Record | None:
        """The record of a run, if it is done."""
        key = self.key(config)
        known = self._known.get(key)
        if known is None:
            known = self._records.get(key)
            if known is not None:
                _keep(self._known, key, known)
        return known

    def outcomes(self, grid: Grid) -> Outcomes:
        """What is finished of a grid."""
        found = [self._outcome(cell, seed, grid) for seed in grid.seeds for cell in grid.cells]
        whole = [outcome for outcome in found if outcome is not None]
        first = next((key for outcome in whole for key in outcome.records), "")
        known = self._known.get(first)
        return Outcomes(whole, known.slice_labels if known is not None else {})

    def missing(self, grid: Grid) -> list[RunConfig]:
        """The runs of a grid that are not done."""
        return [config for config in grid.configs() if self.record(config) is None]

    def seconds(self, like: RunConfig) -> list[float]:
        """How long the runs took that were read, of those on the data of this one."""
        return [
            record.seconds
            for record in list(self._known.values())
            if (record.config.data, record.config.split) == (like.data, like.split)
        ]

    def key(self, config: RunConfig) -> str:
        """The name of a run's record. Raises InputError if the data are gone."""
        # Pages ask again and again for the same grid; a file may change between two questions.
        name = (config, config.data.fingerprint(config.split))
        if name not in self._keys:
            _keep(self._keys, name, record_key(config))
        return self._keys[name]

    def _outcome(self, cell: Cell, seed: int, grid: Grid) -> Outcome | None:
        records = [self.record(config) for config in cell.at(seed)]
        done = [record for record in records if record is not None]
        if len(done) < len(records):
            return None
        if len(done) == 1:
            return of_record(cell.key, seed, done[0])
        like = done or self._any(seed, grid)
        if not like:
            return None
        name = (cell.key, *(record.key for record in like))
        if name not in self._made:
            made = summed(cell.key, seed, self._records, done, like[0])
            if made is None:
                return None
            _keep(self._made, name, made)
            return made
        return replace(self._made[name], seed=seed)

    def _any(self, seed: int, grid: Grid) -> list[Record]:
        """Some run of this seed, for the rows it was tested on."""
        configs = (config for cell in grid.cells for config in cell.at(seed)[:1])
        return [record for c in configs if (record := self.record(c)) is not None][:1]


def of_record(cell: str, seed: int, record: Record) -> Outcome:
    """A model of one run: its numbers are those of the run."""
    values = {
        part: {
            slice_: {metric: _number(report.get(metric)) for metric in METRICS}
            for slice_, report in record.result[part]["slices"].items()
        }
        for part in PARTS
    }
    return Outcome(
        cell=cell,
        seed=seed,
        values=values,
        parameters=int(record.result["parameters"]),
        weights=int(record.result["nonzero_wide_weights"]),
        seconds=record.seconds,
        records=(record.key,),
    )


def summed(
    cell: str, seed: int, records: Records, members: Sequence[Record], like: Record
) -> Outcome | None:
    """Models trained apart, their logits summed; none of them is the bias alone.

    Every member starts from the log-odds of the base rate, so all but one of these are taken off:
    logit = sum_m logit_m - (M - 1) log(p / (1 - p)). The mean of the members' logits has the same
    AUC. None if a record cannot be read any more.
    """
    prior = float(logit(like.base_rate))
    values: dict[str, dict[str, Mapping[str, float]]] = {}
    for part in PARTS:
        rows = [records.rows(record.key, part) for record in (members or [like])]
        read = [one for one in rows if one is not None]
        if len(read) < len(rows):
            return None
        logits = np.full(len(read[0].labels), prior)
        for one in read if members else []:
            logits += one.logits - prior
        values[part] = _evaluated(read[0], logits)
    return Outcome(
        cell=cell,
        seed=seed,
        values=values,
        # The shared bias of a sum counts once.
        parameters=sum(int(r.result["parameters"]) for r in members) - max(0, len(members) - 1)
        or 1,
        weights=sum(int(r.result["nonzero_wide_weights"]) for r in members),
        seconds=sum(record.seconds for record in members),
        records=tuple(record.key for record in members),
    )


def _evaluated(rows: Rows, logits: np.ndarray) -> dict[str, Mapping[str, float]]:
    slices = [Slice(key, key, mask) for key, mask in rows.slices.items()]
    return {key: r.values for key, r in evaluate(rows.labels, logits, slices, METRICS).items()}


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
