"""MovieLens (Harper and Konstan 2015) in each form it is downloaded in: a folder or its zip."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field as Setting

from recsys_demo.data.allowed_folders import place
from recsys_demo.data.archive import archive_members
from recsys_demo.data.files import file_content, is_file
from recsys_demo.data.interactions import Interactions, ReadReport, build_interactions
from recsys_demo.data.movielens_forms import FORMS, Form, form_of
from recsys_demo.data.reading import RawTable, read_bytes
from recsys_demo.data.schema import Field, Schema
from recsys_demo.data.source import PathText, Source, WholeLog
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.limits import Limits

THRESHOLD = 4.0
NO_GENRES = "(no genres listed)"
RATINGS = ("userId", "movieId", "rating", "timestamp")
MOVIES = ("movieId", "title", "genres")


class MovieLensSpec(Source):
    """MovieLens as it is downloaded, ratings made labels."""

    kind: Literal["movielens"] = "movielens"
    title: ClassVar[str] = "MovieLens"
    upload_types: ClassVar[tuple[str, ...]] = ("zip", "csv", "dat", "data", "item", "user")
    path: PathText = Setting(
        description="Folder or zip of MovieLens on the machine that runs the lab"
    )
    threshold: float = Setting(
        THRESHOLD,
        gt=0.5,
        le=5.0,
        json_schema_extra={"step": 0.5},
        description="A film counts as liked from this rating on",
    )

    @classmethod
    def recognizes(cls, names: Sequence[str]) -> bool:
        """Whether ratings and films of one form are among the files."""
        return form_of(set(names)) is not None

    def _files(self, path: Path) -> list[Path]:
        return movielens_files(path)

    def _read(self) -> WholeLog:
        return WholeLog(*read_movielens(Path(self.path), self.threshold))


def movielens_files(path: Path) -> list[Path]:
    """The files that are read: the zip, or ratings, films and people of the folder or of the one
    folder in it. Raises InputError."""
    if is_file(path):
        return [path]
    try:
        inner = sorted(child for child in path.iterdir() if child.is_dir())
    except (OSError, ValueError):
        inner = []
    wanted = {name for form in FORMS for name in form.names}
    known: set[str] = set()
    for folder in (path, *(inner if len(inner) == 1 else [])):
        there = {name for name in wanted if is_file(folder / name)}
        if (form := form_of(there)) is not None:
            return [folder / name for name in form.names if name in there]
        known |= there
    raise InputError(_not_there(place(path), known))


def read_movielens(
    path: Path, threshold: float = THRESHOLD, limits: Limits | None = None
) -> tuple[Interactions, ReadReport]:
    """Ratings as labels: 1 where a rating is at least `threshold`. Raises InputError."""
    files = movielens_files(path)
    if len(files) == 1:
        contents = _from_zip(file_content(path, limits), path.name, limits)
    else:
        contents = {file.name: file_content(file, limits) for file in files}
    form = form_of(set(contents))
    assert form is not None
    ratings, movies, people = _tables(form, contents, limits)
    if people is not None:
        ratings = _with_people(ratings, people)
    movies = _with_year(movies)
    return build_interactions(ratings, _schema(form, threshold, ratings, movies), movies)


def _from_zip(content: bytes, name: str, limits: Limits | None) -> dict[str, bytes]:
    """The files of the first form that the zip holds, at its top or in one folder."""
    wanted = {name for form in FORMS for name in form.names}

    def is_wanted(member: str) -> bool:
        path = PurePosixPath(member)
        return path.name in wanted and len(path.parts) <= 2 and path.parts[0] != "__MACOSX"

    members = archive_members(content, name, is_wanted, limits)
    contents = {PurePosixPath(member).name: data for member, data in members.items()}
    form = form_of(set(contents))
    if form is None:
        raise InputError(_not_there(excerpt(name), set(contents)))
    return {name: contents[name] for name in form.names if name in contents}


def _tables(
    form: Form, contents: Mapping[str, bytes], limits: Limits | None
) -> tuple[RawTable, RawTable, RawTable | None]:
    if form.separators is None:
        ratings, movies = (read_bytes(contents[name], name, limits) for name in form.names)
        return ratings, movies, None
    separators, (_, movie_cells, user_cells) = form.separators, form.widths

    def table(
        name: str, columns: Iterable[str], width: int, cells: Callable[[list[str]], list[str]]
    ) -> RawTable:
        lines = _lines(contents[name], separators[name], width, name)
        return _table(map(cells, lines), tuple(columns), name, limits)

    ratings = _ratings(contents[form.ratings], separators[form.ratings], form.ratings, limits)
    movies = table(form.movies, MOVIES, movie_cells, form.movie)
    people = None
    if form.users is not None and form.users in contents:
        people = table(form.users, ("userId", *form.user_fields), user_cells, form.user)
    return ratings, movies, people


def _ratings(content: bytes, separator: str, name: str, limits: Limits | None) -> RawTable:
    """A rating is four numbers, so that its separators alone tell it from a table."""
    header = "\t".join(RATINGS).encode() + b"\n"
    try:
        table = read_bytes(header + content.replace(separator.encode(), b"\t"), name, limits)
    except InputError:
        for _ in _lines(content, separator, len(RATINGS), name):
            pass  # a bad line is named by its number in the file as it is
        raise
    return replace(table, first_line=1)


def _lines(content: bytes, separator: str, width: int, name: str) -> Iterator[list[str]]:
    """The cells of each line. Raises InputError for the first line with other than `width`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # 1M and 100K
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        cells = line.split(separator)
        if line and len(cells) != width:
            raise InputError.of(
                what="the line has the wrong number of cells",
                where=f"{name}, line {number}",
                got=f"{len(cells)} cells: {excerpt(line)}",
                expected=f"{width} cells with {excerpt(separator)} between them",
                remedy="Give the folder or zip as it was downloaded.",
            )
        if line:
            yield cells


