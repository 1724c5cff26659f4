"""Small logs for the tests of this folder."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recsys_demo.data.archive import tables_of
from recsys_demo.data.guessing.schemas import guess_schema
from recsys_demo.data.interactions import Interactions, build_interactions
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.reading import RawTable, read_bytes
from recsys_demo.data.schema import Field, Schema

HEADER = "user,item,age,tags,label"
ROWS = [f"u{i % 7},i{i % 5},{20 + i % 13},a|b{i % 3},{(i * 7 // 3) % 2}" for i in range(60)]


def csv(*rows: str, header: str = HEADER, end: str = "\n") -> bytes:
    """A CSV of the usual rows, and these after them."""
    return (end.join([header, *ROWS, *rows]) + end).encode()


def text(*rows: str, header: str) -> bytes:
    """A CSV of just these rows."""
    return ("\n".join([header, *rows]) + "\n").encode()


def parquet(**columns: object) -> bytes:
    """A Parquet file of these columns."""
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def zipped(**files: bytes) -> bytes:
    """A zip archive; `__` in a name stands for a dot."""
    return zipped_as({name.replace("__", "."): data for name, data in files.items()})


def zipped_as(files: dict[str, bytes]) -> bytes:
    """A zip archive of files by their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def table(**columns: list[str]) -> RawTable:
    """A table as if read from a CSV."""
    return read_bytes(pd.DataFrame(columns).to_csv(index=False).encode(), "table.csv")


def take_in(content: bytes, name: str = "log.csv") -> Interactions:
    """The way of a stranger's file through the lab: read, guessed, built, unusable rows left."""
    log, items = log_and_items(tables_of(content, name))
    guess = guess_schema(log, items)
    return build_interactions(log, guess.schema, items, "drop")[0]


def positives(
    rows: int = 400, users: int = 20, items: int = 30, seed: int = 0, *, user: bool = True
) -> Interactions:
    """A log of positives with a context, and a catalogue with a category per item."""
    rng = np.random.default_rng(seed)
    raw = table(
        user=[f"u{u}" for u in rng.integers(0, users, rows)],
        item=[str(i) for i in rng.integers(0, items, rows)],
        day=[f"d{d}" for d in rng.integers(0, 3, rows)],
        time=[str(t) for t in rng.integers(0, 50, rows)],
    )
    catalogue = table(
        item=[str(i) for i in range(items)], category=[f"c{i % 4}" for i in range(items)]
    )
    fields = {"user": Field(side="user"), "item": Field(side="item"), "day": Field()}
    fields["category"] = Field(side="item")
    if not user:
        del fields["user"]
    schema = Schema(
        negatives_per_positive=2,
        user="user" if user else None,
        item="item",
        time="time",
        fields=fields,
    )
    return build_interactions(raw, schema, catalogue)[0]


def labelled(rows: int = 600, seed: int = 0, **roles: object) -> Interactions:
    """A log with labels, installed apps (multi-valued), time and a split column."""
    rng = np.random.default_rng(seed)
    parts = rng.choice(["train", "valid", "test", "withheld"], rows, p=[0.6, 0.15, 0.2, 0.05])
    raw = table(
        label=[str(v) for v in rng.integers(0, 2, rows)],
        user=[f"u{u}" for u in rng.integers(0, 40, rows)],
        item=[f"i{i}" for i in rng.integers(0, 25, rows)],
        installed=[
            "|".join(f"i{i}" for i in rng.integers(0, 25, n)) for n in rng.integers(0, 4, rows)
        ],
        time=[str(t) for t in rng.integers(0, 60, rows)],
        part=list(parts),
    )
    schema = Schema.model_validate(
        {
            "label": "label",
            "user": "user",
            "item": "item",
            "time": "time",
            "split": "part",
            "fields": {
                "user": Field(side="user"),
                "item": Field(side="item"),
                "installed": Field(kind="multi", side="user"),
            },
        }
        | roles
    )
    return build_interactions(raw, schema)[0]
