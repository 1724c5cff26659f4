"""MovieLens as it is downloaded, with made-up films."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_demo.data.movielens import MovieLensSpec, read_movielens
from recsys_demo.errors import InputError
from tests.making.files import zipped_as
from tests.making.movielens import FILES, FORMS, RATINGS


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
