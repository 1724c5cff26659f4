"""Sampled negatives keep the published protocol."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.negatives import sample_negatives
from recsys_demo.errors import InputError
from tests.making.files import labelled, positives


def taken_by(log: Interactions, key: str = "user") -> dict[str, set[str]]:
    taken: dict[str, set[str]] = {}
    for who, item in zip(log.frame[key], log.frame["item"], strict=True):
        taken.setdefault(who, set()).add(item)
    return taken


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 300))
def test_negatives_are_distinct_and_never_taken_by_their_user(seed: int, k: int, rows: int) -> None:
    log = positives(rows, users=9, items=60, seed=seed % 1000)
    sampled = sample_negatives(log, k, seed)
    taken = taken_by(log)
    assert len(sampled) == rows * (k + 1)
    items = sampled.frame["item"].to_numpy().reshape(rows, k + 1)
    users = sampled.frame["user"].to_numpy().reshape(rows, k + 1)
    assert (sampled.labels.reshape(rows, k + 1) == [1] + [0] * k).all()
    assert (items[:, 0] == log.frame["item"].to_numpy()).all()
    assert (users == log.frame["user"].to_numpy()[:, None]).all()
    for row in range(rows):
        assert len(set(items[row])) == k + 1
        assert not taken[users[row, 0]] & set(items[row, 1:])


def test_a_negative_has_the_context_and_row_of_its_positive_and_fields_of_its_item() -> None:
    log = positives()
    sampled = sample_negatives(log, 2, 1)
    for name in ("day", "time", "user"):
        assert (sampled.frame[name].to_numpy() == log.frame[name].to_numpy().repeat(3)).all()
    assert (sampled.rows == log.rows.repeat(3)).all()
    category = dict(zip(log.items.index, log.items["category"], strict=True))
    expected = [category[item] for item in sampled.frame["item"]]
    assert list(sampled.frame["category"]) == expected


def test_items_nobody_took_are_drawn_too() -> None:
    log = positives(rows=100, items=200)
    sampled = sample_negatives(log, 4, 0)
    assert set(sampled.frame["item"]) > set(log.frame["item"])


def test_the_seed_decides() -> None:
    log = positives()
    first, again, other = (sample_negatives(log, 2, seed).frame["item"] for seed in (3, 3, 4))
    assert first.equals(again)
    assert not first.equals(other)


def test_every_free_item_is_as_likely() -> None:
    log = positives(rows=10, users=1, items=16, seed=2)
    free = sorted(set(log.items.index) - set(log.frame["item"]))
    counts = dict.fromkeys(free, 0)
    for seed in range(200):
        sampled = sample_negatives(log, 2, seed)
        for item in sampled.frame["item"].to_numpy()[sampled.labels == 0]:
            counts[item] += 1
    expected = 10 * 2 * 200 / len(free)
    chi_square = sum((n - expected) ** 2 / expected for n in counts.values())
    assert chi_square < 3 * len(free)


def test_a_user_who_took_everything_is_named() -> None:
    log = positives(rows=900, users=2, items=5)
    with pytest.raises(InputError) as caught:
        sample_negatives(log, 2, 0)
    assert len(caught.value.problems) == 2
    assert 'user "u' in str(caught.value)
    assert "5 of the 5 items taken" in str(caught.value)


def test_exactly_enough_items_left_are_all_drawn() -> None:
    log = positives(rows=200, users=1, items=6)
    few = log.take(~log.frame["item"].isin(["0", "1", "2"]).to_numpy())
    sampled = sample_negatives(few, 3, 0)
    drawn = sampled.frame["item"].to_numpy().reshape(-1, 4)[:, 1:]
    assert all(set(row) == {"0", "1", "2"} for row in drawn)


def test_without_a_user_the_query_counts_as_one() -> None:
    log = positives(user=False, rows=60, items=80)
    sampled = sample_negatives(log, 2, 0)
    taken = taken_by(log, "day")
    negatives = sampled.take(sampled.labels == 0)
    for day, item in zip(negatives.frame["day"], negatives.frame["item"], strict=True):
        assert item not in taken[day]


def test_an_item_field_that_changes_cannot_give_the_label_away() -> None:
    log = positives()
    changed = log.frame["category"].cat.add_categories(["sale"])
    changed.iloc[1:] = "sale"
    sampled = sample_negatives(replace(log, frame=log.frame.assign(category=changed)), 1, 0)
    assert "sale" not in set(sampled.frame["category"])


def test_a_log_with_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="labels of its own"):
        sample_negatives(labelled(), 2, 0)
    with pytest.raises(ValueError, match="at least 1"):
        sample_negatives(positives(), 0, 0)


def test_frame_is_as_sound_as_that_of_a_file() -> None:
    sampled = sample_negatives(positives(), 2, 0)
    assert sampled.frame.index.equals(positives(rows=1200).frame.index)
    assert list(sampled.frame.columns) == list(positives().frame.columns)
    assert np.isfinite(sampled.frame["time"]).all()
