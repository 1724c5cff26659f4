"""How many values a Parquet file holds, counted in a process of its own.

Lists pack so well that a small file may hold more values than memory does, and only the metadata
of its columns say so. Reading these of a damaged file can end the process (pyarrow 26 aborts where
it should raise), and that must not be the server.
"""

from __future__ import annotations

import io
import subprocess
import sys

import pyarrow.parquet as pq

MAGIC = b"PAR1"
SECONDS = 60


def count_values(content: bytes) -> int:
    """The values of all columns of a Parquet file. Raises ValueError for damaged metadata."""
    told = subprocess.run(
        [sys.executable, "-m", "recsys_demo.data.parquet_values"],
        input=_footer(content),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if told.returncode:
        raise ValueError("its description of the columns is damaged")
    return int(told.stdout)


def _footer(content: bytes) -> bytes:
    """A file with the same metadata and no data."""
    length = int.from_bytes(content[-8:-4], "little") + 8
    return MAGIC + content[-length:]


def main() -> None:
    """Count the values of the file on standard input."""
    metadata = pq.read_metadata(io.BytesIO(sys.stdin.buffer.read()))
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    values = sum(g.column(i).num_values for g in groups for i in range(g.num_columns))
    sys.stdout.write(str(values))


if __name__ == "__main__":
    main()
