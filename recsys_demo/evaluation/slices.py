"""Named sets of rows: what overall metrics hide is how often a row's pair was there to remember."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.pairs import pair_support, sliced_pair, with_pair
from recsys_demo.evaluation.popularity import Popularity

Mask = npt.NDArray[np.bool_]
Support = npt.NDArray[np.int64]

MATCHED = ", each against a sampled negative of an equally popular item"
LEVELS = 4  # of popularity, for every doubling
# Bounds of the buckets of the support curve: never, 1, 2 to 4, 5 to 9, 10 to 19, 20 and more.
SUPPORT_BUCKETS = ((0, 0), (1, 1), (2, 4), (5, 9), (10, 19), (20, None))


@dataclass(frozen=True, eq=False)
class Slice:
    """Some rows of a part, by a mask [rows]."""

    key: str
    label: str
    mask: Mask
    help: str = ""

    def __len__(self) -> int:
        return int(self.mask.sum())


def default_slices(train: Interactions, part: Interactions) -> tuple[Slice, ...]:
    """All rows, rows by the support of the log's pair (`sliced_pair`), and what only planted data
    know."""
    pair = sliced_pair(train)
    train, part = with_pair(train, pair), with_pair(part, pair)
    return slices_by_support(pair_support(train, part), part, rivals(train, part))


def slices_by_support(
    support: Support, part: Interactions, rivals: Rivals | None = None
) -> tuple[Slice, ...]:
    """`default_slices` for rows whose support (`pair_support`, [rows]) is known. `rivals` are given
    where negatives were sampled."""
    pair = " x ".join(part.schema.pair)
    bands = (
        ("never", "never seen", 0, 0, f"no training row has their {pair} pair"),
        ("rare", "seen 1 to 4 times", 1, 4, f"1 to 4 training rows have their {pair} pair"),
        ("medium", "seen 5 to 19 times", 5, 19, f"5 to 19 training rows have their {pair} pair"),
        (
            "frequent",
            "seen 20+ times",
            20,
            None,
            f"20 or more training rows have their {pair} pair",
        ),
    )
    slices = [Slice("all", "all rows", np.ones(len(part), dtype=bool), "every row of the part")]
    for key, label, low, high, meaning in bands:
        slices.append(_compared(key, label, _band(support, low, high), meaning, rivals))
    return (*slices, *_planted(part))


def _band(support: Support, low: int, high: int | None) -> Mask:
    return support >= low if high is None else (support >= low) & (support <= high)


@dataclass(frozen=True, eq=False)
class Rivals:
    """The sampled negatives of a part, by how often their items are taken.

    They are new pairs by construction: a band of support holds positives only, and beside all
    negatives its positives would stand out by the popularity of their items. `levels` [rows]:
    the popularity of each row's item, rows of one level within a fifth of each other.
    """

    labels: npt.NDArray[np.uint8]
    levels: Support

    def beside(self, mask: Mask) -> Mask:
        """The positives of `mask` and as many negatives of each level. Where one kind has fewer
        rows of a level, just as many of the other are kept, evenly over the part."""
        found = np.zeros(len(mask), dtype=bool)
        positive, negative = (mask & (self.labels == 1)), self.labels == 0
        for level in np.unique(self.levels[positive]):
            here = self.levels == level
            ours, theirs = np.flatnonzero(positive & here), np.flatnonzero(negative & here)
            count = min(len(ours), len(theirs))
            for rows in (ours, theirs):
                found[rows[np.arange(count) * len(rows) // max(count, 1)]] = True
        return found


def rivals(train: Interactions, part: Interactions) -> Rivals | None:
    """The negatives of `part` if they were sampled, with their popularity in training rows."""
    if part.schema.negatives_per_positive is None:
        return None
    taken = Popularity.of(train).taken(part)
    return Rivals(part.labels, np.rint(LEVELS * np.log2(1 + taken)).astype(np.int64))


def _compared(key: str, label: str, mask: Mask, meaning: str, rivals: Rivals | None) -> Slice:
    """The rows of `mask`; where negatives were sampled, its positives beside equally popular
    negatives."""
    if rivals is None:
        return Slice(key, label, mask, meaning)
    return Slice(key, label, rivals.beside(mask), meaning + MATCHED)


def _planted(part: Interactions) -> Sequence[Slice]:
    truth = part.schema.truth
    if truth is None:
        return ()
    return (
        Slice(
            "exceptions",
            "planted exceptions",
            part.frame[truth.exception].to_numpy() > 0,
            "a planted exception decides them: the pair must be memorized",
        ),
        Slice(
            "held_out",
            "held-out pairs",
            part.frame[truth.held_out].to_numpy() > 0,
            "a pair of theirs was kept out of training on purpose",
        ),
    )


def support_slices(support: Support, rivals: Rivals | None = None) -> tuple[Slice, ...]:
    """The buckets of the support curve, for rows with this support."""
    slices = []
    for low, high in SUPPORT_BUCKETS:
        name = "never" if high == 0 else str(low) if low == high else f"{low} to {high}"
        label = f"{low}+" if high is None else name
        mask = _band(support, low, high)
        slices.append(_compared(f"support_{low}", label, mask, f"seen {label} times", rivals))
    return tuple(slices)


def seen_slices(
    seen: Mask, key: str, name: str, rivals: Rivals | None = None
) -> tuple[Slice, Slice]:
    """Rows with something that training rows had (`seen` [rows]), and rows without."""
    there = "at least one of its combinations occurred in training"
    absent = "none of its combinations occurred in training"
    return (
        _compared(f"{key}_seen", f"{name}: seen", seen, there, rivals),
        _compared(f"{key}_unseen", f"{name}: unseen", ~seen, absent, rivals),
    )


RARE = 5  # a user or item of fewer training rows is rare
HEAD_SHARE = 0.5


def head_items(counts: npt.NDArray[np.integer], share: float = HEAD_SHARE) -> Mask:
    """The fewest items that together hold at least `share` of the rows, [items], by their row
    counts; of equally frequent ones the earlier."""
    order = np.argsort(-counts.astype(np.int64), kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    head = np.zeros(len(counts), dtype=bool)
    head[order] = (before < share * counts.sum()) & (counts[order] > 0)
    return head


def entity_slices(train: Interactions, part: Interactions) -> tuple[Slice, ...]:
    """Rows of unseen, rare and other users and items, and of head and tail items, all judged by
    training rows. Logs without a user column have the items' slices only."""
    slices: list[Slice] = []
    if train.schema.user is not None:
        rows = _own_support(train, part, train.schema.user)[0]
        slices += _frequency_slices("users", rows)
    rows, head = _own_support(train, part, train.schema.item)
    slices += _frequency_slices("items", rows)
    share = f"{HEAD_SHARE:.0%}"
    slices.append(
        Slice("head", "head items", head, f"the fewest items that hold {share} of training rows")
    )
    slices.append(
        Slice(
            "tail", "tail items", (rows > 0) & ~head, "items of training that are not in the head"
        )
    )
    return tuple(slices)


