"""MovieLens as it is downloaded, with made-up films."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_demo.data.movielens import read_movielens
from recsys_demo.errors import InputError
from tests.making.files import zipped_as

RATINGS = b"userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,3.5,964982704\n2,10,5.0,9\n"
MOVIES = (
    "movieId,title,genres\n1,Ants (1998),Comedy|Drama\n2,Untitled,(no genres listed)\n"
    '10,"Bear, The (L\u2019ours) (1988) ",Drama\n11,Unrated (2001),Drama\n'
).encode()
FILES = {"ratings.csv": RATINGS, "movies.csv": MOVIES, "links.csv": b"\x00", "README.txt": b"x"}


@pytest.fixture(params=["folder", "zip", "flat zip"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "folder":
        for name, content in FILES.items():
            (tmp_path / name).write_bytes(content)
        return tmp_path
    inside = "ml-latest-small/" if request.param == "zip" else ""
    path = tmp_path / "ml.zip"
    path.write_bytes(zipped_as({inside + name: content for name, content in FILES.items()}))
    return path


def test_ratings_become_labels(source: Path) -> None:
    log, report = read_movielens(source, threshold=4.0)
    assert report.kept == 3
    assert log.labels.tolist() == [1, 0, 1]
    assert log.frame["timestamp"].tolist() == [964982703, 964982704, 9]
    assert log.frame["genres"].tolist()[::2] == ["Comedy|Drama", "Drama"]
    assert log.frame["genres"].isna().tolist() == [False, True, False]
    np.testing.assert_equal(log.frame["year"].to_numpy(), [1998, np.nan, 1988])
    assert log.item_names()["10"] == "Bear, The (L\u2019ours) (1988) "
    assert log.items.index.tolist() == ["1", "2", "10", "11"]


def test_the_threshold_is_the_persons(source: Path) -> None:
    log, _ = read_movielens(source, threshold=4.5)
    assert log.labels.tolist() == [0, 0, 1]
    with pytest.raises(InputError, match="every row has the same label"):
        read_movielens(source, threshold=1.0)


@pytest.mark.parametrize("missing", ["ratings.csv", "movies.csv"])
def test_another_zip_is_refused(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped_as({n: c for n, c in FILES.items() if n != missing}))
    with pytest.raises(InputError, match=f"no file {missing}"):
        read_movielens(path)
    with pytest.raises(InputError, match=r"no file ratings\.csv and movies\.csv"):
        read_movielens(tmp_path)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_bytes(RATINGS)
    (tmp_path / "movies.csv").write_bytes(b"id,name\n1,Ants\n")
    with pytest.raises(InputError, match="columns of MovieLens are missing"):
        read_movielens(tmp_path)
