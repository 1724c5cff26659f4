"""A file that describes the people of a log: its columns are looked up for every row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import to_categories
from recsys_demo.data.notes import join_notes
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem, excerpt


def with_users(
    log: RawTable, users: RawTable, user: str | None, *, is_piece: bool = False
) -> RawTable:
    """The log with the columns that only the other table has, by the user of each row; a column
    that both have stays the log's. How many do not match is told, not of a piece of a log.

    Raises InputError where no column holds the users, one is described twice, or none matches.
    """
    if user is None:
        raise InputError(_no_user(users))
    for table in (log, users):
        if user not in table.frame:
            raise InputError(_no_column(table, user))
    asked, known = to_categories(log.frame[user]), to_categories(users.frame[user])
    names = pd.Index(known.astype("str").where(known.notna(), ""))
    if problems := _described_twice(users, user, known):
        raise InputError(problems)
    at = names.get_indexer(asked.cat.categories.astype("str"))
    rows = np.where(asked.cat.codes >= 0, at[asked.cat.codes], -1)
    added = [name for name in users.frame if name not in log.frame]
    frame = pd.concat([log.frame, _looked_up(users.frame[added], rows, log.frame.index)], axis=1)
    told = () if is_piece else (*users.notes, *join_notes(asked, names, users, "user"))
    return replace(
        log,
        frame=frame,
        list_columns=log.list_columns | (users.list_columns & set(added)),
        unreadable={
            **{n: why for n, why in users.unreadable.items() if n != user},
            **log.unreadable,
        },
        notes=(*log.notes, *told),
    )


def _looked_up(users: pd.DataFrame, rows: npt.NDArray[np.intp], index: pd.Index) -> pd.DataFrame:
    """These rows of a table, missing cells for -1."""
    return users.reset_index(drop=True).reindex(rows).set_axis(index)


def _described_twice(users: RawTable, user: str, known: pd.Series) -> list[Problem]:
    again = np.flatnonzero(known.duplicated().to_numpy() & known.notna().to_numpy())
    return [
        Problem(
            what="the user is described twice",
            where=users.place(int(row), user),
            got=excerpt(str(known.iloc[row])),
            expected="one row per user",
            remedy="Delete all but one of their rows.",
        )
        for row in again[:20]
    ]


def _no_user(users: RawTable) -> Problem:
    return Problem(
        what="nothing says whom the file describes",
        where=users.name,
        got="a schema without a user",
        expected='user = "..." in the schema, a column of the log and of this file',
        remedy="Name the user column, or leave the file of users out.",
    )


def _no_column(table: RawTable, user: str) -> Problem:
    there = ", ".join(excerpt(str(c)) for c in list(table.frame.columns)[:12])
    return Problem(
        what="a file lacks the user column",
        where=table.name,
        got=f"the columns {there}",
        expected=f"a column named {excerpt(user)}",
        remedy="Name the column of the users alike in the log and in the file of users.",
    )
