"""Changes of the list of crosses lose nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses import entries as crosses
from tests.making.logs import random_log

SCHEMA = random_log(10).schema
ENTRIES = crosses.entries_of(["installed x app", "country x app", "age x app"])


@given(st.integers(0, 2), st.integers(-4, 4))
def test_moving_keeps_every_cross_and_the_order_of_the_others(index: int, by: int) -> None:
    moved = crosses.moved(ENTRIES, index, by)
    assert set(moved) == set(ENTRIES)
    assert moved.index(ENTRIES[index]) == min(max(index + by, 0), 2)
    others = [entry for entry in moved if entry != ENTRIES[index]]
    assert others == [entry for entry in ENTRIES if entry != ENTRIES[index]]


def test_a_cross_that_is_off_is_kept_but_not_active() -> None:
    entries = crosses.switched(ENTRIES, 1, on=False)
    assert crosses.active(entries) == ("installed x app", "age x app")
    assert crosses.switched(entries, 1, on=True) == ENTRIES


def test_names_are_shown_instead_of_definitions() -> None:
    entries = crosses.renamed(ENTRIES, 0, " who has what ")
    assert entries[0].label == "who has what"
    assert crosses.renamed(entries, 0, "")[0].label == "installed x app"


def test_adding_writes_the_cross_in_its_usual_form_and_once() -> None:
    entries = crosses.added(ENTRIES, "country=ch&app", SCHEMA)
    assert entries[-1].text == "country=ch x app"
    with pytest.raises(InputError, match="in the list already"):
        crosses.added(entries, 'app & country="ch"', SCHEMA)
    with pytest.raises(InputError, match="list is full with 4"):
        crosses.added(entries, "country=it x app", SCHEMA, limits=Limits(crosses=4))
    with pytest.raises(InputError, match="unknown field"):
        crosses.added(entries, "nothere x app", SCHEMA)
    assert crosses.removed(entries, 3) == ENTRIES
