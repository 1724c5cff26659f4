"""Runs on disk: a trained ranker with all that is needed to use it again, a folder each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load, save

from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.features.storage import restore_encoder, store_encoder
from recsys_demo.limits import Limits
from recsys_demo.training.run_files import (
    ENCODER,
    HISTORY,
    ITEMS,
    MANIFEST,
    PREDICTIONS,
    QUERIES,
    START,
    TAKEN,
    WEIGHTS,
    Files,
    Manifest,
    check_new,
    check_size,
    checksum,
    manifest_of,
    read_files,
    refused,
    save_files,
)

if TYPE_CHECKING:
    from recsys_demo.models.ranker import Ranker  # torch comes with it: only training needs it

_UNFIT = ("the run's files do not fit together", "files as the lab wrote them")
T = TypeVar("T")
Arrays = Mapping[str, npt.NDArray[np.float32]]
# Runs on one log have one catalogue and one encoder: while several are loaded, a single copy serves
# all of them. Nobody may change it.
_SHARED: WeakValueDictionary[str, Any] = WeakValueDictionary()


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
    check_new(folder)
    save_files(files_of(run, str(folder)), folder)


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
    check_size(files, where)
    manifest = Manifest(
        model=run.model,
        seed=run.seed,
        base_rate=run.base_rate,
        config=run.config,
        result=run.result,
        checksums={name: checksum(data) for name, data in files.items()},
    )
    return {**files, MANIFEST: manifest.model_dump_json(indent=1).encode()}


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


def stored_of(files: Files, folder: Path) -> StoredRun:
    """What serving needs of the files of a run; `folder` is where they are from, for messages.
    Raises InputError if they do not fit together."""
    manifest = manifest_of(files[MANIFEST], folder)
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
        raise refused(folder, *_UNFIT, error) from None


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
        raise refused(folder, *_UNFIT, error) from None
