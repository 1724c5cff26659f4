"""Runs on disk: a folder per training, written whole or not at all, checked when it is read."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field
from safetensors import SafetensorError
from safetensors.numpy import load, save

from recsys_demo.config.model import ModelConfig
from recsys_demo.errors import InputError, Problem
from recsys_demo.features.encoder import Encoder
from recsys_demo.features.storage import restore_encoder, store_encoder
from recsys_demo.limits import Limits
from recsys_demo.training.run_files import FORMAT, MANIFEST, checksum
from recsys_demo.values import Frozen, validated

if TYPE_CHECKING:
    from recsys_demo.models.ranker import Ranker  # torch comes with it: only training needs it

WEIGHTS = "weights.safetensors"
ENCODER = "encoder.json"
HISTORY = "history.csv"
ITEMS = "items.parquet"
QUERIES = "queries.parquet"
TAKEN = "taken.parquet"
PREDICTIONS = "predictions.parquet"
START = "start.safetensors"
_UNFIT = ("the run's files do not fit together", "files as the lab wrote them")
T = TypeVar("T")
Arrays = Mapping[str, npt.NDArray[np.float32]]
Files = Mapping[str, bytes]  # the content of a run's folder by file name
# Runs on one log have one catalogue and one encoder: while several are loaded, a single copy serves
# all of them. Nobody may change it.
_SHARED: WeakValueDictionary[str, Any] = WeakValueDictionary()
FILES = (ENCODER, WEIGHTS, HISTORY, ITEMS, QUERIES, TAKEN, PREDICTIONS, START)
NOT_IN_OLD_RUNS = (TAKEN, START)


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


@dataclass(frozen=True, eq=False)
class Run:
    """A trained ranker with all that is needed to use it again.

    `items` has a row per item of the catalogue. `queries` and `taken` are what is known of people
    (`data.queries.People`); an old run did not keep what they took: None. `history` has a row per
    event of the training, `predictions` one per test row (`row` of the input file, `label`,
    `probability`). `start` are the tables of vectors as training found them, by name; None where
    they were not kept.
    """

    model: ModelConfig
    seed: int
    base_rate: float
    encoder: Encoder
    ranker: Ranker
    config: dict[str, Any]
    result: dict[str, Any]
    history: pd.DataFrame
    items: pd.DataFrame
    queries: pd.DataFrame
    taken: pd.DataFrame | None
    predictions: pd.DataFrame
    start: Arrays | None = None


def save_run(run: Run, folder: Path) -> None:
    """Write the run to a new folder. Raises InputError if it exists or cannot be written."""
    _check_new(folder)
    save_files(files_of(run, str(folder)), folder)


def _check_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise _refused(folder, "the run folder exists already", "a new or empty folder")


def save_files(files: Files, folder: Path) -> None:
    """Write the files of a run to a new folder, all or none. Raises InputError as `save_run`."""
    _check_new(folder)
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
        raise _refused(
            folder, "the run cannot be saved", "a folder that can be written, and free space", error
        ) from None


def files_of(run: Run, where: str = "run") -> Files:
    """The content of a run's folder by file name, the manifest last. Raises InputError if it is
    larger than the limit."""
    content, arrays = store_encoder(run.encoder)
    state = run.ranker.state().items()
    tensors = {name: np.ascontiguousarray(tensor.numpy()) for name, tensor in state}
    tensors |= {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    files = {
        ENCODER: json.dumps(content).encode(),
        WEIGHTS: save(tensors),
        HISTORY: run.history.to_csv(index=False).encode(),
        ITEMS: run.items.to_parquet(),
        QUERIES: run.queries.to_parquet(),
        PREDICTIONS: run.predictions.to_parquet(),
    }
    if run.taken is not None:
        files[TAKEN] = run.taken.to_parquet()
    if run.start is not None:
        files[START] = save({n: np.ascontiguousarray(table) for n, table in run.start.items()})
    _check_size(files, where)
    manifest = Manifest(
        model=run.model,
        seed=run.seed,
        base_rate=run.base_rate,
        config=run.config,
        result=run.result,
        checksums={name: checksum(data) for name, data in files.items()},
    )
    return {**files, MANIFEST: manifest.model_dump_json(indent=1).encode()}


def _check_size(files: Files, where: str) -> None:
    size, limit = sum(map(len, files.values())), Limits.from_environment().run_bytes
    if size > limit:
        raise InputError.of(
            what="the run is larger than this lab allows",
            where=where,
            got=f"{size:,} bytes",
            expected=f"at most {limit:,} bytes",
            remedy="Choose smaller embeddings or fewer crosses, or raise RECSYS_DEMO_RUN_BYTES.",
        )


def _write_file(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def load_manifest(folder: Path) -> Manifest:
    """What a run folder says about itself. Raises InputError if it is no run of this lab."""
    return _manifest(_manifest_bytes(folder), folder)


def _manifest_bytes(folder: Path) -> bytes:
    try:
        return (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise _refused(
            folder, "this is not a run folder", f"a folder with a file {MANIFEST}", error
        ) from None


def _manifest(text: bytes, folder: Path) -> Manifest:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(
            folder, f"{MANIFEST} is damaged", "JSON as the lab wrote it", error
        ) from None
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


@dataclass(frozen=True, eq=False)
class StoredRun:
    """What serving a trained model needs, as plain arrays: read without torch.

    `state` are the ranker's values by name; `items`, `queries`, `taken` and `start` are as in
    `Run`.
    """

    manifest: Manifest
    encoder: Encoder
    state: Arrays
    items: pd.DataFrame
    queries: pd.DataFrame
    taken: pd.DataFrame | None
    start: Arrays | None = None


def load_stored(folder: Path, limits: Limits | None = None) -> StoredRun:
    """Read what serving needs. Raises InputError if a file is missing, altered or too large."""
    return stored_of(read_files(folder, limits), folder)


def read_files(folder: Path, limits: Limits | None = None) -> Files:
    """The content of a run's folder by file name. Raises InputError if a file is missing, altered
    or too large."""
    text = _manifest_bytes(folder)
    manifest = _manifest(text, folder)
    files = _checked_files(folder, manifest, limits or Limits.from_environment())
    return {**files, MANIFEST: text}


def stored_of(files: Files, folder: Path) -> StoredRun:
    """What serving needs of the files of a run; `folder` is where they are from, for messages.
    Raises InputError if they do not fit together."""
    manifest = _manifest(files[MANIFEST], folder)
    try:
        arrays = load(files[WEIGHTS])

        def table(name: str) -> pd.DataFrame:
            return _shared(manifest.checksums[name], lambda: pd.read_parquet(BytesIO(files[name])))

        keys = {n: a for n, a in arrays.items() if n.startswith("cross") and a.dtype == np.int64}
        return StoredRun(
            manifest=manifest,
            encoder=_shared(
                checksum(files[ENCODER] + b"".join(keys[name].tobytes() for name in sorted(keys))),
                lambda: restore_encoder(json.loads(files[ENCODER]), keys, str(folder / ENCODER)),
            ),
            state={name: array for name, array in arrays.items() if name not in keys},
            items=table(ITEMS),
            queries=table(QUERIES),
            taken=table(TAKEN) if TAKEN in files else None,
            start=load(files[START]) if START in files else None,
        )
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise _refused(folder, *_UNFIT, error) from None


def _shared(content: str, read: Callable[[], T]) -> T:
    """What `read` gives, or what it gave for another run with the same content (a checksum)."""
    found: T | None = _SHARED.get(content)
    return _SHARED.setdefault(content, read()) if found is None else found


def load_run(folder: Path, limits: Limits | None = None) -> Run:
    """Read a run back; it scores to the same last digit. Raises InputError if a file is missing,
    altered or too large."""
    import torch

    from recsys_demo.models.ranker import Ranker

    limits = limits or Limits.from_environment()
    stored = load_stored(folder, limits)
    manifest = stored.manifest
    try:
        ranker = Ranker(manifest.model, stored.encoder, manifest.seed, manifest.base_rate, limits)
        ranker.load({name: torch.from_numpy(array) for name, array in stored.state.items()})
        return Run(
            model=manifest.model,
            seed=manifest.seed,
            base_rate=manifest.base_rate,
            encoder=stored.encoder,
            ranker=ranker,
            config=manifest.config,
            result=manifest.result,
            history=pd.read_csv(folder / HISTORY),
            items=stored.items,
            queries=stored.queries,
            taken=stored.taken,
            predictions=pd.read_parquet(folder / PREDICTIONS),
            start=stored.start,
        )
    except (ValueError, OSError) as error:
        raise _refused(folder, *_UNFIT, error) from None


def load_predictions(folder: Path) -> pd.DataFrame:
    """The predictions of a run's test rows (`Run.predictions`) without the model. Raises
    InputError if they are missing or not what was saved."""
    manifest = load_manifest(folder)
    try:
        data = (folder / PREDICTIONS).read_bytes()
    except OSError as error:
        raise _refused(folder, "the run has no predictions", PREDICTIONS, error) from None
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
            raise _refused(
                folder, f"the run has {size:,} bytes", f"at most {limits.run_bytes:,} bytes"
            )
        files = {name: (folder / name).read_bytes() for name in names}
    except OSError as error:
        raise _refused(folder, "a file of the run is missing", ", ".join(names), error) from None
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


def _refused(folder: Path, what: str, expected: str, error: Exception | None = None) -> InputError:
    got = str(error) if error is not None else str(folder)
    return InputError.of(
        what, str(folder), got, expected, "Choose another folder, or restore its files."
    )
