"""The files of a data source as bytes, for workers on machines that do not have them."""

from __future__ import annotations

import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from recsys_demo.data.allowed_folders import reachable
from recsys_demo.data.fingerprints import fingerprint
from recsys_demo.data.frappe import frappe_files
from recsys_demo.data.movielens import movielens_files
from recsys_demo.data.reading import file_content
from recsys_demo.data.specs import DataSpec, FrappeSpec, MovieLensSpec
from recsys_demo.data.splits import SplitConfig

PATHS = ("folder", "path", "data", "train", "valid", "test", "items")


@dataclass(frozen=True, eq=False)
class Package:
    """Files by the field of the source that names them: {field: {file name: packed bytes}}."""

    fingerprint: str
    spec: DataSpec
    folders: frozenset[str]
    files: dict[str, dict[str, bytes]]


def pack(spec: DataSpec, split: SplitConfig) -> Package | None:
    """All files of a source; None for a source that is made from its settings and needs none.

    Raises InputError if a file cannot be read.
    """
    paths = {name: reachable(value) for name in PATHS if (value := _path(spec, name))}
    if not paths:
        return None
    files = {
        name: {file.name: zlib.compress(file_content(file), 1) for file in _inside(spec, path)}
        for name, path in paths.items()
    }
    folders = frozenset(name for name, path in paths.items() if path.is_dir())
    return Package(fingerprint(spec, split), spec, folders, files)


class _Unpacked:
    """The packages this worker has written down, each once for as long as the worker lives."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._folders: dict[str, tempfile.TemporaryDirectory[str]] = {}

    def spec(self, package: Package) -> DataSpec:
        """The source with paths on this machine."""
        with self._lock:
            if package.fingerprint not in self._folders:
                self._folders[package.fingerprint] = _unpack(package)
        root = Path(self._folders[package.fingerprint].name)
        paths = {
            field: str(root / field if field in package.folders else root / field / next(iter(fs)))
            for field, fs in package.files.items()
        }
        return package.spec.model_copy(update=paths)


_UNPACKED = _Unpacked()


def unpacked(package: Package) -> DataSpec:
    """The source of a package as this process can read it: the same rows, the same fingerprint."""
    return _UNPACKED.spec(package)


def _unpack(package: Package) -> tempfile.TemporaryDirectory[str]:
    # A fresh private folder, removed when the worker ends; names are those of single files.
    folder = tempfile.TemporaryDirectory(prefix="recsys-demo-data-")
    for field, files in package.files.items():
        target = Path(folder.name) / field
        target.mkdir()
        for name, content in files.items():
            (target / Path(name).name).write_bytes(zlib.decompress(content))
    return folder


def _path(spec: DataSpec, name: str) -> str | None:
    value: str | None = getattr(spec, name, None)
    return value


def _inside(spec: DataSpec, path: Path) -> list[Path]:
    match spec:
        case FrappeSpec():
            return frappe_files(path)
        case MovieLensSpec():
            return movielens_files(path)
        case _:
            return [path]
