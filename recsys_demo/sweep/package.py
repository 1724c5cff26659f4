"""The files of a data source as bytes, for workers on machines that do not have them."""

from __future__ import annotations

import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from recsys_demo.data.files import file_content
from recsys_demo.data.specs import DataSpec
from recsys_demo.data.splits import SplitConfig


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
    named, found = spec.checked_paths(), spec.files()
    if not found:
        return None
    files = {
        name: {file.name: zlib.compress(file_content(file), 1) for file in inside}
        for name, inside in found.items()
    }
    # A field that names no file that is read names the folder of those that are.
    folders = frozenset(name for name, inside in found.items() if inside != [named[name]])
    return Package(spec.fingerprint(split), spec, folders, files)


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
        return package.spec.at(paths)


_UNPACKED = _Unpacked()


def unpacked_source(package: Package) -> DataSpec:
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
