"""Is one model better than another? A plain sentence, and the rule behind it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import t as student

from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.metrics import METRICS, Metric

LEVEL = 0.95
RULE = (
    "A difference counts only when it is larger than its noise. With several seeds per model the "
    "noise is the spread over seeds: the ± is half of Welch's {level} interval of the difference "
    "of the means. With one seed per model it is the chance of the rows: the ± is half of the "
    "{level} interval of the paired difference on the same rows. Where both are known, both "
    "intervals must leave out zero, and the ± is the wider one. Whatever cannot pass is within "
    "noise, which does not prove that the models are equal."
)


@dataclass(frozen=True)
class SeedSummary:
    """A metric over the seeds of one model: mean, standard deviation (None for one seed), how
    many."""

    mean: float
    sd: float | None
    seeds: int


@dataclass(frozen=True)
class Verdict:
    """What can be said of two models.

    `winner` is the better one's name, None within noise or where nothing can be said.
    `gain` is how much nearer a is to the metric's best value than b (above 0: a is better),
    `half_width` the ± of it, None where it is not known. `sentence` and `explain` hold names as
    they were given: escape them where they are shown.
    """

    winner: str | None
    gain: float
    half_width: float | None
    sentence: str
    explain: str


def over_seeds(values: Sequence[float]) -> SeedSummary:
    """Mean and spread over seeds; runs where the metric means nothing are left out.

    Raises ValueError if none is left.
    """
    known = [value for value in values if not math.isnan(value)]
    if not known:
        raise ValueError("no seed has a value")
    spread = statistics.stdev(known) if len(known) > 1 else None
    return SeedSummary(statistics.fmean(known), spread, len(known))


def seed_difference(
    values_a: Sequence[float], values_b: Sequence[float], level: float = LEVEL
) -> Interval | None:
    """mean(a) - mean(b) with Welch's interval (Welch 1947); with one seed on one side Student's,
    which takes the other side's spread for both. None with one seed on both sides."""
    a, b = over_seeds(values_a), over_seeds(values_b)
    difference = a.mean - b.mean
    if a.sd is not None and b.sd is not None:
        of_a, of_b = a.sd**2 / a.seeds, b.sd**2 / b.seeds
        variance = of_a + of_b
        weight = of_a**2 / (a.seeds - 1) + of_b**2 / (b.seeds - 1)
        freedom = variance**2 / weight if weight > 0 else math.inf
        method = "Welch over seeds"
    elif a.sd is not None or b.sd is not None:
        spread = a.sd if a.sd is not None else b.sd
        assert spread is not None  # one of the two is known
        variance = spread**2 * (1 / a.seeds + 1 / b.seeds)
        freedom = max(a.seeds, b.seeds) - 1
        method = "Student over seeds"
    else:
        return None
    half = float(student.ppf((1 + level) / 2, freedom)) * math.sqrt(variance)
    return Interval(difference, difference - half, difference + half, level, method)


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
    """Compare two models by a metric on a slice, by `RULE`.

    values: the metric per seed. rows: the paired difference on the same rows, in favour of a
    (`bootstrap.row_difference`); needed with one seed each, used with more.
    """
    chosen = METRICS[metric]
    known = [[v for v in values if not math.isnan(v)] for values in (values_a, values_b)]
    if not all(known):
        return _no_value(name_a, name_b, chosen, slice_label)
    # On the scale of gains bigger is better for every metric.
    gains_a, gains_b = ([-chosen.shortfall(v) for v in values] for values in known)
    seeds = seed_difference(gains_a, gains_b, level)
    intervals = [i for i in (seeds, rows) if i is not None and not math.isnan(i.low)]
    gain = over_seeds(gains_a).mean - over_seeds(gains_b).mean
    if not intervals:
        return _unknown(name_a, name_b, gain, chosen, slice_label)
    half = max(interval.half_width for interval in intervals)
    clear = all(interval.low * gain > 0 and interval.high * gain > 0 for interval in intervals)
    size = with_error(abs(gain), half)
    basis = f"{chosen.label}, {_seeds(len(known[0]), len(known[1]))}"
    basis += f"; {rows.method} over rows" if rows is not None else ""
    better, worse = (name_a, name_b) if gain > 0 else (name_b, name_a)
    if clear:
        sentence = f"{better} is better than {worse} on {slice_label} by {size} ({basis})."
    else:
        sentence = (
            f"{name_a} and {name_b} on {slice_label}: the difference of {size} is within noise "
            f"({basis})."
        )
    return Verdict(better if clear else None, gain, half, sentence, explanation(level))