def _table(
    rows: Iterable[list[str]], columns: tuple[str, ...], name: str, limits: Limits | None
) -> RawTable:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return replace(read_bytes(text.getvalue().encode(), name, limits), first_line=1)


def _with_people(ratings: RawTable, people: RawTable) -> RawTable:
    """What is known of each person beside each of their ratings."""
    known = people.frame.drop_duplicates("userId").set_index("userId")
    at = known.index.get_indexer(ratings.frame["userId"].cat.categories)
    row = np.where(ratings.frame["userId"].cat.codes < 0, -1, at[ratings.frame["userId"].cat.codes])
    told = {name: _taken(known[name], row) for name in known.columns}
    return replace(ratings, frame=ratings.frame.assign(**told))


def _taken(values: pd.Series, rows: np.ndarray) -> pd.Categorical:
    """The values at these rows, missing where the row is -1."""
    codes = values.cat.codes.to_numpy()
    return pd.Categorical.from_codes(
        np.where(rows < 0, -1, codes[rows]), categories=values.cat.categories
    )


def _with_year(movies: RawTable) -> RawTable:
    """The year that stands at the end of a title, as a column; no genre is an empty cell."""
    frame = movies.frame.copy()
    missing = [name for name in MOVIES if name not in frame.columns]
    if missing:
        raise InputError.of(
            what="columns of MovieLens are missing",
            where=movies.name,
            got=f"no column {', '.join(map(excerpt, missing))}",
            expected=", ".join(MOVIES),
            remedy="Give the folder or zip as it was downloaded.",
        )
    years = frame["title"].astype("str").str.extract(r"\((\d{4})\)\s*$", expand=False)
    frame["year"] = pd.to_numeric(years, errors="coerce").astype(np.float64)
    frame["genres"] = frame["genres"].where(frame["genres"] != NO_GENRES)
    return replace(movies, frame=frame)


def _schema(form: Form, threshold: float, ratings: RawTable, movies: RawTable) -> Schema:
    fields = {"userId": Field(side="user")}
    for name, kind in zip(form.user_fields, form.user_kinds, strict=True):
        if name in ratings.frame:
            fields[name] = Field(kind=kind, side="user")
    fields |= {
        "movieId": Field(side="item"),
        "genres": Field(kind="multi", side="item", separator="|"),
    }
    if movies.frame["year"].notna().any():
        fields["year"] = Field(kind="numeric", side="item")
    return Schema(
        label="rating",
        positive=f">= {threshold:g}",
        user="userId",
        item="movieId",
        item_name="title",
        time="timestamp",
        fields=fields,
    )


def _not_there(where: str, names: set[str]) -> Problem:
    halves = (({form.ratings, form.movies} - names, form) for form in FORMS)
    missing = next((left for left, form in halves if len(left) == 1), None)
    forms = ", or ".join(f"{form.ratings} and {form.movies}" for form in FORMS)
    return Problem(
        what="this is not MovieLens as it is downloaded",
        where=where,
        got=f"no file {missing.pop()}" if missing else "other files",
        expected=f"a folder or a zip with {forms}",
        remedy="Give the folder or zip as it was downloaded.",
    )
