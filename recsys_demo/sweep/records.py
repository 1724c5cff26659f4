"""What is kept of a run of a sweep: its results, and its logits on validation and test rows.

A record is one file named by the content of its configuration and data: a sweep that was cut short
finds what it has done, and several sweeps share the runs they have in common.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys_demo.config.run import RunConfig
from recsys_demo.errors import InputError

# Counts the changes of what a record holds and of the digits that training gives, so that old
# records are not mistaken for new ones.
FORM = 3
PARTS = ("valid", "test")
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a part as one run saw them: labels [n], logits [n], slices by key [n]."""

    labels: npt.NDArray[np.uint8]
    logits: npt.NDArray[np.float64]
    slices: Mapping[str, Mask]


@dataclass(frozen=True, eq=False)
class Record:
    """The results of one run. `result` is what `train --json` prints; `seconds` is the wall time
    of the whole run; `slice_labels` says in words what each slice is."""

    key: str
    config: RunConfig
    result: Mapping[str, Any]
    base_rate: float
    seconds: float
    slice_labels: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class SweptRun:
    """What a worker sends back."""

    record: Record
    rows: Mapping[str, Rows]


def without_name(config: RunConfig) -> RunConfig:
    """The run without its model's name: two models that differ in nothing else are one run."""
    return config.model_copy(update={"model": config.model.model_copy(update={"name": "sweep"})})


def record_key(config: RunConfig) -> str:
    """The name of a run by what decides its digits: the content of its data wherever the files
    lie, and its configuration but for the model's name. Raises InputError if the data are gone."""
    content = config.model_dump(mode="json", exclude={"data", "split"})
    content["model"].pop("name")
    content["data"] = config.data.fingerprint(config.split)
    text = json.dumps([FORM, content], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Records:
    """A folder of records. Files are written whole or not at all; damaged ones count as missing,
    so that their runs are trained again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def prepare(self) -> None:
        """Make the folder. Raises InputError if it cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError as error:
            raise _not_kept(self.folder, error) from None

    def put(self, trained: SweptRun) -> None:
        """Keep a run. Raises InputError if the folder cannot be written."""
        record = trained.record
        arrays: dict[str, npt.NDArray[Any]] = {"meta": _meta(trained)}
        for part, rows in trained.rows.items():
            arrays[f"{part}.labels"] = np.packbits(rows.labels)
            arrays[f"{part}.logits"] = rows.logits
            for key, mask in rows.slices.items():
                arrays[f"{part}.slice.{key}"] = np.packbits(mask)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                temporary = Path(file.name)
                np.savez(file, allow_pickle=False, **arrays)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path(record.key))
        except OSError as error:
            raise _not_kept(self.folder, error) from None

    def get(self, key: str) -> Record | None:
        """The results of a run, None if it is not there or its file is damaged."""
        try:
            with np.load(self._path(key), allow_pickle=False) as file:
                meta = json.loads(file["meta"].tobytes())
            record = Record(
                key=meta["key"],
                config=RunConfig.model_validate(meta["config"]),
                result=meta["result"],
                base_rate=float(meta["base_rate"]),
                seconds=float(meta["seconds"]),
                slice_labels=meta["slice_labels"],
            )
        except (OSError, KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        return record if record.key == key else None

    def rows(self, key: str, part: str) -> Rows | None:
        """The rows of one part of a run, None if they cannot be read."""
        try:
            with np.load(self._path(key), allow_pickle=False) as file:
                logits = file[f"{part}.logits"]
                prefix = f"{part}.slice."
                slices = {
                    name.removeprefix(prefix): _bits(file[name], len(logits)).astype(bool)
                    for name in file.files
                    if name.startswith(prefix)
                }
                return Rows(_bits(file[f"{part}.labels"], len(logits)), logits, slices)
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
            return None

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"


def _meta(trained: SweptRun) -> npt.NDArray[np.uint8]:
    record = trained.record
    text = json.dumps(
        {
            "key": record.key,
            "config": record.config.model_dump(mode="json"),
            "result": record.result,
            "base_rate": record.base_rate,
            "seconds": record.seconds,
            "slice_labels": record.slice_labels,
        }
    )
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _bits(packed: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.uint8]:
    return np.unpackbits(packed, count=count)


def _not_kept(folder: Path, error: OSError) -> InputError:
    return InputError.of(
        what="the results of a run cannot be kept",
        where=str(folder),
        got=str(error),
        expected="a folder that can be written, and free space",
        remedy="Make room or choose another folder; what is finished stays finished.",
    )
