"""What a log is like before any model sees it: how big, how sparse, how long its tail."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.interactions import Interactions
from recsys_demo.evaluation.intervals import rates, wilson
from recsys_demo.features.cross_dictionary import bases_of, combination_keys, count_keys
from recsys_demo.features.crosses import Cross, Part
from recsys_demo.features.fields import FieldCodes, FieldEncoder, fit_fields
from recsys_demo.features.vocabulary import UNKNOWN
from recsys_demo.limits import Limits
from recsys_demo.studies.log.density import DensityPicture, density

Counts = npt.NDArray[np.int64]
SUPPORT_BINS = (1, 2, 3, 5, 10, 20, 50, 100, 1000)  # lower ends
TAIL_POINTS = 200


@dataclass(frozen=True)
class Overview:
    """The log in numbers. `users` and `density` are None for a log without user.

    `density`: different (user, item) pairs that occur, as a share of all users x items.
    `head`: share of the rows that the most frequent tenth of the items takes.
    """

    rows: int
    positives: int
    rate_interval: tuple[float, float]
    users: int | None
    items: int
    catalogue: int
    pairs: int | None
    density: float | None
    head: float

    @property
    def base_rate(self) -> float:
        """Share of the rows with label 1."""
        return self.positives / self.rows


@dataclass(frozen=True, eq=False)
class Tail:
    """Rows of every value of a column, the most frequent first: `rows[i]` of rank i + 1."""

    column: str
    rows: Counts

    def points(self) -> tuple[Counts, Counts]:
        """Ranks and rows for a log-log picture: at most `TAIL_POINTS`, evenly spread there."""
        if not len(self.rows):
            return self.rows, self.rows
        spread = np.geomspace(1, len(self.rows), TAIL_POINTS).round().astype(np.int64)
        ranks = np.unique(spread)
        return ranks, self.rows[ranks - 1]

    def head(self, share: float) -> float:
        """Share of the rows that this share of the values (rounded up) takes."""
        if not self.rows.sum():
            return math.nan
        return float(self.rows[: math.ceil(share * len(self.rows))].sum() / self.rows.sum())


@dataclass(frozen=True, eq=False)
class SupportHistogram:
    """How often pairs of two fields occur.

    Per bin [bins]: `low` and `high` support (high is None in the last), `pairs` with a support in
    it, `rows`: occurrences of those pairs.
    """

    pair: tuple[str, str]
    low: tuple[int, ...]
    high: tuple[int | None, ...]
    pairs: Counts
    rows: Counts
    possible: int

    @property
    def names(self) -> list[str]:
        """Bins as a person reads them: 1, 2, 3-4, ..., 1,000+."""
        return [
            f"{low:,}+" if high is None else f"{low:,}" if low == high else f"{low:,}-{high:,}"
            for low, high in zip(self.low, self.high, strict=True)
        ]

    @property
    def seen(self) -> float:
        """Share of the possible pairs that occur at all."""
        return float(self.pairs.sum() / self.possible) if self.possible else math.nan

    @property
    def once(self) -> float:
        """Share of the occurring pairs that occur exactly once."""
        return float(self.pairs[0] / self.pairs.sum()) if self.pairs.sum() else math.nan


@dataclass(frozen=True)
class FieldSummary:
    """One field.

    `values` different ones, `missing` rows without any, `mean_values` in a row that has one,
    `once`: share of the values that exactly one row has, `spread`: root mean square distance of
    the values' install rates from the base rate, weighted by rows, values with 30 rows or more.
    """

    name: str
    kind: str
    side: str
    values: int
    missing: int
    missing_share: float
    mean_values: float
    once: float
    spread: float


class LogStatistics:
    """Everything the Data room shows, counted from one log. Raises InputError over a limit."""

    def __init__(self, log: Interactions, limits: Limits | None = None) -> None:
        self.log = log
        self._limits = limits or Limits.from_environment()
        self.encoder: FieldEncoder = fit_fields(_every_value(log), self._limits)
        self._codes: FieldCodes = self.encoder.encode(log.frame)

    def overview(self) -> Overview:
        """Rows, users, items, base rate, density, tail."""
        log, schema = self.log, self.log.schema
        positives = int(log.labels.sum())
        low, high = wilson(positives, len(log))
        items = _codes_of(log.frame[schema.item])
        tail = self.tail(schema.item)
        users = pairs = density = None
        if schema.user is not None:
            user_codes = _codes_of(log.frame[schema.user])
            users = len(np.unique(user_codes))
            pairs = len(np.unique(user_codes.astype(np.int64) * (items.max() + 1) + items))
            density = pairs / (users * len(tail.rows))
        return Overview(
            rows=len(log),
            positives=positives,
            rate_interval=(float(low), float(high)),
            users=users,
            items=len(tail.rows),
            catalogue=len(log.items),
            pairs=pairs,
            density=density,
            head=tail.head(0.1),
        )

    def tail(self, column: str) -> Tail:
        """Rows per value of user, item or any field that is not numeric."""
        if column in self.encoder.vocabularies:
            counts = np.array(self.encoder.vocabularies[column].counts, dtype=np.int64)
        else:
            counts = np.bincount(_codes_of(self.log.frame[column])).astype(np.int64)
        counts = counts[counts > 0]
        return Tail(column, np.sort(counts)[::-1])

    def support(self, pair: tuple[str, str] | None = None) -> SupportHistogram:
        """How often the pairs of two fields occur; by default the reference pair."""
        pair = pair or self.log.schema.pair
        counts, possible = self._pair_counts(pair)
        edges = np.array([*SUPPORT_BINS, np.iinfo(np.int64).max])
        bins = np.searchsorted(edges, counts, side="right") - 1
        return SupportHistogram(
            pair=pair,
            low=SUPPORT_BINS,
            high=(*(edge - 1 for edge in SUPPORT_BINS[1:]), None),
            pairs=np.bincount(bins, minlength=len(SUPPORT_BINS)).astype(np.int64),
            rows=np.bincount(bins, counts, minlength=len(SUPPORT_BINS)).astype(np.int64),
            possible=possible,
        )

    def fields(self) -> list[FieldSummary]:
        """A summary of every field, in the order of the schema."""
        return [self._field(name) for name in self.log.schema.fields]

    def missing(self, name: str) -> int:
        """Rows in which a field has no value."""
        column = self.log.frame[name]
        if self.log.schema.fields[name].kind == "multi":
            return int((self._codes.of(name) < 0).all(axis=1).sum())
        return int(column.isna().sum())

    def value_rates(self, name: str) -> pd.DataFrame:
        """Install rate of every value of a field with its 95 % Wilson interval.

        Columns value, rows, positives, rate, low, high; the most frequent values first. A row
        counts for every value it has; a numeric field is cut into at most ten bins.
        """
        codes = self._codes.of(name)
        size = self.encoder.cross_size(name)
        has = codes > UNKNOWN
        taken = has & (self.log.labels == 1)[:, None]
        rows = np.bincount(codes[has], minlength=size)[1:]
        positives = np.bincount(codes[taken], minlength=size)[1:]
        low, high = wilson(positives, rows)
        table = pd.DataFrame(
            {
                "value": [self.encoder.value_name(name, code) for code in range(1, size)],
                "rows": rows,
                "positives": positives,
                "rate": rates(positives, rows),
                "low": low,
                "high": high,
            }
        )
        if name in self.encoder.quantiles:
            return table
        return table.sort_values("rows", ascending=False, kind="stable", ignore_index=True)

    def density_picture(self, bins: int = 40) -> DensityPicture | None:
        """Where the user x item table is filled; None for a log without user."""
        if self.log.schema.user is None:
            return None
        users, items = (
            _codes_of(self.log.frame[name]) for name in (self.log.schema.user, self.log.schema.item)
        )
        return density(users, items, bins)

    def _pair_counts(self, pair: tuple[str, str]) -> tuple[Counts, int]:
        """How often every occurring pair occurs, and how many there could be."""
        if all(name in self.encoder.schema.fields for name in pair):
            cross = Cross(tuple(Part(name) for name in pair))
            bases = bases_of(cross, self.encoder)
            keys = combination_keys(cross, self._codes, self.encoder)
            _, counts = count_keys(keys, math.prod(bases))
            return counts, math.prod(base - 1 for base in bases)
        first, second = (_codes_of(self.log.frame[name]).astype(np.int64) for name in pair)
        _, counts = count_keys(first * (second.max() + 1) + second)
        return counts, len(np.unique(first)) * len(np.unique(second))

    def _field(self, name: str) -> FieldSummary:
        described = self.log.schema.fields[name]
        table = self.value_rates(name)
        missing = self.missing(name)
        present = len(self.log) - missing
        numeric = described.kind == "numeric"
        values = self.log.frame[name].nunique() if numeric else len(table)
        values -= described.kind == "categorical" and missing > 0
        return FieldSummary(
            name=name,
            kind=described.kind,
            side=described.side,
            values=int(values),
            missing=missing,
            missing_share=missing / len(self.log),
            mean_values=float(table["rows"].sum() / present) if present else 0.0,
            once=math.nan if numeric or not values else float((table["rows"] == 1).mean()),
            spread=_spread(table, self.log.base_rate),
        )


def _every_value(log: Interactions) -> Interactions:
    """The log with min_count 1: values too rare for a model are part of what the log is like."""
    fields = {n: f.model_copy(update={"min_count": 1}) for n, f in log.schema.fields.items()}
    return replace(log, schema=log.schema.model_copy(update={"fields": fields}))


def _spread(table: pd.DataFrame, base_rate: float) -> float:
    often = table[table["rows"] >= 30]
    if not len(often):
        return math.nan
    squares = (often["rate"] - base_rate) ** 2
    return float(np.sqrt(np.average(squares, weights=often["rows"])))


def _codes_of(column: pd.Series) -> npt.NDArray[np.int64]:
    return np.asarray(column.cat.codes.to_numpy(), dtype=np.int64)
