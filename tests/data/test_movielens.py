"""MovieLens as it is downloaded, with made-up films."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_demo.data.movielens import MovieLensSpec, read_movielens
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
    assert log.item_names()["10"] == "Bear, The (L\u2019ours) (1988)"
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
    with pytest.raises(InputError, match=r"other files; expected .*u\.data and u\.item"):
        read_movielens(tmp_path)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_bytes(RATINGS)
    (tmp_path / "movies.csv").write_bytes(b"id,name\n1,Ants\n")
    with pytest.raises(InputError, match="columns of MovieLens are missing"):
        read_movielens(tmp_path)


# The layouts of the other downloads, people and films made up; 1M and 100K are Latin-1.
FLAGS = {"Comedy": 5, "Drama": 8}


def _item(movie: str, title: str, *genres: str) -> str:
    flags = ["1" if place in {FLAGS[g] for g in genres} else "0" for place in range(19)]
    return "|".join([movie, title, "01-Jan-1998", "", "http://x", *flags])


def _latin(*lines: str) -> bytes:
    return "\n".join([*lines, ""]).encode("latin-1")


FORMS = {
    "ml-100k": {
        "u.data": b"1\t1\t4\t964982703\n1\t2\t3\t964982704\n2\t10\t5\t9\n",
        "u.item": _latin(
            _item("1", "Ants (1998)", "Comedy", "Drama"),
            _item("2", "Untitled"),
            _item("10", '"Ours, L\xe9" (1988)', "Drama"),
            _item("11", "Unrated (2001)", "Drama"),
        ),
        "u.user": b"1|24|M|technician|85711\n2|53|F|other|94043\n",
        "u.genre": b"unknown|0\n",
        "ua.base": b"1\t1\t4\t964982703\n",
        "README": b"x",
    },
    "ml-1m": {
        "ratings.dat": b"1::1::4::964982703\n1::2::3::964982704\n2::10::5::9\n",
        "movies.dat": _latin(
            "1::Ants (1998)::Comedy|Drama",
            "2::Untitled::(no genres listed)",
            '10::"Ours, L\xe9" (1988)::Drama',
            "11::Unrated (2001)::Drama",
        ),
        "users.dat": b"1::M::25::12::85711\n2::F::56::0::94043\n",
        "README": b"x",
    },
    "ml-10M100K": {
        "ratings.dat": b"1::1::4.0::964982703\n1::2::3.5::964982704\n2::10::5::9\n",
        "movies.dat": "1::Ants (1998)::Comedy|Drama\n2::Untitled::\n"
        '10::"Ours, L\xe9" (1988)::Drama\n11::Unrated (2001)::Drama\n'.encode(),
        "tags.dat": b"1::1::a tag::9\n",
        "README.html": b"x",
    },
    "ml-25m": {
        "ratings.csv": RATINGS,
        "movies.csv": MOVIES.replace(b"Bear, The (L\xe2\x80\x99ours) (1988) ", b"Ours (1988)"),
        "genome-scores.csv": b"movieId,tagId,relevance\n1,1,0.5\n",
        "README.txt": b"x",
    },
}
PEOPLE = {
    "ml-100k": {"age": [24, 24, 53], "gender": [*"MMF"], "occupation": "technician other"},
    "ml-1m": {"age": ["25-34", "25-34", "56 or more"], "gender": [*"MMF"], "occupation": "pro oth"},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", ["folder", "folder in a folder", "zip", "flat zip"])
def test_every_download_is_read_as_it_comes(form: str, way: str, tmp_path: Path) -> None:
    path = tmp_path / "given"
    if way.startswith("folder"):
        inside = path / form if "in a" in way else path
        inside.mkdir(parents=True)
        for name, content in FORMS[form].items():
            (inside / name).write_bytes(content)
    else:
        prefix = "" if "flat" in way else f"{form}/"
        path.write_bytes(zipped_as({prefix + n: c for n, c in FORMS[form].items()}))
    log, report = read_movielens(path)
    assert (report.read, report.kept) == (3, 3)
    assert log.labels.tolist() == [1, 0, 1]
    assert log.frame["timestamp"].tolist() == [964982703, 964982704, 9]
    assert [*map(str, log.frame["userId"])] == ["1", "1", "2"]
    assert [*map(str, log.frame["movieId"])] == ["1", "2", "10"]
    assert log.frame["genres"].tolist()[::2] == ["Comedy|Drama", "Drama"]
    assert log.frame["genres"].isna().tolist() == [False, True, False]
    np.testing.assert_equal(log.frame["year"].to_numpy(), [1998, np.nan, 1988])
    assert log.items.index.tolist() == ["1", "2", "10", "11"]
    name = "Ours (1988)" if form == "ml-25m" else '"Ours, L\xe9" (1988)'
    assert log.item_names()["10"] == name
    told = PEOPLE.get(form, {})
    assert {n for n, f in log.schema.fields.items() if f.side == "user"} == {"userId", *told}
    if told:
        assert log.frame["age"].tolist() == told["age"]
        assert log.frame["gender"].tolist() == told["gender"]
        jobs = log.frame["occupation"].tolist()
        assert jobs[0] == jobs[1]
        for job, start in zip(jobs[1:], str(told["occupation"]).split(), strict=True):
            assert job.startswith(start)


@pytest.mark.parametrize("form", FORMS)
def test_downloads_are_recognized_by_their_names(form: str) -> None:
    assert MovieLensSpec.recognizes([*FORMS[form]])
    assert not MovieLensSpec.recognizes([name for name in FORMS[form] if "item" not in name][1:2])


@pytest.mark.parametrize("form", ["ml-1m", "ml-100k"])
def test_a_damaged_line_is_named(form: str, tmp_path: Path) -> None:
    for name, content in FORMS[form].items():
        (tmp_path / name).write_bytes(content)
    films = "movies.dat" if form == "ml-1m" else "u.item"
    (tmp_path / films).write_bytes(FORMS[form][films] + b"12,Cut short\n")
    with pytest.raises(InputError, match=rf"{films}, line 5: the line has the wrong number"):
        read_movielens(tmp_path)
    (tmp_path / films).write_bytes(FORMS[form][films])
    ratings = "ratings.dat" if form == "ml-1m" else "u.data"
    (tmp_path / ratings).write_bytes(FORMS[form][ratings] + b"12,Cut short\n")
    with pytest.raises(InputError, match=rf"{ratings}, line 4: the line has the wrong number"):
        read_movielens(tmp_path)


def test_people_nobody_tells_of_have_nothing_in_their_fields(tmp_path: Path) -> None:
    for name, content in FORMS["ml-1m"].items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "users.dat").write_bytes(b"2::F::56::99::94043\n")
    log, _ = read_movielens(tmp_path)
    assert log.frame["gender"].isna().tolist() == [True, True, False]
    assert log.frame["occupation"].tolist()[2] == "99"
