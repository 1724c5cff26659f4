"""MovieLens (Harper and Konstan 2015), the form of `ml-latest-small`: a folder or its zip."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from recsys_demo.data.archive import archive_members
from recsys_demo.data.interactions import Interactions, ReadReport, build_interactions
from recsys_demo.data.reading import RawTable, file_content, is_file, read_bytes
from recsys_demo.data.schema import Field, Schema
from recsys_demo.errors import InputError, Problem, shown
from recsys_demo.limits import Limits

FILES = ("ratings.csv", "movies.csv")
THRESHOLD = 4.0
NO_GENRES = "(no genres listed)"


def movielens_files(path: Path) -> list[Path]:
    """The files that are read: the zip, or ratings and movies of the folder. Raises InputError."""
    if is_file(path):
        return [path]
    files = [path / name for name in FILES]
    missing = [file.name for file in files if not is_file(file)]
    if missing:
        raise InputError(_not_there(str(path), missing))
    return files


def read_movielens(
    path: Path, threshold: float = THRESHOLD, limits: Limits | None = None
) -> tuple[Interactions, ReadReport]:
    """Ratings as labels: 1 where a rating is at least `threshold`. Raises InputError."""
    files = movielens_files(path)
    if len(files) == 1:
        contents = _from_zip(file_content(path, limits), path.name, limits)
    else:
        contents = {file.name: file_content(file, limits) for file in files}
    ratings, movies = (read_bytes(contents[name], name, limits) for name in FILES)
    movies = _with_year(movies)
    return build_interactions(ratings, _schema(threshold, movies), movies)


def _from_zip(content: bytes, name: str, limits: Limits | None) -> dict[str, bytes]:
    def wanted(member: str) -> bool:
        path = PurePosixPath(member)
        return path.name in FILES and len(path.parts) <= 2 and path.parts[0] != "__MACOSX"

    members = archive_members(content, name, wanted, limits)
    contents = {PurePosixPath(member).name: data for member, data in members.items()}
    missing = [file for file in FILES if file not in contents]
    if missing:
        raise InputError(_not_there(name, missing))
    return contents


def _with_year(movies: RawTable) -> RawTable:
    """The year that stands at the end of a title, as a column; no genre is an empty cell."""
    frame = movies.frame.copy()
    missing = [name for name in ("movieId", "title", "genres") if name not in frame.columns]
    if missing:
        raise InputError(
            Problem(
                what="columns of MovieLens are missing",
                where=movies.name,
                got=f"no column {', '.join(map(shown, missing))}",
                expected="movieId, title, genres",
                remedy="Give the folder or zip as it was downloaded.",
            )
        )
    years = frame["title"].astype("str").str.extract(r"\((\d{4})\)\s*$", expand=False)
    frame["year"] = pd.to_numeric(years, errors="coerce").astype(np.float64)
    frame["genres"] = frame["genres"].where(frame["genres"] != NO_GENRES)
    return RawTable(frame, movies.name, first_line=movies.first_line)


def _schema(threshold: float, movies: RawTable) -> Schema:
    fields = {
        "userId": Field(side="user"),
        "movieId": Field(side="item"),
        "genres": Field(kind="multi", side="item", separator="|"),
    }
    if movies.frame["year"].notna().any():
        fields["year"] = Field(kind="numeric", side="item")
    return Schema(
        label="rating",
        label_threshold=threshold,
        user="userId",
        item="movieId",
        item_name="title",
        time="timestamp",
        fields=fields,
    )


def _not_there(where: str, missing: list[str]) -> Problem:
    return Problem(
        what="this is not MovieLens in the form of ml-latest-small",
        where=shown(where),
        got=f"no file {' and '.join(missing)}",
        expected="a folder or a zip with ratings.csv and movies.csv",
        remedy="Give the folder or zip as it was downloaded.",
    )
