"""Popularity against counting row by row, and bands in which it decides nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from recsys_demo.data.interactions import Interactions, build_interactions
from recsys_demo.data.negatives import with_negatives
from recsys_demo.data.pairs import pair_support
from recsys_demo.data.schema import Schema
from recsys_demo.data.splits import SplitConfig, split
from recsys_demo.evaluation.metrics import auc
from recsys_demo.evaluation.popularity import PRIOR_ROWS, Popularity
from recsys_demo.evaluation.slices import (
    default_slices,
    rivals,
    seen_slices,
    support_slices,
)
from tests.making.files import table
from tests.making.logs import random_log

SHOP = """
negatives_per_positive = 2
user = "user"
item = "item"
[fields]
user = {side = "user"}
item = {side = "item"}
"""
BANDS = ("never", "rare", "medium", "frequent")


def shop(rows: int = 6_000, seed: int = 0) -> Interactions:
    """Purchases without any taste: people buy by popularity alone, half of the time a pair that
    they had before."""
    rng = np.random.default_rng(seed)
    weight = 1 / np.arange(1, 301)
    user = rng.integers(0, 40, rows)
    item = rng.choice(300, rows, p=weight / weight.sum())
    raw = table(user=[f"u{u}" for u in user], item=[f"i{i}" for i in item])
    return with_negatives(build_interactions(raw, Schema.parse(SHOP))[0], seed=1)


def test_an_item_stands_by_its_own_rate_and_a_new_one_by_the_base_rate() -> None:
    whole = random_log(200)
    known = (whole.frame["app"] != "app0").to_numpy()
    train, new = whole.take(known), whole.take(~known)
    base = (train.labels.sum() + 0.5) / (len(train) + 1)
    assert expit(Popularity.of(train).logits(new)) == pytest.approx(np.full(len(new), base))
    apps = train.frame["app"].astype(str).to_numpy()
    for app, logit in zip(apps, Popularity.of(train).logits(train), strict=True):
        own = train.labels[apps == app]
        rate = (own.sum() + PRIOR_ROWS * base) / (len(own) + PRIOR_ROWS)
        assert expit(logit) == pytest.approx(rate)


def test_pieces_count_like_the_whole() -> None:
    whole = random_log(200)
    counted = Popularity()
    for start in range(0, 200, 60):
        counted.add(whole.take(np.arange(start, min(start + 60, 200))))
    assert (counted.logits(whole) == Popularity.of(whole).logits(whole)).all()


@pytest.mark.parametrize("seed", range(3))
def test_no_band_of_sampled_negatives_praises_popularity(seed: int) -> None:
    parts = split(shop(seed=seed), SplitConfig(kind="random"))
    train, test = parts.train, parts.test
    logits = Popularity.of(train).logits(test)
    slices = {one.key: one.mask for one in default_slices(train, test)}
    assert auc(test.labels, logits) > 0.75  # on all rows popularity decides
    against = rivals(train, test)
    support = pair_support(train, test)
    buckets = [one.mask for one in support_slices(support, against)]
    seen = [one.mask for one in seen_slices(support > 0, "cross", "cross", against)]
    for mask in (*(slices[key] for key in BANDS), *buckets, *seen):
        labels = test.labels[mask]
        assert labels.sum() * 2 == len(labels)
        if len(labels):
            chance = (1 / (3 * len(labels))) ** 0.5  # standard error of an AUC of .5
            assert auc(labels, logits[mask]) == pytest.approx(0.5, abs=0.02 + 3 * chance)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1_000))
def test_a_band_keeps_its_own_positives_only(seed: int) -> None:
    parts = split(shop(900, seed), SplitConfig(kind="random"))
    support = pair_support(parts.train, parts.test)
    positive = parts.test.labels == 1
    for key, low, high in (("never", 0, 0), ("rare", 1, 4), ("medium", 5, 19)):
        (mask,) = [s.mask for s in default_slices(parts.train, parts.test) if s.key == key]
        assert ((support[mask & positive] >= low) & (support[mask & positive] <= high)).all()


def test_logs_with_labels_of_their_own_keep_all_rows_of_a_band() -> None:
    whole = random_log(60)
    assert rivals(whole, whole) is None
    assert sum(len(one) for one in default_slices(whole, whole) if one.key in BANDS) == 60
    sampled = replace(whole, schema=whole.schema.model_copy(update={"negatives_per_positive": 1}))
    assert rivals(sampled, sampled) is not None
