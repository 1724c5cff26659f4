"""Sampled negatives for logs that hold only what was taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.catalogue import join_item_fields
from recsys_demo.data.interactions import Interactions
from recsys_demo.errors import InputError, Problem, excerpt

NAMED_USERS = 20
Codes = npt.NDArray[np.int64]


def with_negatives(log: Interactions, seed: int) -> Interactions:
    """The log with the negatives its schema asks for; one with labels of its own stays as it is."""
    per_positive = log.schema.negatives_per_positive
    return log if per_positive is None else sample_negatives(log, per_positive, seed)


def sample_negatives(interactions: Interactions, per_positive: int, seed: int) -> Interactions:
    """A log of positives with `per_positive` sampled negatives after each of its rows.

    The protocol is the one of Frappe_x1 in BARS (from the NFM and AFN papers): for every row,
    distinct items are drawn uniformly from the catalogue items that this user took nowhere in the
    log, whatever part of a split the row will fall into; a negative keeps user, context and `rows`
    of its positive. Fields of the item are looked up in the catalogue for positives as for
    negatives, or a value that changes over time would give the label away.

    Without a user column nobody can be told apart but by the query: the rows that agree in every
    user and context field that is not numeric count as one user.

    Raises InputError where a user took so many items that fewer than `per_positive` are left.
    """
    if interactions.schema.label is not None:
        raise ValueError("this log has labels of its own")
    if per_positive < 1:
        raise ValueError("per_positive must be at least 1")
    taken = _catalogue_positions(interactions)
    users = _query_codes(interactions)
    free = _FreeItems(users, taken, len(interactions.items))
    short = free.count < per_positive
    if short.any():
        raise InputError(_too_few_left(interactions, users, free, short, per_positive))
    rng = np.random.default_rng(seed)
    drawn = free.items(users, _distinct_ranks(free.count[users], per_positive, rng))
    return _with_items(interactions, np.column_stack([taken, drawn]))


def _catalogue_positions(interactions: Interactions) -> Codes:
    """The position in the catalogue of each row's item."""
    ids = interactions.frame[interactions.schema.item].cat
    position = interactions.items.index.get_indexer(ids.categories.astype("str"))
    return np.asarray(position[ids.codes], dtype=np.int64)


def _query_codes(interactions: Interactions) -> Codes:
    """A whole number per row, the same for the same user (or the same query), from 0 on."""
    schema, frame = interactions.schema, interactions.frame
    if schema.user is not None:
        names = [schema.user]
    else:
        names = [n for n, f in schema.fields.items() if f.side != "item" and f.kind != "numeric"]
    codes = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        values = frame[name].cat.codes.to_numpy().astype(np.int64) + 1
        combined = codes * (len(frame[name].cat.categories) + 1) + values
        codes = np.unique(combined, return_inverse=True)[1].astype(np.int64)
    return codes


class _FreeItems:
    """The items each user did not take, found by their rank among them.

    With the taken items t_0 < t_1 < ... of a user, the free item of rank r is r + j, where j
    counts the taken items before it: those with t_j - j <= r.
    """

    def __init__(self, users: Codes, taken: Codes, n_items: int) -> None:
        self._stride = n_items + 1
        pairs = np.unique(users * self._stride + taken)
        owner = pairs // self._stride
        n_taken = np.bincount(owner, minlength=int(users.max()) + 1)
        self._start = np.cumsum(n_taken) - n_taken
        before = np.arange(len(pairs)) - self._start[owner]
        self._gaps = pairs - before
        self.count: Codes = (n_items - n_taken).astype(np.int64)

    def items(self, users: Codes, ranks: Codes) -> Codes:
        """The items of these ranks (rows x draws), one user per row."""
        keys = users[:, None] * self._stride + ranks
        before = np.searchsorted(self._gaps, keys, side="right") - self._start[users][:, None]
        return np.asarray(ranks + before, dtype=np.int64)


def _distinct_ranks(count: Codes, draws: int, rng: np.random.Generator) -> Codes:
    """Per row `draws` different whole numbers below `count` of that row, every set as likely.

    Floyd's algorithm (Bentley and Floyd 1987), all rows at once.
    """
    ranks = np.empty((len(count), draws), dtype=np.int64)
    for column in range(draws):
        highest = count - draws + column
        drawn = rng.integers(0, highest + 1)
        again = (ranks[:, :column] == drawn[:, None]).any(axis=1)
        ranks[:, column] = np.where(again, highest, drawn)
    return ranks


def _with_items(interactions: Interactions, items: Codes) -> Interactions:
    """Each row repeated once per column of `items`, the first being the positive."""
    schema = interactions.schema
    rows, repeats = items.shape
    index = np.repeat(np.arange(rows), repeats)
    labels = np.zeros((rows, repeats), dtype=np.uint8)
    labels[:, 0] = 1
    looked_up = [n for n in schema.of_side("item") if n != schema.item]
    columns = list(interactions.frame.columns)
    frame = interactions.frame.drop(columns=looked_up).iloc[index].reset_index(drop=True)
    ids = pd.Index(interactions.items.index.astype("str"))
    frame[schema.item] = pd.Categorical.from_codes(items.ravel(), categories=ids)
    frame = join_item_fields(frame, interactions.items, schema)[columns]
    return replace(
        interactions,
        frame=frame,
        labels=labels.ravel(),
        rows=interactions.rows[index],
    )


def _too_few_left(
    interactions: Interactions,
    users: Codes,
    free: _FreeItems,
    short: npt.NDArray[np.bool_],
    per_positive: int,
) -> list[Problem]:
    n_items = len(interactions.items)
    column = interactions.schema.user
    problems = []
    for code in np.flatnonzero(short)[:NAMED_USERS]:
        row = int(np.flatnonzero(users == code)[0])
        who = "a query"
        if column is not None:
            who = f"user {excerpt(str(interactions.frame[column].iloc[row]))}"
        problems.append(
            Problem(
                what="too few items are left to draw negatives from",
                where=f"{who} (first in row {interactions.rows[row]})",
                got=f"{n_items - free.count[code]:,} of the {n_items:,} items taken",
                expected=f"at least {per_positive} items never taken",
                remedy="Lower negatives_per_positive, give an item file with more items, or leave "
                "this user out."
                if column is not None
                else "Name the user column, lower negatives_per_positive, or give an item file "
                "with more items.",
            )
        )
    hidden = int(short.sum()) - len(problems)
    if hidden:
        problems.append(replace(problems[-1], where=f"{hidden:,} more of them", got="as above"))
    return problems
