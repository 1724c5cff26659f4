"""The users or queries a log knows, by their last rows: what recommendations can begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.sources import Dataset

KNOWN_QUERIES = 5000


def known_queries(dataset: Dataset) -> pd.DataFrame:
    """The users of the log with the user and context fields of their last row, at most
    `KNOWN_QUERIES` of them; without a user column, different queries of the log."""
    return last_queries([dataset.train, dataset.valid, dataset.test])


def last_queries(parts: Iterable[Interactions]) -> pd.DataFrame:
    """`known_queries` of these rows, however many pieces they come in."""
    known: pd.DataFrame | None = None
    for part in parts:
        schema = part.schema
        names = [n for n, f in schema.fields.items() if f.side != "item" and n != schema.user]
        columns = ([schema.user] if schema.user is not None else []) + names
        one_each: Any = {"subset": schema.user or columns, "keep": "last"}
        # Before categories become text, which takes many times their room.
        frame = part.frame[columns].drop_duplicates(**one_each).astype(_plain(part, columns))
        both = frame if known is None else pd.concat([known, frame])
        known = both.drop_duplicates(**one_each)
    assert known is not None  # a log has parts
    known = known.head(KNOWN_QUERIES)
    if schema.user is None:
        return known.reset_index(drop=True)
    return known.sort_values(schema.user).set_index(schema.user)


def _plain(part: Interactions, columns: Sequence[str]) -> dict[str, str]:
    categorical = [c for c in columns if isinstance(part.frame[c].dtype, pd.CategoricalDtype)]
    return dict.fromkeys(categorical, "str")
