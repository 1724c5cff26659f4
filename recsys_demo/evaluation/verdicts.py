"""Is one model better than another? The lab's one rule, and its three answers.

The answers have the same words everywhere: a difference was found (*better*, *worse*), none was
found (*could not be told apart*), or there is too little to judge by (*cannot be said yet*).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from recsys_demo.evaluation.intervals import (
    LEVEL,
    Interval,
    joined_interval,
    seed_difference,
    unknown_interval,
)
from recsys_demo.evaluation.metrics import METRICS, Metric

FEWEST_ROWS = 10
FEWEST_SEEDS = 2
MARGIN = 0.005  # of AUC or log loss: what a model may lose and still be as good
RULE = (
    "One model is called better than another only if the 95 % interval of their difference "
    f"excludes zero, over at least {FEWEST_SEEDS} seeds of each and {FEWEST_ROWS} rows of either "
    "label. The interval combines the sampling error of the test rows (paired, on the same rows) "
    "with the spread between trainings (Welch's interval over seeds). If it contains zero, the two "
    "could not be told apart with these rows and seeds, which does not prove them equal. With "
    "fewer rows or seeds, it cannot be said yet. Where one sentence judges several differences, "
    "the intervals are wide enough for all of them together (Bonferroni)."
)
DRAWN_ANEW = (
    "The intervals answer: what if other test rows and other seeds had been drawn? The training "
    "rows, the users and the items stay the same. Rows of one item resemble each other, so for a "
    "new set of items the intervals would be wider, on the sample set nearly twice as wide."
)

Finding = Literal["better", "worse", "could not be told apart", "cannot be said yet"]
NOT_FOUND: Finding = "could not be told apart"
NOT_YET: Finding = "cannot be said yet"


@dataclass(frozen=True)
class Evidence:
    """What is known of how much better a is than b, above 0 if it is.

    `a` and `b` are the gains of each seed, numbers only, at least one of each. `rows` is the paired
    difference of their means with its interval when rows are drawn anew, its `n` the rows of the
    rarer label; None where that is not known.
    """

    a: tuple[float, ...]
    b: tuple[float, ...]
    rows: Interval | None
    level: float = LEVEL

    @property
    def over_seeds(self) -> Interval:
        """The difference of the means with Welch's interval, unknown with one seed on a side."""
        return seed_difference(self.a, self.b, self.level)

    @property
    def over_rows(self) -> Interval | None:
        """The difference of these runs when rows are drawn anew, None where it is not known."""
        known = self.rows is not None and self.rows.is_known
        return self.rows.at(self.level) if self.rows is not None and known else None

    @property
    def interval(self) -> Interval:
        """By both kinds of luck; unknown where one of them is."""
        seeds, rows = self.over_seeds, self.over_rows
        return (
            unknown_interval(seeds.value, self.level)
            if rows is None
            else joined_interval(rows, seeds)
        )

    @property
    def so_far(self) -> Interval:
        """What a chart can draw: `interval`, or else that of these runs over rows."""
        found = self.interval
        rows = self.over_rows
        return rows if rows is not None and not found.is_known else found

    @property
    def missing(self) -> str:
        """Why nothing can be said yet; empty if something can."""
        rows, few = self.over_rows, min(len(self.a), len(self.b)) < FEWEST_SEEDS
        if rows is None:
            return "how much other rows would change it is not known"
        if rows.n < FEWEST_ROWS:
            return f"the rarer label has {rows.n} rows, {FEWEST_ROWS} are needed"
        if few:
            return "more seeds are needed"
        if self.interval.half_width == 0 and self.interval.value != 0:
            return "nothing varies, so there is nothing to judge it by"
        return ""

    @property
    def finding(self) -> Finding:
        """What can be said of a against b, by `RULE`."""
        if self.missing:
            return NOT_YET
        interval = self.interval
        if not interval.excludes_zero:
            return NOT_FOUND
        return "better" if interval.value > 0 else "worse"

    def is_no_worse(self, margin: float) -> bool:
        """Whether a is shown to be worse than b by less than the margin: one of the two one-sided
        tests of equivalence (Schuirmann 1987), at the level of the interval's other side."""
        return not self.missing and self._one_sided.low > -margin

    def is_equivalent(self, margin: float) -> bool:
        """Whether the two are shown to differ by less than the margin (both one-sided tests)."""
        return self.is_no_worse(margin) and self._one_sided.high < margin

    @property
    def _one_sided(self) -> Interval:
        """An interval each of whose ends is left out with 1 - level."""
        return replace(self, level=2 * self.level - 1).interval


