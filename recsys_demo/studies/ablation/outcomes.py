"""The metrics of every model and seed of a grid, read from the records of its runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.bootstrap import row_difference
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.reports import evaluate
from recsys_demo.evaluation.slices import Slice
from recsys_demo.studies.ablation.ensembles import Combine, prior_rows, rows_of
from recsys_demo.studies.ablation.grid import Cell, Grid, Timed
from recsys_demo.sweep.records import PARTS, Record, Records, Rows, record_key

METRIC_NAMES = {"auc": "AUC", "logloss": "log loss"}  # as they stand in a sentence
METRICS = tuple(METRIC_NAMES)
# The slices of the ablation room, as far as the log has them.
SHOWN_SLICES = ("all", "exceptions", "never", "rare", "frequent", "head", "tail", "held_out")

MOST_KEPT = 2_000

K = TypeVar("K")
V = TypeVar("V")
Values = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True, eq=False)
class Outcome:
    """One model with one seed. `values[part][slice][metric]`; NaN where a metric means nothing.
    `weights` counts the weights of fields and crosses that are not zero. `records` are the runs it
    is made of, `combine` how several predict together."""

    cell: str
    seed: int
    values: Values
    parameters: int
    weights: int
    seconds: float
    records: tuple[str, ...]
    combine: Combine = "mean"

    def value(self, slice_: str, metric: str = "auc", part: str = "test") -> float:
        """One number; NaN if there is none."""
        return self.values[part].get(slice_, {}).get(metric, math.nan)


# The paired difference on the same rows in favour of the first of each pair, mean over the pairs,
# by slice, metric and part (`bootstrap.row_difference`).
RowDifference = Callable[[Sequence[tuple[Outcome, Outcome]], str, str, str], Interval | None]


class Outcomes:
    """All that is known of a grid by now."""

    def __init__(
        self,
        found: Iterable[Outcome],
        labels: Mapping[str, str],
        row_difference: RowDifference = lambda pairs, slice_, metric, part: None,
    ) -> None:
        """`row_difference` tells what the rows say of two models; by default nobody knows."""
        self._found = {(outcome.cell, outcome.seed): outcome for outcome in found}
        self.slice_labels = labels
        self.row_difference = row_difference

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
        self._paired: dict[tuple[object, ...], Interval | None] = {}

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
        labels = known.slice_labels if known is not None else {}
        return Outcomes(whole, labels, self._row_difference)

    def missing(self, grid: Grid) -> list[RunConfig]:
        """The runs of a grid that are not done."""
        return [config for config in grid.configs() if self.record(config) is None]

    def timed(self, like: RunConfig) -> list[Timed]:
        """The runs that were read, of those on the data of this one."""
        return [
            Timed(record.config.model, record.seconds)
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
        name = (cell.key, cell.combine, *(record.key for record in like))
        if name not in self._made:
            made = as_one_outcome(cell.key, seed, self._records, done, like[0], cell.combine)
            if made is None:
                return None
            _keep(self._made, name, made)
            return made
        return replace(self._made[name], seed=seed)

    def _any(self, seed: int, grid: Grid) -> list[Record]:
        """Some run of this seed, for the rows it was tested on."""
        configs = (config for cell in grid.cells for config in cell.at(seed)[:1])
        return [record for c in configs if (record := self.record(c)) is not None][:1]

    def _row_difference(
        self, pairs: Sequence[tuple[Outcome, Outcome]], slice_: str, metric: str, part: str
    ) -> Interval | None:
        """Computed once: it reads the logits of all these runs."""
        runs = tuple((one.records, one.combine) for pair in pairs for one in pair)
        name = (*runs, slice_, metric, part)
        if name not in self._paired:
            _keep(self._paired, name, self._paired_rows(pairs, slice_, metric, part))
        return self._paired[name]

    def _paired_rows(
        self, pairs: Sequence[tuple[Outcome, Outcome]], slice_: str, metric: str, part: str
    ) -> Interval | None:
        sides = [
            [rows_of(self._records, one.records, part, one.combine) for one in side]
            for side in zip(*pairs, strict=True)
        ]
        ours, theirs = ([rows for rows in side if rows is not None] for side in sides)
        if not len(ours) == len(theirs) == len(pairs) or slice_ not in ours[0].slices:
            return None
        here = ours[0].slices[slice_]
        a, b = (np.stack([rows.logits[here] for rows in side]) for side in (ours, theirs))
        return row_difference(ours[0].labels[here], a, b, metric)


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


def as_one_outcome(
    cell: str,
    seed: int,
    records: Records,
    members: Sequence[Record],
    like: Record,
    combine: Combine,
) -> Outcome | None:
    """Models trained apart that predict together (`ensembles`); none of them is the bias alone, on
    the rows of the run `like`. None if a record cannot be read any more."""
    keys = tuple(record.key for record in members)
    values: dict[str, dict[str, Mapping[str, float]]] = {}
    for part in PARTS:
        rows = rows_of(records, keys, part, combine) if keys else prior_rows(records, like, part)
        if rows is None:
            return None
        values[part] = _evaluated(rows)
    return Outcome(
        cell=cell,
        seed=seed,
        values=values,
        parameters=sum(int(r.result["parameters"]) for r in members) or 1,
        weights=sum(int(r.result["nonzero_wide_weights"]) for r in members),
        seconds=sum(record.seconds for record in members),
        records=keys,
        combine=combine,
    )


def _evaluated(rows: Rows) -> dict[str, Mapping[str, float]]:
    slices = [Slice(key, key, mask) for key, mask in rows.slices.items()]
    reports = evaluate(rows.labels, rows.logits, slices, METRICS)
    return {key: report.values for key, report in reports.items()}


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
