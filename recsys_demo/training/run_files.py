"""The files of a run's folder: written whole or not at all, checked when they are read, by what
needs no torch."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field

from recsys_demo.config.model import ModelConfig
from recsys_demo.errors import InputError, Problem
from recsys_demo.limits import Limits
from recsys_demo.values import Frozen, validated

MANIFEST = "run.json"
FORMAT = 1
WEIGHTS = "weights.safetensors"
ENCODER = "encoder.json"
HISTORY = "history.csv"
ITEMS = "items.parquet"
QUERIES = "queries.parquet"
TAKEN = "taken.parquet"
PREDICTIONS = "predictions.parquet"
START = "start.safetensors"
FILES = (ENCODER, WEIGHTS, HISTORY, ITEMS, QUERIES, TAKEN, PREDICTIONS, START)
NOT_IN_OLD_RUNS = (TAKEN, START)
Files = Mapping[str, bytes]  # the content of a run's folder by file name


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


def check_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refused(folder, "the run folder exists already", "a new or empty folder")


def save_files(files: Files, folder: Path) -> None:
    """Write the files of a run to a new folder, all or none. Raises InputError as `save_run`."""
    check_new(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=folder.parent, prefix=f".{folder.name}.", ignore_cleanup_errors=True
        ) as temporary:
            whole = Path(temporary) / "run"
            whole.mkdir()
            for name, data in files.items():
                _write_file(whole / name, data)
            if folder.exists():
                folder.rmdir()
            whole.rename(folder)
    except OSError as error:
        raise refused(
            folder, "the run cannot be saved", "a folder that can be written, and free space", error
        ) from None


def _write_file(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def check_size(files: Files, where: str) -> None:
    size, limit = sum(map(len, files.values())), Limits.from_environment().run_bytes
    if size > limit:
        raise InputError.of(
            what="the run is larger than this lab allows",
            where=where,
            got=f"{size:,} bytes",
            expected=f"at most {limit:,} bytes",
            remedy="Choose smaller embeddings or fewer crosses, or raise RECSYS_DEMO_RUN_BYTES.",
        )


def load_manifest(folder: Path) -> Manifest:
    """What a run folder says about itself. Raises InputError if it is no run of this lab."""
    return manifest_of(_manifest_bytes(folder), folder)


def _manifest_bytes(folder: Path) -> bytes:
    try:
        return (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise refused(
            folder, "this is not a run folder", f"a folder with a file {MANIFEST}", error
        ) from None


def manifest_of(text: bytes, folder: Path) -> Manifest:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused(folder, f"{MANIFEST} is damaged", "JSON as the lab wrote it", error) from None
    version = content.get("format") if isinstance(content, dict) else None
    if version != FORMAT:
        raise InputError.of(
            what="the run was saved by another version of the lab",
            where=str(folder),
            got=f"format {version!r}",
            expected=f"format {FORMAT}",
            remedy="Train it again; its configuration is in run.json.",
        )
    return validated(Manifest, content, str(folder / MANIFEST))


def read_files(folder: Path, limits: Limits | None = None) -> Files:
    """The content of a run's folder by file name. Raises InputError if a file is missing, altered
    or too large."""
    text = _manifest_bytes(folder)
    manifest = manifest_of(text, folder)
    files = _checked_files(folder, manifest, limits or Limits.from_environment())
    return {**files, MANIFEST: text}


def load_predictions(folder: Path) -> pd.DataFrame:
    """The predictions of a run's test rows (`Run.predictions`) without the model. Raises
    InputError if they are missing or not what was saved."""
    manifest = load_manifest(folder)
    try:
        data = (folder / PREDICTIONS).read_bytes()
    except OSError as error:
        raise refused(folder, "the run has no predictions", PREDICTIONS, error) from None
    if checksum(data) != manifest.checksums.get(PREDICTIONS):
        raise InputError(_changed(folder / PREDICTIONS))
    return pd.read_parquet(BytesIO(data))


def _checked_files(folder: Path, manifest: Manifest, limits: Limits) -> Files:
    problems = []
    files: dict[str, bytes] = {}
    names = [n for n in FILES if n not in NOT_IN_OLD_RUNS or n in manifest.checksums]
    try:
        size = sum((folder / name).stat().st_size for name in names if (folder / name).exists())
        if size > limits.run_bytes:
            raise refused(
                folder, f"the run has {size:,} bytes", f"at most {limits.run_bytes:,} bytes"
            )
        files = {name: (folder / name).read_bytes() for name in names}
    except OSError as error:
        raise refused(folder, "a file of the run is missing", ", ".join(names), error) from None
    for name, data in files.items():
        if checksum(data) != manifest.checksums.get(name):
            problems.append(_changed(folder / name))
    if problems:
        raise InputError(problems)
    return files


def _changed(file: Path) -> Problem:
    return Problem(
        what="a file of the run was changed or damaged",
        where=str(file),
        got="another checksum than when it was saved",
        expected="the file as the lab wrote it",
        remedy="Restore the folder from a copy, or train again.",
    )


def is_whole(folder: Path) -> bool:
    """Whether a run folder is of this version and every file is as it was saved."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        checksums = dict(content["checksums"])
        if content["format"] != FORMAT or not checksums:
            return False
        return all(checksum((folder / n).read_bytes()) == c for n, c in checksums.items())
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def checksum(data: bytes) -> str:
    """What `run.json` says of a file's content."""
    return hashlib.sha256(data).hexdigest()


def refused(folder: Path, what: str, expected: str, error: Exception | None = None) -> InputError:
    got = str(error) if error is not None else str(folder)
    return InputError.of(
        what, str(folder), got, expected, "Choose another folder, or restore its files."
    )
