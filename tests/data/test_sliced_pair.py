"""By which pair a log is sliced: what repeats in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recsys_demo.data.interactions import Interactions, build_interactions
from recsys_demo.data.pairs import sliced_pair
from recsys_demo.data.schema import Schema
from recsys_demo.data.splits import SplitConfig, split
from recsys_demo.evaluation.slices import default_slices
from tests.making.files import table

FILMS = """
label = "rating"
positive = ">= 4"
user = "person"
item = "film"
[fields]
person = {side = "user"}
film = {side = "item"}
studio = {side = "item"}
genres = {kind = "multi", side = "item", separator = "|"}
length = {kind = "numeric", side = "item"}
"""


def films(per_person: int = 60, people: int = 40, titles: int = 400) -> Interactions:
    """Ratings of people who see a film once; genres repeat, studios hardly do."""
    rng = np.random.default_rng(0)
    seen = np.concatenate([rng.choice(titles, per_person, replace=False) for _ in range(people)])
    genres = [f"g{i % 3}|g{i % 4}" if i % 50 else f"rare{i % 3}" for i in range(titles)]
    raw = table(
        rating=[str(r) for r in rng.integers(1, 6, len(seen))],
        person=[f"p{p}" for p in np.repeat(np.arange(people), per_person)],
        film=[f"f{i}" for i in seen],
    )
    items = table(
        film=[f"f{i}" for i in range(titles)],
        genres=genres,
        studio=[f"s{i % 200}" for i in range(titles)],
        length=[str(60 + i) for i in range(titles)],
    )
    return build_interactions(raw, Schema.parse(FILMS), items)[0]


def test_where_a_person_takes_an_item_once_the_pair_is_with_an_attribute() -> None:
    log = films()
    assert sliced_pair(log) == ("person", "genres")
    parts = split(log, SplitConfig(kind="random"))
    found = {one.key: one for one in default_slices(parts.train, parts.test)}
    for key in ("never", "frequent"):
        labels = parts.test.labels[found[key].mask]
        assert 0 < labels.sum() < len(labels)
    assert "person x genres" in found["frequent"].help


def test_a_pair_that_repeats_or_was_asked_for_stays() -> None:
    log = films()
    asked = log.schema.model_copy(update={"reference_pair": ("person", "film")})
    assert sliced_pair(replace(log, schema=asked)) == ("person", "film")
    twice = log.take(np.repeat(np.arange(len(log)), 2))
    assert sliced_pair(twice) == ("person", "film")


def test_without_an_attribute_there_is_no_other_pair() -> None:
    log = films()
    bare = {name: log.schema.fields[name] for name in ("person", "film", "length")}
    schema = log.schema.model_copy(update={"fields": bare})
    assert sliced_pair(replace(log, schema=schema)) == ("person", "film")
