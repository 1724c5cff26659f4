"""`score RUN_DIR`: the probability of every row of a file, by a saved run and without torch."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from recsys_demo.cli.outputs import check_outputs, write_parquet
from recsys_demo.errors import excerpt
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.row_scores import file_scores


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("run_dir", type=Path, metavar="RUN_DIR")
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="FILE",
        help="rows with the columns of the run's log; label and item fields may be missing",
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.parquet",
        help="gets a line per row: row (from 0), probability",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Score and write; the value is what `--json` prints."""
    check_outputs(None, arguments.out, {"data": arguments.data})
    recommender = Recommender.of_folder(arguments.run_dir)
    unknown: Counter[str] = Counter()

    def frames() -> Iterator[pd.DataFrame]:
        for scores in file_scores(recommender, arguments.data):
            unknown.update(scores.unknown)
            yield scores.frame()

    rows = write_parquet(frames(), arguments.out)
    for field, count in unknown.items():
        sys.stderr.write(
            f"Note: Field {excerpt(field)}: {count:,} of {rows:,} rows have a value that training "
            "rows did not have. It counts as unknown.\n"
        )
    sys.stdout.write(f"Scored {rows:,} rows of {arguments.data} into {arguments.out}.\n")
    return {
        "run": str(arguments.run_dir),
        "preset": recommender.config.name,
        "rows": rows,
        "unknown": dict(unknown),
        "out": str(arguments.out),
    }
