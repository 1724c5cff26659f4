"""Which of several tables is the log, and which describes its items."""

from __future__ import annotations

from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError


def log_and_items(tables: list[RawTable]) -> tuple[RawTable, RawTable | None]:
    """Which of the tables of an archive is the log, and which describes the items.

    The log is the longest. The other one must share a column with it and have one row per value of
    that column. Raises InputError where two tables do not fit together so.
    """
    ordered = sorted(tables, key=lambda table: -len(table.frame))
    log, others = ordered[0], ordered[1:]
    if not log.has_names and len(others) == 1:
        return log, others[0]  # how they go together is known when the columns have names
    fitting = [table for table in others if _key(log, table) is not None]
    if others and len(fitting) != 1:
        raise InputError.of(
            what="it is not clear which table describes the items",
            where=", ".join(table.name for table in tables),
            got=f"{len(fitting)} tables with one row per value of a column of {log.name}",
            expected="a log, and one file that describes its items",
            remedy="Bring just these two, the column of the item ids named alike in both.",
        )
    return log, fitting[0] if fitting else None


def _key(log: RawTable, items: RawTable) -> str | None:
    for name in items.frame.columns if items.has_names else ():
        if name in log.frame.columns and items.frame[name].is_unique:
            return str(name)
    return None
