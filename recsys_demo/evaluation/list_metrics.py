"""Metrics of the lists that models would show: how good, how varied, how far from the beaten path.

Relevance [queries, items] is a probability of being installed, or 0 and 1 for held-out installs.
Every metric that reads it is the expected value of its usual 0/1 form when installs of one query
are independent, and is that form for 0 and 1. Recall, NDCG and MAP divide by something expected
too: they are ratios of two expected values, which for probabilities is near the expected ratio but
not equal to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from recsys_demo.evaluation.intervals import LEVEL, Interval, mean_interval, unknown_interval
from recsys_demo.evaluation.lists import NOTHING, Lists
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.evaluation.slices import head_items

Unit = Literal["query", "item"]
Need = Literal["relevance", "categories", "vectors"]


@dataclass(frozen=True)
class ListMetric:
    """A number about lists: the mean over queries, or over items of the catalogue, of what
    `compute` gives for each; NaN where it means nothing.

    `bigger_is_better` is None where it is a matter of taste. `needs` is what must be known.
    """

    key: str
    label: str
    bigger_is_better: bool | None
    help: str
    compute: Callable[[Lists], Floats]
    needs: Need | None = None
    unit: Unit = "query"

    def known_for(self, lists: Lists) -> bool:
        """Whether what it needs is there."""
        if self.needs is None:
            return True
        owner = lists if self.needs == "relevance" else lists.catalogue
        return getattr(owner, self.needs) is not None


def list_report(
    lists: Lists, metrics: Iterable[ListMetric] | None = None, level: float = LEVEL
) -> dict[str, Interval]:
    """Every metric whose needs are met, by key, with its interval over the queries drawn."""
    chosen = LIST_METRICS.values() if metrics is None else metrics
    return {m.key: _mean(m.compute(lists), m.unit, level) for m in chosen if m.known_for(lists)}


def _mean(values: Floats, unit: Unit, level: float) -> Interval:
    known = values[~np.isnan(values)]
    if unit == "item" and len(known):
        return unknown_interval(float(known.mean()), level, n=len(known))
    return mean_interval(known, level, f"normal over {len(known):,} queries")


def _relevance(lists: Lists) -> Floats:
    if lists.relevance is None:
        raise ValueError("this metric needs relevance")
    return lists.relevance


def precision(lists: Lists) -> Floats:
    """Expected share of the k places whose item is installed; an empty place is a miss."""
    return np.asarray(lists.at(_relevance(lists)).mean(axis=1))


def recall(lists: Lists) -> Floats:
    """Expected installs in the list over the expected installs in the whole catalogue."""
    relevance = _relevance(lists)
    return _ratio(lists.at(relevance).sum(axis=1), relevance.sum(axis=1))


def hit_rate(lists: Lists) -> Floats:
    """Chance that at least one item of the list is installed."""
    return np.asarray(1 - np.prod(1 - lists.at(_relevance(lists)), axis=1))


def ndcg(lists: Lists) -> Floats:
    """Discounted gain sum rel_r / log2(r + 1) over that of the best possible list (Järvelin and
    Kekäläinen 2002), with the relevance itself as gain."""
    discount = 1 / np.log2(np.arange(2, lists.items.shape[1] + 2))
    return _ratio(lists.at(_relevance(lists)) @ discount, _ideal(lists) @ discount)


def average_precision(lists: Lists) -> Floats:
    """Sum over the places of rel_r times precision at r, over that of the best possible list.

    For 0 and 1 this is AP at k with min(k, installs) below; else both sums are expected ones,
    E[y_r (y_1 + ... + y_r)] / r = rel_r (1 + rel_1 + ... + rel_(r-1)) / r.
    """
    return _ratio(_precision_sum(lists.at(_relevance(lists))), _precision_sum(_ideal(lists)))


def _precision_sum(relevance: Floats) -> Floats:
    before = np.cumsum(relevance, axis=1) - relevance
    place = np.arange(1, relevance.shape[1] + 1)
    return np.asarray((relevance * (1 + before) / place).sum(axis=1))


def _ideal(lists: Lists) -> Floats:
    """Relevance of the best possible lists, [queries, k]; 0 in places nothing is left for."""
    k = lists.items.shape[1]
    best = -np.sort(-_relevance(lists), axis=1)[:, :k]
    return np.pad(best, ((0, 0), (0, k - best.shape[1])))


def coverage(lists: Lists) -> Floats:
    """1 for every item that some list shows, else 0, [items]."""
    shown = np.zeros(len(lists.catalogue.popularity))
    shown[lists.items[lists.shown]] = 1
    return shown


def novelty(lists: Lists) -> Floats:
    """Mean of -log2 of the shown items' share of the training rows (self-information, Zhou et al.
    2010); one row is added to every item so that an unseen one has a share."""
    counts = lists.catalogue.popularity + 1.0
    return _of_shown(lists, lists.at(-np.log2(counts / counts.sum())))


def head_share(lists: Lists) -> Floats:
    """Share of the places that go to head items (`slices.head_items`)."""
    head = head_items(lists.catalogue.popularity).astype(np.float64)
    return _of_shown(lists, lists.at(head))


def category_diversity(lists: Lists) -> Floats:
    """Share of the pairs of a list whose categories differ; an item without one is like no
    other."""
    categories = lists.catalogue.categories
    if categories is None:
        raise ValueError("this metric needs categories")
    of_place = categories[np.maximum(lists.items, 0)]
    grouped = np.where(lists.shown & (of_place >= 0), of_place, NOTHING)
    # Sorted, the members of a category follow one another: the j-th makes j - 1 equal pairs.
    ordered = np.sort(grouped, axis=1)
    same = np.zeros(len(ordered))
    run = np.zeros(len(ordered))
    for place in range(1, ordered.shape[1]):
        alike = (ordered[:, place] == ordered[:, place - 1]) & (ordered[:, place] != NOTHING)
        run = np.where(alike, run + 1, 0)
        same += run
    pairs = _pairs(lists)
    return np.asarray(1 - _ratio(same, pairs))


def vector_diversity(lists: Lists) -> Floats:
    """Mean of 1 - cosine over the pairs of a list; a zero vector has cosine 0 to any other."""
    vectors = lists.catalogue.vectors
    if vectors is None:
        raise ValueError("this metric needs vectors")
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(
        vectors, length, out=np.zeros_like(vectors, dtype=np.float64), where=length > 0
    )
    of_place = np.where(lists.shown[:, :, None], unit[np.maximum(lists.items, 0)], 0.0)
    # |sum u|^2 = sum |u|^2 + 2 sum over pairs of cosines.
    total = (of_place.sum(axis=1) ** 2).sum(axis=1) - (of_place**2).sum(axis=(1, 2))
    return np.asarray(1 - _ratio(total / 2, _pairs(lists)))


def _pairs(lists: Lists) -> Floats:
    length = lists.shown.sum(axis=1).astype(np.float64)
    return np.asarray(length * (length - 1) / 2)


def _of_shown(lists: Lists, values: Floats) -> Floats:
    return _ratio(values.sum(axis=1), lists.shown.sum(axis=1).astype(np.float64))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))


_ALL = (
    ListMetric(
        "precision",
        "precision@k",
        True,
        "Share of the shown apps that would be installed.",
        precision,
        "relevance",
    ),
    ListMetric(
        "recall",
        "recall@k",
        True,
        "Expected installs in the list over those expected of the whole catalogue.",
        recall,
        "relevance",
    ),
    ListMetric(
        "ndcg",
        "NDCG@k",
        True,
        "Installs, each worth less the lower its place, over those of the best possible list.",
        ndcg,
        "relevance",
    ),
    ListMetric(
        "map",
        "MAP@k",
        True,
        "Precision at every installed place, over that of the best possible list.",
        average_precision,
        "relevance",
    ),
    ListMetric(
        "hit_rate",
        "hit rate@k",
        True,
        "Chance that at least one shown app is installed.",
        hit_rate,
        "relevance",
    ),
    ListMetric(
        "coverage",
        "catalogue coverage",
        None,
        "Share of the catalogue that at least one list shows; it grows with the queries drawn.",
        coverage,
        unit="item",
    ),
    ListMetric(
        "novelty",
        "novelty",
        None,
        "Bits of surprise at a shown app, by its share of the training rows: 1 more is half as "
        "popular.",
        novelty,
    ),
    ListMetric(
        "category_diversity",
        "diversity by category",
        None,
        "Share of the pairs in a list that are of different categories.",
        category_diversity,
        "categories",
    ),
    ListMetric(
        "vector_diversity",
        "diversity by vector",
        None,
        "Mean of 1 - cosine over the pairs in a list.",
        vector_diversity,
        "vectors",
    ),
    ListMetric(
        "head_share",
        "share of the head",
        None,
        "Share of the places given to the few apps that hold half of the training rows.",
        head_share,
    ),
)


LIST_METRICS: Mapping[str, ListMetric] = MappingProxyType({metric.key: metric for metric in _ALL})
