"""What a combination says, in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys_demo.studies.crosses.combinations import Order
from recsys_demo.studies.crosses.log_codes import LogCodes
from recsys_demo.studies.crosses.statistics import CrossStatistics

ARROW = " → "


@dataclass(frozen=True)
class Row:
    """One combination, ready to be shown. `times` compares with other rows that show the same."""

    values: tuple[str, ...]
    support: int
    positives: int
    rate: float
    low: float
    high: float
    lift: float
    peer_rate: float
    times: float
    noise: bool
    sentence: str


def strongest(
    described: CrossStatistics,
    log: LogCodes,
    by: Order = "surprise",
    min_support: int = 2,
    count: int = 50,
) -> list[Row]:
    """The first combinations of an order that have enough support."""
    found = described.combinations
    order = found.order(by)
    order = order[found.support[order] >= min_support][:count]
    low, high = found.interval
    rate, lift, peer_rate, times = found.rate, found.lift, found.peer_rate, found.times
    noise = found.noise
    return [
        Row(
            values=_readable(described, log, at),
            support=int(found.support[at]),
            positives=int(found.positives[at]),
            rate=float(rate[at]),
            low=float(low[at]),
            high=float(high[at]),
            lift=float(lift[at]),
            peer_rate=float(peer_rate[at]),
            times=float(times[at]),
            noise=bool(noise[at]),
            sentence=sentence(described, log, at),
        )
        for at in order.tolist()
    ]


def finding(described: CrossStatistics, rows: Sequence[Row]) -> str:
    """What stands out among these combinations, the first first; or that nothing does."""
    cross = described.cross
    if not rows:
        return f"No combination of {cross} occurs often enough to get a weight."
    clear = next((row for row in rows if not row.noise), None)
    if clear is None:
        return f"Nothing stands out in {cross}: each of these combinations could be chance."
    told = f"{ARROW.join(clear.values)}: taken in {clear.rate:.0%} of {clear.support:,} rows"
    return told + ("." if math.isnan(clear.peer_rate) else f", by others in {clear.peer_rate:.0%}.")


def sentence(described: CrossStatistics, log: LogCodes, at: int) -> str:
    """Say it in words: `People with installed=Rover take Atlas 3 times as often as others ...`."""
    who, what = _who_and_what(described, log, at)
    found = described.combinations
    counted = f"{found.positives[at]:,} of {found.support[at]:,} rows, {found.rate[at]:.1%}"
    if not who:
        return f"{what} is taken {_times(found.lift[at])} the average row ({counted})."
    subject, taken = f"People with {who}", what or "what they see"
    if not found.peers[at]:
        return f"{subject} are the only ones in the training rows ({counted})."
    peers = f"{found.peer_rate[at]:.1%} of {found.peers[at]:,}"
    others = "others who see it" if what else "others"
    if found.positives[at] == 0 or found.peer_positives[at] == 0:
        own = "never take" if found.positives[at] == 0 else "take"
        theirs = f"take it in {peers}" if found.peer_positives[at] else "never do"
        return f"{subject} {own} {taken} ({counted}); {others} {theirs}."
    return f"{subject} take {taken} {_times(found.times[at])} {others} ({counted}; {peers})."


def _who_and_what(described: CrossStatistics, log: LogCodes, at: int) -> tuple[str, str]:
    """The parts that say for whom and when, and those that say what is shown."""
    shown = log.item_parts(described.cross)
    item = log.encoder.schema.item
    named = [
        value if part.field == item and _is_a_name(value) else f"{part.field}={value}"
        for part, value in zip(described.cross.parts, _readable(described, log, at), strict=True)
    ]
    who = [name for i, name in enumerate(named) if i not in shown]
    return " and ".join(who), " and ".join(named[i] for i in shown)


def _is_a_name(value: str) -> bool:
    """Whether it can stand for itself: `take 7 2.0 times as often` reads as two counts."""
    return any(letter.isalpha() for letter in value)


def _times(times: float) -> str:
    if 0.95 <= times <= 1.05:
        return "about as often as"
    return f"{times:.1f} times as often as" if times >= 0.1 else f"{times:.2f} times as often as"


def _readable(described: CrossStatistics, log: LogCodes, at: int) -> tuple[str, ...]:
    values = described.combinations.values(at, log.encoder)
    item = log.encoder.schema.item
    return tuple(
        log.item_names.get(value, value) if part.field == item else value
        for part, value in zip(described.cross.parts, values, strict=True)
    )


def noise_share(described: CrossStatistics, min_support: int) -> float:
    """Share of the combinations with a weight that could be chance; NaN if there are none."""
    found = described.combinations
    kept = found.support >= min_support
    return float(np.mean(found.noise[kept])) if kept.any() else math.nan
