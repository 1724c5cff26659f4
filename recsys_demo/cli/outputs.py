"""What a command is to write: refused before any work if it cannot be, or if it would replace what
is there."""

from __future__ import annotations

import filecmp
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recsys_demo.data.specs import PARTS
from recsys_demo.errors import InputError, Problem


def check_outputs(
    out: Path | None,
    file: Path | None,
    inputs: Mapping[str, Path | None],
    ending: str = ".parquet",
) -> None:
    """Raises InputError with everything that stands in the way of a new run folder and of a file,
    which may replace one with this ending. `inputs` are the files read, by their arguments."""
    problems: list[Problem] = []
    if out is not None:
        problems += _of_folder(out)
    if file is not None:
        problems += _of_file(file, out, inputs, ending)
    if problems:
        raise InputError(problems)


def write_parquet(frames: Iterable[pd.DataFrame], path: Path) -> int:
    """Write frames one under the other, with one of them in memory, and the file whole or not at
    all; how many rows they have. Raises InputError if it cannot be written."""
    try:
        with tempfile.TemporaryDirectory(
            dir=path.absolute().parent, prefix=f".{path.name}.", ignore_cleanup_errors=True
        ) as folder:
            whole = Path(folder) / path.name
            rows = _written(frames, whole)
            whole.replace(path)
            return rows
    except OSError as error:
        raise InputError(_unwritable(path, error, "a file that can be written")) from None


def write_text(text: str, path: Path) -> None:
    """Write a file whole or not at all. Raises InputError if it cannot be written."""
    try:
        with tempfile.TemporaryDirectory(
            dir=path.absolute().parent, prefix=f".{path.name}.", ignore_cleanup_errors=True
        ) as folder:
            whole = Path(folder) / path.name
            whole.write_text(text, encoding="utf-8")
            whole.replace(path)
    except OSError as error:
        raise InputError(_unwritable(path, error, "a file that can be written")) from None


def _written(frames: Iterable[pd.DataFrame], path: Path) -> int:
    rows, writer = 0, None
    try:
        for frame in frames:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table.cast(writer.schema))
            rows += len(frame)
    finally:
        if writer is not None:
            writer.close()
    return rows


def same_parts(inputs: Mapping[str, Path | None]) -> Iterator[str]:
    """A sentence for every two parts that are the same rows."""
    given = {name: path.expanduser() for name in PARTS if (path := inputs[name]) is not None}
    paths = {name: path for name, path in given.items() if path.is_file()}
    for one, other in combinations(paths, 2):
        if filecmp.cmp(paths[one], paths[other], shallow=False):
            what = (
                "the model is measured on rows it learned from"
                if "train" in (one, other)
                else "training stops where the test rows are best"
            )
            yield f"--{one} and --{other} hold the same rows: {what}, so the numbers flatter."


def _of_folder(out: Path) -> Iterator[Problem]:
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            got = "a folder with files in it" if out.is_dir() else "a file"
            yield _there(out, got, "a new or empty folder")
            return
        above = next(path for path in out.absolute().parents if path.exists())
        with tempfile.TemporaryDirectory(dir=above, prefix=".recsys-"):
            pass
    except (OSError, ValueError) as error:
        yield _unwritable(out, error, "a folder that can be written")


def _of_file(
    path: Path, out: Path | None, inputs: Mapping[str, Path | None], ending: str
) -> Iterator[Problem]:
    try:
        for name, other in inputs.items():
            if other is not None and path.exists() and other.exists() and path.samefile(other):
                yield _there(
                    path, f"the file given as --{name}", "a file that nothing is read from"
                )
                return
        if path.exists() and not path.is_file():
            yield _there(path, "a folder", "a file")
        elif path.exists() and path.suffix != ending:
            yield _there(path, "a file of another kind", f"a new file, or *{ending}")
        elif out is not None and path.absolute() == out.absolute():
            yield _there(path, "the folder given as --out", "another path")
        elif out is None or path.absolute().parent != out.absolute():  # --out makes its own folder
            with tempfile.TemporaryFile(dir=path.absolute().parent):
                pass
    except (OSError, ValueError) as error:
        yield _unwritable(path, error, "a file in a folder that is there and can be written")


def _there(path: Path, got: str, expected: str) -> Problem:
    return Problem(
        what="something is there already",
        where=str(path),
        got=got,
        expected=expected,
        remedy="Choose another path, or remove what is there.",
    )


def _unwritable(path: Path, error: Exception, expected: str) -> Problem:
    return Problem(
        what="the result could not be written here",
        where=str(path),
        got=getattr(error, "strerror", None) or str(error),
        expected=expected,
        remedy="Make the folder, or choose another path.",
    )