def swept_slices(train: Interactions, part: Interactions) -> tuple[Slice, ...]:
    """What runs of a sweep are measured on: the default slices, then head and tail items."""
    ends = [one for one in entity_slices(train, part) if one.key in ("head", "tail")]
    return (*default_slices(train, part), *ends)


def _frequency_slices(who: str, rows: Support) -> list[Slice]:
    return [
        Slice(f"unseen_{who}", f"unseen {who}", rows == 0, f"{who} of no training row"),
        Slice(
            f"rare_{who}",
            f"rare {who}",
            (rows > 0) & (rows < RARE),
            f"{who} of 1 to {RARE - 1} training rows",
        ),
        Slice(f"known_{who}", f"known {who}", rows >= RARE, f"{who} of {RARE}+ training rows"),
    ]


def _own_support(train: Interactions, part: Interactions, column: str) -> tuple[Support, Mask]:
    """For the user or item of each row of `part`: its training rows, and whether it is in the
    head."""
    seen, here = train.frame[column].cat, part.frame[column].cat
    counts = np.bincount(seen.codes[seen.codes >= 0], minlength=len(seen.categories))
    at = np.append(seen.categories.get_indexer(here.categories), -1)[here.codes.to_numpy()]
    # A value without training rows is at -1: the zero and the False appended last.
    return np.append(counts, 0)[at].astype(np.int64), np.append(head_items(counts), False)[at]
