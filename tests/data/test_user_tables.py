"""A file of users beside the log: looked up for every row, counted, refused where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_demo.data.archive import tables_of
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.sources import load
from recsys_demo.data.specs import FileSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.data.user_tables import with_users
from recsys_demo.errors import InputError
from tests.making.files import table

SCHEMA = """
label = "taken"
user = "who"
item = "what"
[fields]
what = {side = "item"}
kind = {side = "item"}
diet = {side = "user"}
age = {kind = "numeric", side = "user"}
"""
LOG = "taken,who,what\n" + "".join(f"{k % 2},{k % 9},i{k % 5}\n" for k in range(200))
USERS = "who,diet,age\n" + "".join(
    f"{k},{'vegan' if k % 2 else 'all'},{20 + k}\n" for k in range(8)
)
ITEMS = "what,kind\n" + "".join(f"i{k},k{k % 2}\n" for k in range(5))


def written(folder: Path, **files: str) -> FileSpec:
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    paths = {name: str(folder / f"{name}.csv") for name in files}
    return FileSpec.model_validate({**paths, "schema_toml": SCHEMA})


def test_attributes_of_people_come_to_every_row_and_what_does_not_match_is_counted(
    tmp_path: Path,
) -> None:
    data = load(written(tmp_path, data=LOG, items=ITEMS, users=USERS), SplitConfig())
    frame = data.train.frame
    for who, diet, age in zip(frame["who"].astype(str), frame["diet"], frame["age"], strict=True):
        if who == "8":  # nobody described them
            assert diet is not frame["diet"].cat.categories[0]
            assert age != age  # noqa: PLR0124 # a missing number
        else:
            assert (diet, age) == ("vegan" if int(who) % 2 else "all", 20 + int(who))
    assert any(
        "1 of 9 users of the log, in 22 of 200 rows, are not in" in note
        for note in data.report.notes
    )


def test_parts_have_the_same_people_as_one_log(tmp_path: Path) -> None:
    head, *rows = LOG.splitlines()
    parts = {
        name: "\n".join([head, *rows[start::3]]) + "\n"
        for start, name in enumerate(("train", "valid", "test"))
    }
    spec = written(tmp_path, users=USERS, items=ITEMS, **parts)
    train = load(spec, SplitConfig()).train.frame
    assert set(train["diet"].dropna()) == {"vegan", "all"}


def test_an_archive_may_hold_all_three() -> None:
    tables = [
        table_
        for name, text in (("log", LOG), ("users", USERS), ("items", ITEMS))
        for table_ in tables_of(text.encode(), f"{name}.csv")
    ]
    log, items = log_and_items(tables, "who")
    assert items is not None
    assert items.name == "items.csv"
    assert {"diet", "age"} <= set(log.frame)


@pytest.mark.parametrize(
    ("users", "what"),
    [
        ("who,diet\n1,a\n1,b\n", "the user is described twice"),
        ("name,diet\nx,a\n", "a file lacks the user column"),
        ("who,diet\nx,a\ny,b\n", "no user of the log is described in the user file"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(users: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=what):
        load(written(tmp_path, data=LOG, items=ITEMS, users=users), SplitConfig())


def test_without_a_user_nobody_can_be_described() -> None:
    with pytest.raises(InputError, match="nothing says whom"):
        with_users(table(a=["x"]), table(a=["x"]), None)


def test_a_log_without_such_a_file_is_the_job_it_was() -> None:
    assert "users" not in FileSpec(data="a.csv", schema_toml=SCHEMA).model_dump(mode="json")
