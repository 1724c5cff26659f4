"""Files to take away: the Embedding Projector's pair of TSV files, and the map as CSV."""

from __future__ import annotations

import math
import re

import pandas as pd

from recsys_demo.csv_export import harmless, to_csv
from recsys_demo.studies.embeddings.vectors import FieldVectors, Matrix

AXES = ("x", "y", "z")
BREAKING = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


def vectors_tsv(field: FieldVectors) -> bytes:
    """One line per value, numbers separated by tabs, no header; digits enough to read the same
    float back."""
    lines = ("\t".join(map(repr, row)) for row in field.vectors.tolist())
    return "".join(line + "\n" for line in lines).encode()


def metadata_tsv(field: FieldVectors) -> bytes:
    """A header, then one line per value in the order of the vectors: name, value, metadata."""
    columns = ["name", "value", *field.metadata.columns]
    rows = zip(
        field.names,
        field.values,
        *(field.metadata[c].tolist() for c in field.metadata.columns),
        strict=True,
    )
    lines = [columns, *rows]
    return "".join("\t".join(_cell(cell) for cell in line) + "\n" for line in lines).encode()


def map_csv(field: FieldVectors, places: Matrix) -> bytes:
    """The map with a row per value: name, value, x, y (and z), metadata."""
    return to_csv(map_frame(field, places))


def map_frame(field: FieldVectors, places: Matrix) -> pd.DataFrame:
    """The same as a frame."""
    named = pd.DataFrame({"name": field.names, "value": field.values})
    where = pd.DataFrame(places, columns=list(AXES[: places.shape[1]]))
    return pd.concat([named, where, field.metadata.reset_index(drop=True)], axis=1)


def _cell(value: object) -> str:
    """A cell on one line: a tab or a line break in a name would shift every later row."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(harmless(BREAKING.sub(" ", str(value))))