@dataclass(frozen=True)
class Verdict:
    """What can be said of a against b.

    `winner` is the better one's name, None where none was found. `gain` is how much nearer a is to
    the metric's best value than b (above 0: a is better), NaN where the metric means nothing;
    `half_width` the ± of it, None where it is not known. `sentence` holds names as they were given:
    escape them where they are shown.
    """

    finding: Finding
    winner: str | None
    gain: float
    half_width: float | None
    sentence: str
    evidence: Evidence | None = None


def evidence(
    values_a: Sequence[float],
    values_b: Sequence[float],
    metric: str,
    rows: Interval | None,
    comparisons: int = 1,
    level: float = LEVEL,
) -> Evidence | None:
    """Of a metric's values per seed; None where one side has no value.

    rows: the paired difference on the same rows, in favour of a (`bootstrap.row_difference`).
    comparisons: how many differences one sentence judges.
    """
    shortfall = METRICS[metric].shortfall
    # On the scale of gains bigger is better for every metric.
    a, b = (
        tuple(-shortfall(value) for value in values if not math.isnan(value))
        for values in (values_a, values_b)
    )
    return Evidence(a, b, rows, level_of_each(comparisons, level)) if a and b else None


def level_of_each(comparisons: int, level: float = LEVEL) -> float:
    """The level each of several intervals needs for all of them to hold at `level` (Bonferroni)."""
    return 1 - (1 - level) / max(comparisons, 1)


def verdict(
    name_a: str,
    values_a: Sequence[float],
    name_b: str,
    values_b: Sequence[float],
    metric: str,
    slice_label: str,
    rows: Interval | None = None,
    level: float = LEVEL,
) -> Verdict:
    """Compare two models by a metric on a slice, by `RULE`; the arguments are those of
    `evidence`."""
    found = evidence(values_a, values_b, metric, rows, level=level)
    if found is None:
        return _without_value(name_a, name_b, METRICS[metric], slice_label)
    gain, interval = found.over_seeds.value, found.interval
    ahead, behind = (name_a, name_b) if gain > 0 else (name_b, name_a)
    basis = _basis(found, METRICS[metric])
    if found.missing:
        sentence = (
            f"Whether {name_a} or {name_b} is better on {slice_label} {NOT_YET}: "
            f"{_so_far(found, name_a, name_b)} ({basis})."
        )
        shown = found.over_rows
        half = None if shown is None or shown.n < FEWEST_ROWS else shown.half_width
        return Verdict(NOT_YET, None, gain, half, sentence, found)
    size = with_error(abs(gain), interval.half_width)
    if found.finding == NOT_FOUND:
        sentence = (
            f"{name_a} and {name_b} {NOT_FOUND} on {slice_label}: they differ by {size} ({basis})."
        )
        return Verdict(NOT_FOUND, None, gain, interval.half_width, sentence, found)
    sentence = f"{ahead} is better than {behind} on {slice_label} by {size} ({basis})."
    return Verdict(found.finding, ahead, gain, interval.half_width, sentence, found)


def _so_far(found: Evidence, name_a: str, name_b: str) -> str:
    """What is known of these runs, and what is missing for the models."""
    rows = found.over_rows
    if rows is None or rows.n < FEWEST_ROWS or min(len(found.a), len(found.b)) >= FEWEST_SEEDS:
        return found.missing
    size = with_error(abs(rows.value), rows.half_width)
    one_each = len(found.a) == len(found.b) == 1
    who = "these two trained runs" if one_each else f"the trained runs of {name_a} and {name_b}"
    if not rows.excludes_zero:
        return (
            f"{who} differ by no more than the sampling error of these rows, {size}, and "
            f"{found.missing}"
        )
    return f"{who} differ by {size} on these rows; whether the models do needs more seeds"


def _basis(found: Evidence, metric: Metric) -> str:
    a, b = len(found.a), len(found.b)
    if a == b:
        seeds = "one seed each" if a == 1 else f"{a} seeds each"
    else:
        seeds = f"{a} against {b} seeds"
    return f"{metric.label}, {seeds}"


def with_error(value: float, half_width: float) -> str:
    """`0.164 ± 0.012`: as many decimals as give the error two digits, from 2 to 5."""
    digits = 1 - math.floor(math.log10(half_width)) if half_width > 0 else 4
    decimals = min(5, max(2, digits))
    return f"{value:.{decimals}f} ± {half_width:.{decimals}f}"


def _without_value(name_a: str, name_b: str, metric: Metric, slice_label: str) -> Verdict:
    sentence = (
        f"Whether {name_a} or {name_b} is better on {slice_label} {NOT_YET}: {metric.label} has no "
        "value there (too few rows, or one class only)."
    )
    return Verdict(NOT_YET, None, math.nan, None, sentence)