def explanation(level: float = LEVEL) -> str:
    """The rule in words."""
    return RULE.format(level=f"{level:.1%}".replace(".0%", "%"))


def _seeds(a: int, b: int) -> str:
    if a == b:
        return "one seed each" if a == 1 else f"{a} seeds"
    return f"{a} against {b} seeds"


def with_error(value: float, half_width: float) -> str:
    """`0.164 ± 0.012`: as many decimals as give the error two digits, from 2 to 5."""
    digits = 1 - math.floor(math.log10(half_width)) if half_width > 0 else 4
    decimals = min(5, max(2, digits))
    return f"{value:.{decimals}f} ± {half_width:.{decimals}f}"


def _no_value(name_a: str, name_b: str, metric: Metric, slice_label: str) -> Verdict:
    sentence = (
        f"{name_a} and {name_b} cannot be compared on {slice_label}: {metric.label} has no value "
        "there (too few rows, or one class only)."
    )
    return Verdict(None, math.nan, None, sentence, explanation())


def _unknown(name_a: str, name_b: str, gain: float, metric: Metric, slice_label: str) -> Verdict:
    sentence = (
        f"{name_a} and {name_b} on {slice_label}: {metric.label} differs by {abs(gain):.4f}, with "
        "one seed each there is no spread to judge it by; train more seeds."
    )
    return Verdict(None, gain, None, sentence, explanation())


def clear_best(
    values: Mapping[str, Sequence[float]],
    metric: str,
    rows: Mapping[tuple[str, str], Interval] | None = None,
    level: float = LEVEL,
) -> str | None:
    """The model that beats every other one by more than noise, or None: see `lead`."""
    found = lead(values, metric, rows, level)
    return None if found is None or found.unbeaten else found.best


@dataclass(frozen=True)
class Lead:
    """The model with the best mean, and those it does not beat by more than noise."""

    best: str
    unbeaten: tuple[str, ...]


def lead(
    values: Mapping[str, Sequence[float]],
    metric: str,
    rows: Mapping[tuple[str, str], Interval] | None = None,
    level: float = LEVEL,
) -> Lead | None:
    """Who has the best mean and how clearly; None with fewer than two models that have a value.

    values: the metric per seed by model. rows: paired differences by (a, b), see `verdict`. The
    level is made stricter for the number of comparisons (Bonferroni); row intervals come as they
    are, so make them at `comparison_level`.
    """
    means = {}
    for name, of_seeds in values.items():
        known = [METRICS[metric].shortfall(v) for v in of_seeds if not math.isnan(v)]
        if known:
            means[name] = statistics.fmean(known)
    if len(means) < 2:
        return None
    best = min(means, key=lambda name: means[name])
    strict = comparison_level(len(means), level)
    unbeaten = []
    for name in means:
        if name == best:
            continue
        of_rows = _directed(rows or {}, best, name)
        said = verdict(best, values[best], name, values[name], metric, "", of_rows, strict)
        if said.winner != best:
            unbeaten.append(name)
    return Lead(best, tuple(unbeaten))


def comparison_level(models: int, level: float = LEVEL) -> float:
    """The level each of the best model's comparisons needs for all to hold at `level`."""
    return 1 - (1 - level) / max(models - 1, 1)


def _directed(rows: Mapping[tuple[str, str], Interval], a: str, b: str) -> Interval | None:
    """The paired difference in favour of a, whichever way round it is given."""
    if (a, b) in rows:
        return rows[a, b]
    if (b, a) not in rows:
        return None
    other = rows[b, a]
    return Interval(-other.value, -other.high, -other.low, other.level, other.method)
