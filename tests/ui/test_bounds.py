"""What a link or a file asks of the server before anybody pressed anything has an end."""

from __future__ import annotations

import gc
from weakref import WeakSet

import numpy as np
import pandas as pd
import pytest

from recsys_demo.data import cache as cache_module
from recsys_demo.data.cache import Cache, size_of
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.errors import InputError
from recsys_demo.features.cross_dictionary import combination_keys, count_keys, counted_combinations
from recsys_demo.features.crosses import parse_cross
from recsys_demo.limits import SHARED, Limits
from recsys_demo.studies.crosses.log_codes import log_codes
from recsys_demo.studies.crosses.statistics import describe_cross
from recsys_demo.ui import datasets
from recsys_demo.ui.crosses import counts
from recsys_demo.ui.state import State
from tests.making.logs import log

FIELDS = ("one", "two", "three")
MULTI = (
    'label = "label"\nuser = "user"\nitem = "app"\n[fields]\napp = {side = "item"}\n'
    'one = {kind = "multi", side = "user"}\ntwo = {kind = "multi", side = "user"}\n'
    'three = {kind = "multi", side = "user"}\n'
)


def wide_log(rows: int) -> pd.DataFrame:
    """Three fields with eight of forty values in every row."""
    draw = np.random.default_rng(0)
    names = np.array([f"v{i}" for i in range(40)])
    cells = {
        name: ["|".join(names[draw.permutation(40)[:8]]) for _ in range(rows)] for name in FIELDS
    }
    return pd.DataFrame(
        {
            "user": np.arange(rows).astype(str),
            "app": np.where(np.arange(rows) % 2, "a", "b"),
            "label": draw.integers(0, 2, rows),
        }
        | cells
    )


def test_a_world_too_large_for_pages_is_refused_before_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("nothing is to be drawn")

    monkeypatch.setattr(datasets, "call_bounded", never)
    monkeypatch.setenv("RECSYS_DEMO_PAGE_BYTES", str(SHARED["page_bytes"]))
    largest = WorldConfig(users=100_000, apps=5_000, impressions=3_000_000, exceptions=20_000)
    with pytest.raises(InputError, match="too much for a page"):
        datasets.dataset(State(data=SampleSpec(world=largest)))


@pytest.mark.parametrize("world", [WorldConfig(seed=8), WorldConfig(users=20_000, apps=1_000)])
def test_the_size_of_a_world_is_known_beforehand(world: WorldConfig) -> None:
    spec = SampleSpec(world=world)
    found = datasets.dataset(State(data=spec))
    assert spec.expected_bytes == pytest.approx(2 * size_of(found), rel=0.25)


def test_caches_are_bounded_in_bytes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DEMO_KEPT_BYTES", "10000000")
    monkeypatch.setattr(cache_module, "_CACHES", WeakSet())
    cache: Cache[np.ndarray] = Cache(100)
    other: Cache[np.ndarray] = Cache(100)
    other.get("other", lambda: np.zeros(3_000_000, dtype=np.uint8))
    for number in range(10):
        cache.get(str(number), lambda: np.zeros(3_000_000, dtype=np.uint8))
    kept = [key for key in map(str, range(10)) if key in cache]
    assert kept == ["7", "8", "9"]
    cache.get("large", lambda: np.zeros(50_000_000, dtype=np.uint8))
    assert [key for key in (*kept, "large") if key in cache] == ["large"]
    assert "other" not in other
    other.get("small", lambda: np.zeros(1_000, dtype=np.uint8))
    assert ("large" in cache, "small" in other) == (False, True)
    cache.get("large", lambda: np.zeros(5_000_000, dtype=np.uint8))
    cache.forget("large")
    gc.collect()
    assert "large" not in cache


def test_a_cross_with_too_many_combinations_in_all_rows_is_refused_at_once() -> None:
    rows = log(wide_log(2_000), MULTI)
    coded = log_codes(rows, rows)
    cross = parse_cross("one x two x three", rows.schema)
    few = Limits(cross_combinations=1_000_000)
    with pytest.raises(InputError, match="1,024,000"):
        describe_cross(cross, coded, limits=few)
    with pytest.raises(InputError, match="1,024,000"):
        counts.cross_statistics("wide", cross, 2, coded, few)
    whole = describe_cross(cross, coded)
    assert int(whole.combinations.support.sum()) == 2_000 * 8**3


def test_combinations_counted_in_pieces_are_those_counted_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = log(wide_log(300), MULTI)
    coded = log_codes(rows, rows)
    for text in ("one x two x three", "app x one", "one x app=a"):
        cross = parse_cross(text, rows.schema)
        at_once = count_keys(combination_keys(cross, coded.train.codes, coded.encoder))
        monkeypatch.setattr("recsys_demo.features.cross_dictionary._CELLS_AT_ONCE", 5_000)
        in_pieces = counted_combinations(cross, coded.train.codes, coded.encoder)
        for found, expected in zip(in_pieces, at_once, strict=True):
            np.testing.assert_array_equal(found, expected)
