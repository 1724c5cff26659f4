"""The users or queries a log knows, by their last rows, and what they took: what recommendations
begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recsys_demo.data.catalogue import stacked_frames
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Schema

if TYPE_CHECKING:
    from recsys_demo.data.sources import Dataset

MOST_NAMELESS = 5_000  # queries kept of a log without users: nobody asks for one by its name
USER, ITEM = "user", "item"  # columns of `People.taken`
_ORDER = [0, 1, 2]  # columns with the time, the file and its row: a field has a text for a name


@dataclass(frozen=True, eq=False)
class People:
    """Whom a log knows.

    `queries`: per user the user and context fields of their last row; without a user column the
    last different queries. `taken`: a row per user and item with a label 1, categorical columns
    `USER` and `ITEM`.
    """

    queries: pd.DataFrame
    taken: pd.DataFrame


def people_of(dataset: Dataset) -> People:
    """The people of all parts of a log."""
    files = (0, 1, 2) if dataset.in_parts else (0, 0, 0)
    parts = (dataset.train, dataset.valid, dataset.test)
    return people_in(zip(files, parts, strict=True))


def people_in(pieces: Iterable[tuple[int, Interactions]]) -> People:
    """The people of pieces of a log, each with the number of its file.

    A user's last row is the last in time; where the log has no time, or the same one, the last row
    of the last file. Pieces may come in any order; no more is kept of them than what they add.
    """
    schema: Schema | None = None
    rows: list[pd.DataFrame] = []
    taken: list[pd.DataFrame] = []
    for file, part in pieces:
        schema = part.schema
        rows.append(_last_rows(part, file))
        taken.append(_taken(part))
        # Joined once what is new is as much as what is known: many small pieces cost no more.
        if _is_much(rows):
            rows = [_last_in(rows, schema)]
        if _is_much(taken):
            taken = [_different(taken)]
    assert schema is not None  # a log has parts
    known = _last_in(rows, schema).drop(columns=_ORDER).reset_index(drop=True)
    if schema.user is not None:
        known = known.sort_values(schema.user).set_index(schema.user)
    return People(known, _different(taken))


def taken_by(taken: pd.DataFrame, user: str) -> list[str]:
    """The items a user took (`People.taken`)."""
    column = taken[USER].cat
    at = int(column.categories.get_indexer(pd.Index([user]))[0])
    own = (column.codes == at).to_numpy() & (at >= 0)
    return [str(item) for item in taken[ITEM][own]]


def _is_much(frames: Sequence[pd.DataFrame]) -> bool:
    return len(frames) > 1 and sum(map(len, frames[1:])) >= len(frames[0])


def _last_rows(part: Interactions, file: int) -> pd.DataFrame:
    """The last row of every user, else the last of equal queries: fields as text and numbers, and
    when and where the row was."""
    schema, frame = part.schema, part.frame
    time = np.zeros(len(part)) if schema.time is None else frame[schema.time].to_numpy(np.float64)
    time = np.where(np.isnan(time), -np.inf, time)
    kept = np.lexsort((part.rows, time))
    names = _names(schema)
    if schema.user is not None:
        users = frame[schema.user].cat
        last = np.full(len(users.categories), -1, dtype=np.int64)
        last[users.codes.to_numpy()[kept]] = kept  # what is written last stays
        kept = last[last >= 0]
    found = frame[names].iloc[kept].copy()
    for label, values in zip(_ORDER, (time[kept], file, part.rows[kept]), strict=True):
        found[label] = values
    # Only then categories become text, which takes many times their room.
    categorical = [n for n in names if isinstance(frame[n].dtype, pd.CategoricalDtype)]
    return _last_in([found], schema).astype(dict.fromkeys(categorical, "str"))


def _last_in(frames: Sequence[pd.DataFrame], schema: Schema) -> pd.DataFrame:
    """The last row of each user, or of equal queries, of some last rows."""
    rows = pd.concat(list(frames))
    ordered = rows.iloc[np.lexsort([rows[label].to_numpy() for label in reversed(_ORDER)])]
    same = [schema.user] if schema.user is not None else _names(schema)
    # Where rows are about items alone, all queries are the same.
    last: pd.DataFrame = ordered.drop_duplicates(same, keep="last") if same else ordered.tail(1)
    return last if schema.user is not None else last.tail(MOST_NAMELESS)


def _names(schema: Schema) -> list[str]:
    own = [n for n, f in schema.fields.items() if f.side != "item" and n != schema.user]
    return own if schema.user is None else [schema.user, *own]


def _taken(part: Interactions) -> pd.DataFrame:
    """The different pairs of a user and an item they took."""
    user, item = part.schema.user, part.schema.item
    if user is None:
        nobody = pd.Categorical(pd.Index([], dtype="str"))
        return pd.DataFrame({USER: nobody, ITEM: nobody})
    taken = part.frame[[user, item]][part.labels == 1].set_axis([USER, ITEM], axis=1)
    different: pd.DataFrame = taken.drop_duplicates(ignore_index=True)
    return different


def _different(pairs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Pairs without repeats, by user, with no more categories than they need."""
    whole = stacked_frames(pairs).drop_duplicates()
    for name in (USER, ITEM):
        used = whole[name].cat.remove_unused_categories()
        whole[name] = used.cat.set_categories(sorted(used.cat.categories))
    by_code = np.lexsort((whole[ITEM].cat.codes, whole[USER].cat.codes))
    return whole.iloc[by_code].reset_index(drop=True)
