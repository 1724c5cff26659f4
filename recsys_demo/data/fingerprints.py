"""A hash of what is read and how it is cut, so that runs can be found again by the data they saw,
wherever the files lie."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from recsys_demo.data.allowed_folders import reachable
from recsys_demo.data.frappe import frappe_files
from recsys_demo.data.movielens import movielens_files
from recsys_demo.data.reading import file_content
from recsys_demo.data.specs import PARTS, DataSpec, FileSpec, FrappeSpec, MovieLensSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.errors import InputError, Problem

FORM = 1  # counts the changes of what is made of the same files, so that old runs are not mistaken


def fingerprint(spec: DataSpec, config: SplitConfig) -> str:
    """32 hexadecimal digits that stand for the rows and how they are cut. Raises InputError."""
    paths = {"folder", "path", "data", *PARTS, "items"}
    in_parts = isinstance(spec, FileSpec) and spec.data is None
    cut = "files" if in_parts else config.model_dump_json()
    digest = hashlib.blake2b(f"{FORM}|{spec.model_dump_json(exclude=paths)}|{cut}".encode())
    problems: list[Problem] = []
    for file in _files(spec):
        try:
            digest.update(_file_digest(file).encode())
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return digest.hexdigest()[:32]


def _files(spec: DataSpec) -> list[Path]:
    match spec:
        case SampleSpec():
            return []
        case FrappeSpec():
            return frappe_files(reachable(spec.folder))
        case MovieLensSpec():
            return movielens_files(reachable(spec.path))
        case FileSpec():
            given = (spec.data, spec.train, spec.valid, spec.test, spec.items)
            return [reachable(text) for text in given if text is not None]


def _file_digest(path: Path) -> str:
    try:
        status = path.stat()
    except (OSError, ValueError):
        file_content(path)  # says what is wrong
        raise
    return _digest_of(str(path.absolute()), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _digest_of(path: str, size: int, mtime_ns: int) -> str:
    """The hash of a file, computed anew when its size or time has changed."""
    del mtime_ns
    try:
        with Path(path).open("rb") as file:
            whole = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32))
    except OSError:
        file_content(Path(path))  # says what is wrong
        raise
    return f"{whole.hexdigest()}-{size}"
