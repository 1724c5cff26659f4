"""What a run folder says about itself, readable without loading the model (and without torch)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field

from recsys_demo.configuration import ModelConfig
from recsys_demo.data.schema import Frozen, validated
from recsys_demo.errors import InputError, Problem
from recsys_demo.run_files import FORMAT, MANIFEST, checksum

WEIGHTS = "weights.safetensors"
ENCODER = "encoder.json"
HISTORY = "history.csv"
ITEMS = "items.parquet"
QUERIES = "queries.parquet"
PREDICTIONS = "predictions.parquet"
FILES = (ENCODER, WEIGHTS, HISTORY, ITEMS, QUERIES, PREDICTIONS)


class Manifest(Frozen):
    """`run.json`: what the run is, and a checksum of every other file of the folder."""

    format: int = FORMAT
    model: ModelConfig
    seed: int
    base_rate: float = Field(gt=0, lt=1)
    # The whole configuration of the experiment, and its results, as the layers above define them.
    config: dict[str, Any]
    result: dict[str, Any]
    checksums: dict[str, str]


def load_manifest(folder: Path) -> Manifest:
    """What a run folder says about itself. Raises InputError if it is no run of this lab."""
    try:
        text = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise refused(
            folder, "this is no run folder", f"a folder with a file {MANIFEST}", error
        ) from None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused(folder, f"{MANIFEST} is damaged", "JSON as the lab wrote it", error) from None
    version = content.get("format") if isinstance(content, dict) else None
    if version != FORMAT:
        raise InputError(
            Problem(
                what="the run was saved by another version of the lab",
                where=str(folder),
                got=f"format {version!r}",
                expected=f"format {FORMAT}",
                remedy="Train it again; its configuration is in run.json.",
            )
        )
    return validated(Manifest, content, str(folder / MANIFEST))


def list_runs(folder: Path) -> Sequence[tuple[Path, Manifest]]:
    """Every readable run below a folder, oldest first; what is no run is passed over."""
    found = []
    for path in sorted(folder.glob(f"*/{MANIFEST}"), key=lambda p: (p.stat().st_mtime_ns, p)):
        try:
            found.append((path.parent, load_manifest(path.parent)))
        except InputError:
            continue
    return found


def load_predictions(folder: Path) -> pd.DataFrame:
    """The test rows' predictions of a run: `row` of the input file, `label`, `probability`.

    Raises InputError if they are missing or not what was saved.
    """
    manifest = load_manifest(folder)
    try:
        data = (folder / PREDICTIONS).read_bytes()
    except OSError as error:
        raise refused(folder, "the run has no predictions", PREDICTIONS, error) from None
    if checksum(data) != manifest.checksums.get(PREDICTIONS):
        raise InputError(changed(folder, PREDICTIONS))
    return pd.read_parquet(BytesIO(data))


def changed(folder: Path, name: str) -> Problem:
    """A file of the run is not what was saved."""
    return Problem(
        what="a file of the run was changed or damaged",
        where=str(folder / name),
        got="another checksum than when it was saved",
        expected="the file as the lab wrote it",
        remedy="Restore the folder from a copy, or train again.",
    )


def refused(folder: Path, what: str, expected: str, error: Exception | None = None) -> InputError:
    """The error that says what is wrong with a run folder."""
    got = str(error) if error is not None else str(folder)
    return InputError(
        Problem(what, str(folder), got, expected, "Choose another folder, or restore its files.")
    )
