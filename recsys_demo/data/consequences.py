"""What using a log will do to its rows, before it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace

from recsys_demo.data.interactions import ReadReport, build_interactions
from recsys_demo.data.leaks import Leak, leak_sentence, leaks, without_leaks
from recsys_demo.data.negatives import with_negatives
from recsys_demo.data.schema import Schema
from recsys_demo.data.splits import SplitConfig, split
from recsys_demo.data.tables import RawTable


@dataclass(frozen=True)
class Consequences:
    """What becomes of the rows. `positive_rate` counts the sampled rows in; `leaks` are the
    fields to move or leave out, or the label is given away."""

    report: ReadReport
    sampled: int
    positive_rate: float
    leaks: tuple[Leak, ...]


def consequences_of(log: RawTable, items: RawTable | None, schema: Schema) -> Consequences:
    """Raises InputError if nothing usable is left, or too little to be cut in parts."""
    rows, report = build_interactions(log, schema, items, bad_rows="drop")
    found = leaks(rows)
    report = replace(report, notes=(*report.notes, *(leak_sentence(one, schema) for one in found)))
    # What can never train is refused before it is used.
    whole = with_negatives(rows, 0)
    split(whole, SplitConfig(kind="random" if schema.split is None else "column"))
    _, done = without_leaks(schema, found)
    to_change = tuple(leak for leak in found if leak.field in done)
    return Consequences(report, len(whole) - len(rows), whole.base_rate, to_change)
