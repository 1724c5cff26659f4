"""DataFrames as the lab reads files: in and out by way of Parquet, so that a value means the same
in both."""

from __future__ import annotations

from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recsys_demo.data.arrow_values import arrow
from recsys_demo.data.reading import read_bytes
from recsys_demo.data.tables import RawTable


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """A DataFrame as a Parquet file; column names become text, the index is left out."""
    columns = [arrow(frame.iloc[:, at]) for at in range(frame.shape[1])]
    content = BytesIO()
    pq.write_table(pa.table(columns, names=list(map(str, frame.columns))), content)
    return content.getvalue()


def table_of(frame: pd.DataFrame, name: str = "X") -> RawTable:
    """A DataFrame as a table of the lab. Raises InputError."""
    return read_bytes(parquet_bytes(frame), name)
