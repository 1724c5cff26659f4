"""Known people: the last row of each in time or file order, whatever pieces a log comes in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.queries import MOST_NAMELESS, People, people_in, people_of, taken_by
from recsys_demo.data.sources import load
from recsys_demo.data.specs import FileSpec
from recsys_demo.data.splits import SplitConfig
from tests.making.logs import log

SCHEMA = """
label = "label"
user = "user"
item = "app"
{}
[fields]
app = {{kind = "categorical", side = "item"}}
age = {{kind = "numeric", side = "user"}}
"""
TIMED, UNTIMED = SCHEMA.format('time = "when"'), SCHEMA.format("")
NAMELESS = UNTIMED.replace('user = "user"\n', "")


def made(rows: int, schema: str, seed: int = 0, users: int = 7) -> Interactions:
    """A log whose numeric field is the row."""
    random = np.random.default_rng(seed)
    columns: dict[str, object] = {
        "label": [*random.integers(0, 2, rows - 2), 0, 1],
        "user": [f"u{i}" for i in random.integers(0, users, rows)],
        "app": [f"i{i}" for i in random.integers(0, 5, rows)],
        "age": np.arange(rows, dtype=float),
    }
    if "when" in schema:
        columns["when"] = random.integers(0, 9, rows).astype(float)
    return log(columns, schema)


def last_by_hand(whole: Interactions) -> dict[str, float]:
    """Row by row, as a person would look."""
    found: dict[str, tuple[float, float]] = {}
    for at in range(len(whole)):
        row = whole.frame.iloc[at]
        moment = float(row.get("when", 0.0))
        if row["user"] not in found or moment >= found[row["user"]][0]:
            found[row["user"]] = moment, row["age"]
    return {user: age for user, (_, age) in found.items()}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([TIMED, UNTIMED]), st.integers(0, 99), st.integers(1, 9))
def test_everybody_is_their_last_row(schema: str, seed: int, cuts: int) -> None:
    whole = made(60, schema, seed)
    random = np.random.default_rng(seed)
    pieces = np.array_split(random.permutation(len(whole)), cuts)
    people = people_in((0, whole.take(piece)) for piece in pieces)
    assert people.queries["age"].to_dict() == last_by_hand(whole)
    positives = whole.frame[whole.labels == 1]
    for user in positives["user"].unique():
        own = set(positives["app"][positives["user"] == user])
        assert set(taken_by(people.taken, user)) == own
        assert len(taken_by(people.taken, user)) == len(own)
    assert taken_by(people.taken, "nobody") == []


def test_without_a_time_a_later_file_is_later() -> None:
    first, second = made(60, UNTIMED, 1), made(40, UNTIMED, 2)
    people = people_in([(1, second), (0, first)])
    assert people.queries["age"].to_dict() == last_by_hand(first) | last_by_hand(second)


def test_missing_times_are_the_earliest() -> None:
    whole = made(30, TIMED, users=1)
    times = whole.frame["when"].copy()
    times.iloc[10:] = np.nan
    times.iloc[4] = 100.0
    people = people_in([(0, replace(whole, frame=whole.frame.assign(when=times)))])
    assert people.queries["age"].tolist() == [4.0]


@pytest.mark.parametrize("seed", range(3))
def test_the_last_row_does_not_depend_on_the_split(tmp_path: object, seed: int) -> None:
    """CASES 6: ann was 95, 59 or 65 by the seed of a random split, not 99."""
    path = f"{tmp_path}/log.csv"
    lines = [f"{k % 2},ann,i{k % 5},{k}" for k in range(100)]
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  # a str is what FileSpec takes
        file.write("\n".join(["label,user,app,age", *lines]))
    data = load(FileSpec(data=path, schema_toml=UNTIMED), SplitConfig(kind="random", seed=seed))
    assert people_of(data).queries["age"].to_dict() == {"ann": 99.0}


def test_any_number_of_people_is_known() -> None:
    """CASES 7: of 6,040 people 1,040 were not known."""
    whole = made(40_000, UNTIMED, users=6_040)
    people = people_in([(0, whole)])
    assert set(people.queries.index) == set(whole.frame["user"].astype("str"))
    assert people.queries["age"].to_dict() == last_by_hand(whole)


def test_of_nameless_queries_the_last_are_kept() -> None:
    whole = made(MOST_NAMELESS + 500, NAMELESS)
    people: People = people_in([(0, whole.take(part)) for part in np.array_split(range(5_500), 7)])
    assert people.queries["age"].tolist() == list(map(float, range(500, 5_500)))
    assert people.taken.empty


def test_what_is_kept_comes_back_from_parquet(tmp_path: object) -> None:
    people = people_in([(0, made(60, TIMED))])
    people.taken.to_parquet(f"{tmp_path}/taken.parquet")
    again = pd.read_parquet(f"{tmp_path}/taken.parquet")
    assert taken_by(again, "u3") == taken_by(people.taken, "u3") != []
