"""Small logs whose right answer is known, built the way a person's file would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from recsys_demo.data.interactions import Interactions, build_interactions
from recsys_demo.data.reading import RawTable
from recsys_demo.data.schema import Schema

SCHEMA = """
label = "label"
user = "user"
item = "app"
[fields]
app = {kind = "categorical", side = "item"}
country = {kind = "categorical", side = "user"}
installed = {kind = "multi", side = "user", separator = "|"}
age = {kind = "numeric", side = "user", quantiles = 10}
"""


def log(columns: Mapping[str, Sequence[object]], schema: str = SCHEMA) -> Interactions:
    """A log from columns of plain values; None is an empty cell."""
    frame = pd.DataFrame({name: pd.Series(list(cells)) for name, cells in columns.items()})
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name].dtype):
            frame[name] = frame[name].astype("category")
    interactions, _ = build_interactions(RawTable(frame, "log"), Schema.parse(schema))
    return interactions


def random_log(rows: int, seed: int = 0) -> Interactions:
    """Rows without any structure, some cells missing."""
    rng = np.random.default_rng(seed)
    apps = [f"app{i}" for i in range(6)]

    def installed() -> str | None:
        names = rng.choice(apps, rng.integers(0, 4), replace=False)
        return "|".join(names) or None

    return log(
        {
            "label": [*rng.integers(0, 2, max(rows - 2, 0)), 0, 1][-rows:],
            "user": [f"u{i}" for i in rng.integers(0, 20, rows)],
            "app": rng.choice(apps, rows),
            "country": rng.choice(["ch", "it", None], rows),  # type: ignore[arg-type] # mixed
            "installed": [installed() for _ in range(rows)],
            "age": np.where(rng.random(rows) < 0.1, np.nan, rng.integers(10, 80, rows)),
        }
    )


def three_fields(label: str, rows: int = 2500, seed: int = 0) -> Interactions:
    """A log with fields a, b and c of eight values whose label is a known function of the three.

    `xor`: an odd number of them is in its upper half; no two of them tell anything. `signed`: the
    sign of z_a z_b + z_a z_c - z_b z_c for a hidden number z of every value.
    """
    hidden = np.random.default_rng(7).normal(size=(3, 8))
    codes = np.random.default_rng(seed).integers(0, 8, (3, rows))
    if label == "xor":
        y = (codes >= 4).sum(0) % 2
    else:
        a, b, c = np.take_along_axis(hidden, codes, axis=1)
        y = (a * b + a * c - b * c > 0).astype(int)
    sides = "".join(f'{name}={{side="user"}}\n' for name in "ab")
    schema = f'label="label"\nitem="c"\n[fields]\n{sides}c={{side="item"}}\n'
    cells = {name: [f"{name}{i}" for i in own] for name, own in zip("abc", codes, strict=True)}
    return log({"label": y, **cells}, schema)


def two_fields(label: str, rows: int = 4000, cardinality: int = 8, seed: int = 0) -> Interactions:
    """A log with fields a and b whose label is a known function of the two.

    `xor`: a and b both in their upper half or both not. `affinity`: sign of a rank-2 product of
    hidden vectors.
    """
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, cardinality, (2, rows))
    if label == "xor":
        y = (a >= cardinality // 2) ^ (b >= cardinality // 2)
    else:
        left, right = rng.normal(size=(2, cardinality, 2))
        y = (left @ right.T)[a, b] > 0
    schema = 'label="label"\nitem="b"\n[fields]\na={side="user"}\nb={side="item"}\n'
    return log(
        {"label": y.astype(int), "a": [f"a{i}" for i in a], "b": [f"b{i}" for i in b]}, schema
    )
