"""What the numbers of a log mean for memorizing and for generalizing, in one sentence each."""

from __future__ import annotations

import math

from recsys_demo.studies.log.statistics import FieldSummary, Overview, SupportHistogram, Tail

REMEMBERED = 10  # rows of a pair from which a weight of its own says something
LEAST_ROWS = 100  # fewer say nothing: a rate of one half is known to ten points with so many
HARDLY, NEARLY = 0.01, 0.9


def finding(overview: Overview, histogram: SupportHistogram) -> str:
    """The one thing that this log says about remembering and guessing."""
    if overview.base_rate in (0, 1):
        return of_base_rate(overview)
    if overview.rows < LEAST_ROWS:
        return f"{overview.rows:,} rows are too few: any rate seen in them may be chance."
    if not histogram.pairs.sum():
        return of_support(histogram)
    pair, share = " x ".join(histogram.pair), often(histogram)
    told = f"{_percent(share)} of {pair} pairs occur {REMEMBERED} times or more"
    if share < HARDLY:
        return f"Hardly anything here can be memorized: {told}."
    if share > NEARLY:
        return f"Nearly everything here can be memorized: {told}."
    rest = _percent(1 - share)
    return f"{told} and can be memorized; on the other {rest} a model has to generalize."


def often(histogram: SupportHistogram) -> float:
    """Share of the possible pairs that occur often enough to be remembered."""
    common = histogram.pairs[bin_of(histogram, REMEMBERED) :].sum()
    return float(common / histogram.possible) if histogram.possible else 0.0


def of_base_rate(overview: Overview) -> str:
    """What a model must beat."""
    p = overview.base_rate
    if p in (0, 1):
        return "Every row has the same label: there is nothing to rank yet."
    entropy = -(p * math.log(p) + (1 - p) * math.log(1 - p))
    return (
        f"Always answering {p:.1%} already gives a log loss of {entropy:.3f}: "
        "a model has learned something only below that."
    )


def of_density(overview: Overview) -> str:
    """What an empty user x item table asks for."""
    if overview.density is None:
        return "This log names no user, so what one person took before cannot be remembered."
    filled = _percent(overview.density)
    # How much can be remembered is said once, of the reference pair.
    return (
        f"{filled} of all user-item pairs were ever shown: a model has to generalize to the other "
        f"{_percent(1 - overview.density)}."
    )


def of_tail(tail: Tail) -> str:
    """What a long tail does to both."""
    head, rare = tail.head(0.1), float((tail.rows < 10).mean())
    start = f"The most frequent 10% of {tail.column} values account for {head:.0%} of the rows"
    if rare >= 0.2:
        return (
            f"{start}, and {rare:.0%} of all values have fewer than 10 rows: the "
            "frequent ones can be memorized, the rare ones have to borrow from similar ones."
        )
    return (
        f"{start}, and {rare:.0%} of all values have fewer than 10 rows: nearly every "
        "value has enough rows for a weight of its own."
    )


def of_support(histogram: SupportHistogram) -> str:
    """How much of the reference pair can be memorized at all."""
    pair = " x ".join(histogram.pair)
    if not histogram.pairs.sum():
        return f"No {pair} pair occurs, so there is nothing to remember."
    return (
        f"{_percent(histogram.seen)} of the possible {pair} pairs occur, "
        f"{_percent(often(histogram))} at least {REMEMBERED} times, and "
        f"{_percent(histogram.once)} of those that occur do so once: "
        "a cross can memorize the frequent ones, the others are for embeddings."
    )


def of_field(field: FieldSummary) -> str:
    """What this field is good for."""
    if field.kind == "numeric":
        return f"A number, {field.values:,} different values: similar values share what is learned."
    if field.values < 2:
        return "It never changes, so no model can learn from it."
    if field.once >= 0.5:
        return (
            f"{field.once:.0%} of its {field.values:,} values have a single row: "
            "their weights would only memorize that row."
        )
    if math.isnan(field.spread):
        return "No value has 30 rows: every rate here is uncertain."
    return (
        f"{field.values:,} values whose install rates lie {100 * field.spread:.1f} points from the "
        f"base rate on average: {_use(field.values)}."
    )


def of_missing(fields: list[FieldSummary]) -> str:
    """What empty cells become."""
    empty = [field for field in fields if field.missing]
    if not empty:
        return "Every row has a value in every field."
    worst = max(empty, key=lambda field: field.missing)
    return (
        f"{len(empty)} of {len(fields)} fields have empty cells, most of all {worst.name} "
        f"({worst.missing_share:.1%} of the rows). Being empty is a value of its own that "
        "models can learn from; missing numbers are replaced by a middle value."
    )


def _use(values: int) -> str:
    if values <= 20:
        return "few enough to cross with other fields and still have many rows each"
    if values <= 1000:
        return "crossed with another such field most combinations are rare"
    return "an identifier: crosses of it memorize single rows, embeddings share between them"


def bin_of(histogram: SupportHistogram, support: int) -> int:
    """The first bin of pairs with so many rows or more."""
    return next(i for i, low in enumerate(histogram.low) if low >= support)


def _percent(share: float) -> str:
    """Two digits that matter, however small."""
    return f"{100 * share:.2g}%" if share < 0.1 else f"{share:.0%}"
