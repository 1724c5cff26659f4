"""Which of several tables is the log, and which describe its items and its people."""

from __future__ import annotations

from recsys_demo.data.tables import RawTable
from recsys_demo.data.user_tables import with_users
from recsys_demo.errors import InputError


def log_and_items(
    tables: list[RawTable], user: str | None = None
) -> tuple[RawTable, RawTable | None]:
    """Which of the tables of an archive is the log, and which describes the items.

    The log is the longest. The others must share a column with it and have one row per value of
    that column; what describes the `user` becomes columns of the log. Raises InputError where
    tables do not fit together so.
    """
    ordered = sorted(tables, key=lambda table: -len(table.frame))
    log, others = ordered[0], ordered[1:]
    for table in [one for one in others if user is not None and _key(log, one) == user]:
        log, others = with_users(log, table, user), [one for one in others if one is not table]
    if not log.has_names and len(others) == 1:
        return log, others[0]  # how they go together is known when the columns have names
    fitting = [table for table in others if _key(log, table) is not None]
    if others and len(fitting) != 1:
        raise InputError.of(
            what="it is not clear which table describes the items",
            where=", ".join(table.name for table in tables),
            got=f"{len(fitting)} tables with one row per value of a column of {log.name}",
            expected="a log, one file that describes its items, and one its users",
            remedy="Bring just these, the column of the ids named alike in the log and its file.",
        )
    return log, fitting[0] if fitting else None


def _key(log: RawTable, items: RawTable) -> str | None:
    for name in items.frame.columns if items.has_names else ():
        if name in log.frame.columns and items.frame[name].is_unique:
            return str(name)
    return None
